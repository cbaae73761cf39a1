"""How text files are stored: line ends, and rights that a text doesn't need."""

from __future__ import annotations

from collections.abc import Iterator

from ..dataset import IMAGES, Dataset
from ..finding import Outcome
from ..gradients import LIMIT
from ..inspection import Inspection
from ..tree import EXECUTABLE, LINK, Entry, Unreadable
from ..verdict import Verdict, met
from .places import by_site, listed

_TABLES = (".bval", ".bvec", ".tsv")
_ROOT = ("exclude.yml", ".spinegate.yml")
_DATA = (*IMAGES, *_TABLES, ".json")


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield LINE_ENDS_CRLF and FILE_EXECUTABLE, one finding per site."""
    yield from _line_ends(inspection.dataset)
    yield from _executables(inspection.dataset)


def _line_ends(dataset: Dataset) -> Iterator[Verdict]:
    """Judge tables, sidecars and the dataset's own files."""
    entries = dataset.entries
    paths = [path for path in entries if path.endswith(_TABLES)]
    paths += [path for path in _ROOT if path in entries]
    wanted = [
        entry
        for path in paths
        if (entry := entries[path]).mode != LINK
        and path not in dataset.unreadable
        and not _is_like_twin(path, entry, dataset)
    ]
    crlf = [path for path, sidecar in dataset.json.items() if sidecar.crlf]
    good = len(dataset.json) - len(crlf)
    for entry, content in zip(wanted, dataset.tree.read(wanted, LIMIT), strict=True):
        if isinstance(content, Unreadable):
            if entry.path != "participants.tsv":  # the dataset's reader has said so
                yield _unreadable(entry.path, content.reason)
            continue
        if b"\r" in content:
            crlf.append(entry.path)
        else:
            good += 1
    yield met("LINE_ENDS_CRLF", count=good)
    for site, paths in by_site(dataset, crlf).items():
        yield Verdict(
            "LINE_ENDS_CRLF",
            Outcome.NOT_MET,
            paths[0],
            site,
            message=f"Lines end with CR LF, as Windows writes them, in {listed(paths)}.",
            sub_code=site,
            observed="CR LF",
            expected="LF",
            affects=tuple(paths[1:]),
        )


def _is_like_twin(path: str, entry: Entry, dataset: Dataset) -> bool:
    """Whether git holds the same text under the image that a raw one was made into."""
    if not path.startswith("sourcedata/") or not entry.oid:
        return False
    twin = dataset.entries.get(path[11:])
    return twin is not None and twin.oid == entry.oid


def _unreadable(path: str, reason: str) -> Verdict:
    message = f"{path} can't be read: {reason}."
    return Verdict("FILE_UNREADABLE", Outcome.NOT_MET, path, message=message, observed=reason)


def _executables(dataset: Dataset) -> Iterator[Verdict]:
    """Judge what git holds: outside it the rights come from the disk, which may know none."""
    marked = [
        entry.path
        for entry in dataset.tree.entries
        if entry.mode == EXECUTABLE and entry.oid and entry.path.endswith(_DATA)
    ]
    if any(entry.oid for entry in dataset.tree.entries):
        count = len(dataset.scans) + len(dataset.json) - len(marked)
        yield met("FILE_EXECUTABLE", count=max(0, count))
    for site, paths in by_site(dataset, marked).items():
        yield Verdict(
            "FILE_EXECUTABLE",
            Outcome.NOT_MET,
            paths[0],
            site,
            message=f"Marked as programs (mode 100755): {listed(paths)}.",
            sub_code=site,
            observed="100755",
            expected="100644",
            affects=tuple(paths[1:]),
        )
