"""Which contrasts an exam has, before and after a change, and what was put where none is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..changes import Changes
from ..dataset import Dataset, Scan, Stage
from ..inspection import session_of
from .companions import SOURCE


class Unit(NamedTuple):
    """What can be lost: a contrast of a participant's session."""

    owner: tuple[str, str]
    contrast: str


def unit_of(scan: Scan) -> Unit:
    """Return the contrast of an exam that a scan holds."""
    return Unit(exam_of(scan), scan.contrast or "")


def exam_of(scan: Scan) -> tuple[str, str]:
    """Return whose exam a scan belongs to; a raw one to that of the image made from it."""
    if scan.subject:
        return session_of(scan)
    return scan.path.removeprefix(SOURCE).rpartition("/")[0] + "/", scan.session


def acquired(dataset: Dataset) -> Iterator[Scan]:
    """Yield the scans that are no derivatives."""
    return (scan for scan in dataset.scans if scan.stage is not Stage.DERIVATIVE)


class Kept:
    """Tells which contrasts are still there after a change."""

    def __init__(self, changes: Changes) -> None:
        self._before, self._after = _places(changes.base), _places(changes.head)

    def loses(self, unit: Unit) -> bool:
        """Whether a contrast is gone: who had it at the root needs it there."""
        if not unit.contrast:
            return False
        before = self._before.get(unit, set())
        wanted = {""} if "" in before else {"", *(before - {SOURCE} or before)}
        return wanted.isdisjoint(self._after.get(unit, ()))


def place_of(path: str) -> str:
    """Return what holds the participant's folder: "" for the dataset itself."""
    top, found, _ = path.partition("sub-")
    return top if found else SOURCE * path.startswith(SOURCE)


def put_away(changes: Changes) -> dict[str, str]:
    """Find images that were moved to where nobody finds their contrast, which is lost by that."""
    base, head = changes.base, changes.head
    kept: Kept | None = None
    found: dict[str, str] = {}
    for old, new in changes.renamed.items():
        before, after = base.by_path.get(old), head.by_path.get(new)
        if before is None or after is None or old in head.entries:
            continue
        if before.stage is Stage.DERIVATIVE or not before.contrast:
            continue
        place = place_of(new)
        hidden = place not in ("", place_of(old))
        lost = after.stage is Stage.DERIVATIVE or not after.contrast or new in base.entries
        if hidden or lost:
            kept = kept or Kept(changes)
            if kept.loses(unit_of(before)):
                found[old] = new
    return found


def _places(dataset: Dataset) -> dict[Unit, set[str]]:
    """Say of each contrast where it is: code/sub-x/ is no place where it is looked for."""
    found: dict[Unit, set[str]] = {}
    for scan in acquired(dataset):
        if scan.contrast:
            found.setdefault(unit_of(scan), set()).add(place_of(scan.path))
    return found
