"""A dataset as values: scans, sidecars, participants; read once, in a few sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from ..protocol_specs.spec import Spec
from . import recognise
from .belonging import tell_owners
from .contents import Content, read_contents, read_texts
from .entities import HOLE, BidsPath, Shape, subject_of
from .inheritance import Inheritance
from .shared import Shared
from .sidecar import LIMIT, Sidecar, parse_sidecar
from .table import LIMIT as TABLE_LIMIT
from .table import Table, parse_table
from .tree import Entry, Tree, Unreadable

IMAGES = (".nii.gz", ".nii")
_MISSING = Sidecar({})


class Stage(Enum):
    """What has been done to an image since the scanner."""

    RAW = "raw"
    PREPROCESSED = "preprocessed"
    DERIVATIVE = "derivative"


class Scan(NamedTuple):
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
        content = next(read_texts(self.tree, [entry], limit))
        return None if isinstance(content, Unreadable) else content

    def description(self) -> Mapping[str, Any]:
        """Return dataset_description.json; empty where it is missing or broken."""
        return self.json.get("dataset_description.json", _MISSING).value


def load_dataset(tree: Tree, spec: Spec, shared: Shared | None = None) -> Dataset:
    """Read a dataset.

    Parameters
    ----------
    tree
        Its files.
    spec
        The protocol: names the contrasts, and the sites where participants.tsv doesn't.
    shared
        What was parsed for other trees of this run; what is parsed here is added.
    """
    shared = shared or Shared()
    entries = {entry.path: entry for entry in tree.entries}
    names = {path: shared.names[path] for path in entries}
    unreadable: dict[str, str] = {}
    images: list[Entry] = []
    texts: list[Entry] = []
    for path, entry in entries.items():
        if entry.mode[0] != "1":
            unreadable[path] = entry.mode.partition(": ")[2] or "neither a file nor a link"
        elif path.endswith(IMAGES):
            images.append(entry)
        elif path.endswith(".json"):
            texts.append(entry)
    sidecars = _read_json(tree, texts, unreadable, shared.sidecars)
    contents = read_contents(tree, images, unreadable)
    participants = _read_participants(tree, entries, shared.tables)
    rows = _rows(participants)
    # Subjects by shape and label: a dataset has a few hundred pairs of them and 24,000 names.
    owners = {
        (name.shape.subject, name.label, name.shape.folder) for name in names.values() if name
    }
    found = {(subject.replace(HOLE, label), folder) for subject, label, folder in owners}
    labels = {subject for subject, _ in found if subject}
    bare = "dataset_description.json" not in entries and not labels
    if not bare:
        labels |= {subject_of(entry.path) for entry in images if names[entry.path] is None} - {""}
    sites = {label: _site(label, rows.get(label), spec) for label in sorted(labels)}
    sourced = {subject for subject, folder in found if folder == "sourcedata"}
    reader = _ScanReader(entries, Inheritance(names, sidecars), sites, spec, sourced)
    scans = {
        entry.path: reader.read(entry, contents[entry.path], names[entry.path])
        for entry in images
        if entry.path in contents
    }
    if bare:
        top = tree.folder or Path(tree.name.partition("@")[0])  # of a commit: the same folder
        scans = _with_owners(scans, top.resolve().name)
        sites = dict.fromkeys(sorted({scan.subject for scan in scans.values()}), "")
    return Dataset(
        tree, entries, names, tuple(scans.values()), sidecars, unreadable, participants, rows,
        sites, bare, scans,
    )  # fmt: skip


def _with_owners(scans: Mapping[str, Scan], folder: str) -> dict[str, Scan]:
    """Tell participants and sessions of foreign names by their folders."""
    owners = tell_owners({path: scan.contrast for path, scan in scans.items()}, folder)
    return {
        path: scan._replace(subject=owners[path][0], session=owners[path][1])
        for path, scan in scans.items()
    }


class _ScanReader:
    """Puts together what belongs to an image."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        inheritance: Inheritance,
        sites: Mapping[str, str],
        spec: Spec,
        sourced: Set[str],
    ) -> None:
        self._entries, self._inheritance, self._sites = entries, inheritance, sites
        self._spec, self._sourced = spec, sourced
        self._contrasts: dict[int, str | None] = {}  # by shape: few shapes, many names

    def read(self, entry: Entry, content: Content, name: BidsPath | None) -> Scan:
        """Make the scan of an image."""
        path = entry.path
        stage, twin = Stage.RAW, ""
        if path.startswith("derivatives/"):
            stage = Stage.DERIVATIVE
        elif not path.startswith("sourcedata/"):
            source = "sourcedata/" + path
            if source in self._entries:
                stage, twin = Stage.PREPROCESSED, source
        sidecar, sources = self._inheritance.of(path, name)
        if name is None:
            seen = None if stage is Stage.DERIVATIVE else self._recognise(path, sidecar)
            contrast = seen.contrast if seen else None
            subject = subject_of(path)
            return Scan(
                entry, None, subject, "", contrast, self._sites.get(subject, ""), stage, sidecar,
                sources, content, twin, seen,
            )  # fmt: skip
        shape = name.shape
        subject = name.label if shape.subject == HOLE else name.subject
        contrast = self._contrast(shape)
        if (
            contrast is None and stage is Stage.RAW and not shape.source and not shape.folder
            and subject in self._sourced
        ):  # fmt: skip
            stage = Stage.PREPROCESSED  # computed from raw images, such as rec-average_dwi
        return Scan(
            entry, name, subject, shape.session, contrast, self._sites.get(subject, ""), stage,
            sidecar, sources, content, twin, None,
        )  # fmt: skip

    def _recognise(self, path: str, sidecar: Mapping[str, Any]) -> recognise.Recognition:
        stem = path.removesuffix(".gz").removesuffix(".nii")
        return recognise.recognise(
            sidecar, stem.rpartition("/")[2], f"{stem}.bval" in self._entries
        )

    def _contrast(self, shape: Shape) -> str | None:
        if shape.source:
            return None
        try:
            return self._contrasts[id(shape)]
        except KeyError:
            told = self._spec.contrast_of(shape.entities, shape.suffix)
            self._contrasts[id(shape)] = told
            return told


def _read_json(
    tree: Tree,
    wanted: list[Entry],
    unreadable: dict[str, str],
    parsed: dict[bytes, Sidecar],
) -> dict[str, Sidecar]:
    result: dict[str, Sidecar] = {}
    for entry, content in zip(wanted, read_texts(tree, wanted, LIMIT), strict=True):
        if isinstance(content, Unreadable):
            unreadable[entry.path] = content.reason
            continue
        sidecar = parsed.get(content)  # thousands of derivatives' sidecars are the same text
        if sidecar is None:
            sidecar = parsed[content] = parse_sidecar(content)
        result[entry.path] = sidecar
    return result


def _read_participants(
    tree: Tree, entries: Mapping[str, Entry], parsed: dict[bytes, Table]
) -> Table | None:
    entry = entries.get("participants.tsv")
    if entry is None:
        return None
    content = next(read_texts(tree, [entry], TABLE_LIMIT))
    if isinstance(content, Unreadable):
        return None
    table = parsed.get(content)
    if table is None:
        table = parsed[content] = parse_table(content)
    return table


def _rows(table: Table | None) -> dict[str, Mapping[str, str]]:
    if table is None or "participant_id" not in table.columns:
        return {}
    return {row["participant_id"].removeprefix("sub-"): row for row in table.records()}


def _site(label: str, row: Mapping[str, str] | None, spec: Spec) -> str:
    named = (row or {}).get("institution_id", "")
    if named and named not in ("n/a", "-"):
        return named
    return spec.site_of(label) or label.rstrip("0123456789")
