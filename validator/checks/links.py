"""Links, and texts that everybody must be able to read: neither may lead to where nothing is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Set

from ..annex import POINTER_LIMIT, link_key, pointer_key
from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..tree import LINK, Entry, Unreadable, show
from ..verdict import Verdict, met
from .places import shortened, site_of

_TABLES = (".tsv", ".bval", ".bvec")
_METADATA = (*_TABLES, ".json")
_HOPS = 8
_TEXTS = frozenset(("README", "CHANGES", "LICENSE"))


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield LINK_NOT_ANNEXED and METADATA_IN_ANNEX."""
    dataset = inspection.dataset
    links = [entry for entry in dataset.tree.entries if entry.mode == LINK]
    targets: dict[bytes, bytes] = {}
    annexed: list[tuple[Entry, str]] = []
    for entry, target in zip(links, dataset.tree.read(links, POINTER_LIMIT), strict=True):
        if isinstance(target, Unreadable):
            continue
        targets[entry.raw] = target
        if link_key(target) is not None and _is_metadata(entry.path):
            annexed.append((entry, "link"))
    stray = []
    if any(link_key(target) is None for target in targets.values()):
        files = {entry.raw for entry in dataset.tree.entries} - targets.keys()
        stray = [e for e in links if e.raw in targets and _leads_astray(e.raw, targets, files)]
    for entry in stray:
        yield _stray(entry, targets[entry.raw], dataset)
    yield met("LINK_NOT_ANNEXED", count=len(targets) - len(stray))
    annexed += [(entry, "pointer") for entry in _metadata_pointers(inspection)]
    for entry, kind in annexed:
        yield Verdict(
            "METADATA_IN_ANNEX",
            Outcome.NOT_MET,
            entry.path,
            site_of(dataset, entry.path),
            message=f"git holds only git-annex's {kind} of {entry.path}: nobody can read it "
            "without fetching it from the annex.",
        )
    yield met("METADATA_IN_ANNEX", count=max(0, len(dataset.json) - len(annexed)))


def _leads_astray(link: bytes, targets: Mapping[bytes, bytes], files: Set[bytes]) -> bool:
    """Whether a link leads neither into the annex nor, over other links, to a file."""
    for _ in range(_HOPS):
        target = targets[link]
        if link_key(target) is not None or target.startswith(b"\x1f\x8b"):
            return False  # the second: the work tree holds the image itself
        link = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
        if link not in targets:
            return link not in files
    return True


def _stray(entry: Entry, target: bytes, dataset: Dataset) -> Verdict:
    text = show(target)
    return Verdict(
        "LINK_NOT_ANNEXED",
        Outcome.NOT_MET,
        entry.path,
        site_of(dataset, entry.path),
        message=f"{entry.path} is a link to {shortened(text)!r}, which is no file of the dataset: "
        "it isn't followed, and whoever gets the dataset may find nothing there.",
        observed=shortened(text),
    )


def _metadata_pointers(inspection: Inspection) -> list[Entry]:
    """Pointer files of git-annex where text belongs; only what had no text is read again."""
    dataset = inspection.dataset
    wanted = [
        entry
        for path, entry in dataset.entries.items()
        if path.endswith(_TABLES)
        and entry.mode != LINK
        and path not in inspection.gradients
        and not (path == "participants.tsv" and dataset.participants is not None)
    ]
    wanted += [dataset.entries[path] for path in dataset.unreadable if path.endswith(".json")]
    texts = dataset.tree.read(wanted, POINTER_LIMIT)
    return [
        entry
        for entry, text in zip(wanted, texts, strict=True)
        if not isinstance(text, Unreadable) and pointer_key(text) is not None
    ]


def _is_metadata(path: str) -> bool:
    return path.endswith(_METADATA) or path.partition(".")[0] in _TEXTS
