"""A dataset as values: scans, sidecars, participants; read once, in a few sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..protocol_specs.spec import Spec
from . import recognise
from .contents import Content, read_contents
from .entities import BidsPath, parse
from .inheritance import Inheritance
from .sidecar import LIMIT, Sidecar, parse_sidecar
from .table import LIMIT as TABLE_LIMIT
from .table import Table, parse_table
from .tree import LINK, Entry, Tree, Unreadable

IMAGES = (".nii.gz", ".nii")
_MISSING = Sidecar({})


class Stage(Enum):
    """What has been done to an image since the scanner."""

    RAW = "raw"
    PREPROCESSED = "preprocessed"
    DERIVATIVE = "derivative"


@dataclass(frozen=True, slots=True)
class Scan:
    """One image with all that belongs to it.

    Attributes
    ----------
    entry, name
        The file, and its name's parts (None where the name is no BIDS name).
    subject, contrast, site
        Labels; `contrast` by the protocol's names, else by what the sidecar looks like.
    stage
        What has been done to it.
    sidecar, sidecars
        Metadata with inheritance applied, and the paths they came from, nearest last.
    content
        Its git-annex key, and whether its content is here.
    twin
        Path of the raw image under sourcedata/ that a preprocessed one stands for.
    recognised
        Why an image with a foreign name was taken for this contrast.
    """

    entry: Entry
    name: BidsPath | None
    subject: str
    session: str
    contrast: str | None
    site: str
    stage: Stage
    sidecar: Mapping[str, Any]
    sidecars: tuple[str, ...]
    content: Content
    twin: str = ""
    recognised: recognise.Recognition | None = None

    @property
    def path(self) -> str:
        """POSIX path relative to the dataset."""
        return self.entry.path


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything the rules see of a dataset."""

    tree: Tree
    entries: Mapping[str, Entry]
    names: Mapping[str, BidsPath | None]
    scans: tuple[Scan, ...]
    json: Mapping[str, Sidecar]
    unreadable: Mapping[str, str]
    participants: Table | None
    by_participant: Mapping[str, Mapping[str, str]]
    sites: Mapping[str, str]
    bare: bool
    by_path: Mapping[str, Scan] = field(repr=False)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Labels of all participants that have a folder, or an image, sorted."""
        return tuple(self.sites)

    def read(self, path: str, limit: int = LIMIT) -> bytes | None:
        """Return a small file's content; None where it is missing or unreadable."""
        entry = self.entries.get(path)
        if entry is None:
            return None
        content = next(iter(self.tree.read([entry], limit)))
        return None if isinstance(content, Unreadable) else content

    def description(self) -> Mapping[str, Any]:
        """Return dataset_description.json; empty where it is missing or broken."""
        return self.json.get("dataset_description.json", _MISSING).value


def load_dataset(tree: Tree, spec: Spec) -> Dataset:
    """Read a dataset.

    Parameters
    ----------
    tree
        Its files.
    spec
        The protocol: names the contrasts, and the sites where participants.tsv doesn't.
    """
    entries = {entry.path: entry for entry in tree.entries}
    names = {path: parse(path) for path in entries}
    unreadable: dict[str, str] = {
        path: entry.mode.partition(": ")[2] or "neither a file nor a link"
        for path, entry in entries.items()
        if not entry.mode.startswith("1")
    }
    images = [
        entry for entry in entries.values()
        if entry.path.endswith(IMAGES) and entry.mode.startswith("1")
    ]  # fmt: skip
    sidecars = _read_json(tree, entries, unreadable)
    contents = read_contents(tree, images, unreadable)
    participants = _read_participants(tree, entries)
    rows = _rows(participants)
    bare = "dataset_description.json" not in entries and not any(
        name is not None and name.subject for name in names.values()
    )
    labels = {name.subject for name in names.values() if name is not None and name.subject}
    sites = {label: _site(label, rows.get(label), spec) for label in sorted(labels)}
    inheritance = Inheritance(names, sidecars)
    sourced = {
        name.subject for name in names.values() if name and name.shape.folder == "sourcedata"
    }
    scans: dict[str, Scan] = {}
    for entry in images:
        content = contents.get(entry.path)
        if content is not None:
            name = names[entry.path]
            scans[entry.path] = _scan(
                entry, content, name, entries, inheritance, sites, spec, sourced
            )
    return Dataset(
        tree, entries, names, tuple(scans.values()), sidecars, unreadable, participants, rows,
        sites, bare, scans,
    )  # fmt: skip


def _scan(
    entry: Entry,
    content: Content,
    name: BidsPath | None,
    entries: Mapping[str, Entry],
    inheritance: Inheritance,
    sites: Mapping[str, str],
    spec: Spec,
    sourced: Set[str],
) -> Scan:
    path = entry.path
    stage, twin = Stage.RAW, ""
    if path.startswith("derivatives/"):
        stage = Stage.DERIVATIVE
    elif not path.startswith("sourcedata/") and f"sourcedata/{path}" in entries:
        stage, twin = Stage.PREPROCESSED, f"sourcedata/{path}"
    sidecar, sources = inheritance.of(path, name)
    recognised = None
    subject = name.subject if name else ""
    if name is None and stage is not Stage.DERIVATIVE:
        stem = path.removesuffix(".gz").removesuffix(".nii")
        recognised = recognise.recognise(
            sidecar, stem.rpartition("/")[2], f"{stem}.bval" in entries
        )
        contrast = recognised.contrast
    elif name is None or name.source:
        contrast = None
    else:
        contrast = spec.contrast_of(name.shape.entities, name.suffix)
        if contrast is None and stage is Stage.RAW and subject in sourced and not name.folder:
            stage = Stage.PREPROCESSED  # computed from raw images, such as rec-average_dwi
    return Scan(
        entry, name, subject, name.session if name else "", contrast, sites.get(subject, ""),
        stage, sidecar, sources, content, twin, recognised,
    )  # fmt: skip


def _read_json(
    tree: Tree, entries: Mapping[str, Entry], unreadable: dict[str, str]
) -> dict[str, Sidecar]:
    wanted = [
        entry for path, entry in entries.items()
        if path.endswith(".json") and entry.mode.startswith("1")
    ]  # fmt: skip
    parsed: dict[bytes, Sidecar] = {}  # thousands of derivatives' sidecars are the same text
    result: dict[str, Sidecar] = {}
    for entry, content in zip(wanted, tree.read(wanted, LIMIT), strict=True):
        if isinstance(content, Unreadable):
            unreadable[entry.path] = content.reason
            continue
        if entry.mode == LINK:
            content = b""
        sidecar = parsed.get(content)
        if sidecar is None:
            sidecar = parsed[content] = parse_sidecar(content)
        result[entry.path] = sidecar
    return result


def _read_participants(tree: Tree, entries: Mapping[str, Entry]) -> Table | None:
    entry = entries.get("participants.tsv")
    if entry is None:
        return None
    content = next(iter(tree.read([entry], TABLE_LIMIT)))
    return None if isinstance(content, Unreadable) else parse_table(content)


def _rows(table: Table | None) -> dict[str, Mapping[str, str]]:
    if table is None or "participant_id" not in table.columns:
        return {}
    return {row["participant_id"].removeprefix("sub-"): row for row in table.records()}


def _site(label: str, row: Mapping[str, str] | None, spec: Spec) -> str:
    named = (row or {}).get("institution_id", "")
    if named and named not in ("n/a", "-"):
        return named
    return spec.site_of(label) or label.rstrip("0123456789")
