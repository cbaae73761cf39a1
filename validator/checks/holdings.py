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


def acquired(dataset: Dataset, *, root: bool = False) -> Iterator[Scan]:
    """Yield the scans that are no derivatives, those outside of sourcedata/ or all."""
    for scan in dataset.scans:
        if scan.stage is not Stage.DERIVATIVE and not (root and scan.path.startswith(SOURCE)):
            yield scan


class Kept:
    """Tells which contrasts are still there after a change."""

    def __init__(self, changes: Changes) -> None:
        self._delivered = _units(changes.base, root=True)
        self._present, self._rooted = _units(changes.head), _units(changes.head, root=True)

    def loses(self, unit: Unit) -> bool:
        """Whether a contrast is gone: who had it at the root needs it there."""
        left = self._rooted if unit in self._delivered else self._present
        return bool(unit.contrast) and unit not in left


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
        hidden = new.startswith(SOURCE) and not old.startswith(SOURCE)
        lost = after.stage is Stage.DERIVATIVE or not after.contrast or new in base.entries
        if hidden or lost:
            kept = kept or Kept(changes)
            if kept.loses(unit_of(before)):
                found[old] = new
    return found


def _units(dataset: Dataset, *, root: bool = False) -> set[Unit]:
    return {unit_of(scan) for scan in acquired(dataset, root=root) if scan.contrast}
