"""Images that a change took away: the contrasts that are lost, and those that others keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..changes import Changes
from ..dataset import Dataset, Scan, Stage
from ..finding import Outcome, Scope
from ..inspection import session_of
from ..verdict import Verdict
from .companions import SOURCE, Companions, Kinship
from .places import listed

CONTRAST, SCAN = "CONTRAST_LOST", "SCAN_REMOVED"


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


class Losses:
    """The removed images of participants who have others."""

    def __init__(self, changes: Changes, removed: frozenset[str]) -> None:
        self.base, self.head, self.removed = changes.base, changes.head, removed
        self.kinship = Kinship(changes.base)

    def verdicts(self, scans: list[Scan]) -> Iterator[Verdict]:
        """Tell the images whose contrast is lost from those whose contrast another image keeps."""
        delivered = _units(self.base, root=True)
        present, rooted = _units(self.head), _units(self.head, root=True)
        lost: dict[Unit, list[Scan]] = {}
        others: list[Scan] = []
        for scan in scans:
            unit = unit_of(scan)
            if unit.contrast and unit not in (rooted if unit in delivered else present):
                lost.setdefault(unit, []).append(scan)
            else:
                others.append(scan)
        for unit, group in lost.items():
            group.sort(key=lambda scan: (scan.path.startswith(SOURCE), scan.path))
            yield self._lost(unit, group)
        grouped: dict[tuple[str, bool], list[Scan]] = {}
        for scan in others:
            where = scan.site, scan.path.startswith(SOURCE)
            grouped.setdefault(where, []).append(scan)
        for (_, raw), group in grouped.items():
            yield self._removed(group, raw)

    def _lost(self, unit: Unit, scans: list[Scan]) -> Verdict:
        first = scans[0]
        company = self.kinship.of(first)
        gone, left = company.among(self.removed), company.among(self.head.entries)
        twins = {first.path, *company.twins}
        more = [scan for scan in scans if scan.path not in twins]
        paths = dict.fromkeys(company.paths)
        for scan in more:
            paths.update(dict.fromkeys((scan.path, *self.kinship.of(scan).paths)))
        paths.pop(first.path, None)
        also = f" and {len(more)} more" if more else ""
        whose = owner(self.base, unit.owner)
        return Verdict(
            CONTRAST,
            Outcome.NOT_MET,
            first.path,
            first.site,
            unit.contrast,
            message=f"{whose} loses its {unit.contrast} image: this change takes away "
            f"{first.path}{also}{_with(gone)}{_behind(left)}.",
            affects=tuple(paths),
        )

    def _removed(self, scans: list[Scan], raw: bool) -> Verdict:
        first, *rest = scans
        company = [self.kinship.of(scan) for scan in scans]
        own = [c if not raw else c._replace(twins=()) for c in company]
        head = self.head.entries
        affected = dict.fromkeys(scan.path for scan in rest)
        for each in own:
            affected.update(dict.fromkeys(each.among(self.removed).paths))
            affected.update(dict.fromkeys(each.among(head).paths))
        contrasts = {scan.contrast for scan in scans}
        if rest:
            kind = "raw images" if raw else "images"
            names = listed([scan.path.rpartition("/")[2] for scan in scans])
            message = (
                f"This change takes {len(scans)} {kind} of {self._owners(scans)} away: {names}"
            )
        else:
            message = f"This change takes {first.path} away"
            message += _with(own[0].among(self.removed)) + _behind(own[0].among(head))
        if raw and all(any(path in head for path in each.twins) for each in company):
            message += f"; what was made from {'them' if rest else 'it'} stays"
        return Verdict(
            SCAN,
            Outcome.NOT_MET,
            first.path,
            first.site,
            (first.contrast or "") if len(contrasts) == 1 else "",
            message=f"{message}.",
            affects=tuple(affected),
            scope=Scope.SITE if rest else None,
            count=len(scans),
        )

    def _owners(self, scans: list[Scan]) -> str:
        owners = {exam_of(scan) for scan in scans}
        return owner(self.base, owners.pop()) if len(owners) == 1 else f"{len(owners)} exams"


def _units(dataset: Dataset, *, root: bool = False) -> set[Unit]:
    return {unit_of(scan) for scan in acquired(dataset, root=root) if scan.contrast}


def owner(dataset: Dataset, session: tuple[str, str]) -> str:
    """Say whose exam it is: `sub-x`, with its session, or a folder."""
    subject, visit = session
    if subject.endswith("/"):
        return subject if subject != "/" else "the dataset"
    who = subject if dataset.bare else f"sub-{subject}"
    return f"{who} ses-{visit}" if visit else who


def _with(gone: Companions) -> str:
    return f" with {told}" if (told := gone.told()) else ""


def _behind(left: Companions) -> str:
    return f", and leaves {told} behind" if (told := left.told()) else ""
