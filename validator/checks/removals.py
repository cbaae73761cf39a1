"""What a change took away: participants, contrasts, images, results, other files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ..changes import Changes
from ..dataset import Dataset, Scan, Stage
from ..entities import subject_of
from ..finding import Outcome, Scope
from ..inspection import Inspection, session_of
from ..verdict import Verdict, met
from .companions import SOURCE, Companions, Kinship, joined
from .leftovers import check_leftovers
from .places import listed

PARTICIPANT, CONTRAST, SCAN = "PARTICIPANT_REMOVED", "CONTRAST_LOST", "SCAN_REMOVED"


class Unit(NamedTuple):
    """What can be lost: a contrast of a participant's session."""

    owner: tuple[str, str]
    contrast: str


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of what was removed; each removed file has one finding."""
    changes = inspection.changes
    if changes is None:
        return
    removed = frozenset(changes.removed)
    found = list(_Removals(changes, removed).verdicts()) if removed else []
    yield from found
    yield from _kept(changes, found)
    explained = {path for verdict in found for path in (verdict.location, *verdict.affects)}
    yield from check_leftovers(changes, removed - explained)


def _kept(changes: Changes, found: list[Verdict]) -> Iterator[Verdict]:
    """Count what is still there."""
    base = changes.base
    number = Counter(verdict.code for verdict in found)
    acquired = [scan for scan in base.scans if scan.stage is not Stage.DERIVATIVE]
    units = {unit_of(scan) for scan in acquired if scan.contrast}
    yield met(PARTICIPANT, count=len({s.subject for s in acquired}) - number[PARTICIPANT])
    yield met(CONTRAST, count=len(units) - number[CONTRAST])
    gone = sum(1 for path in changes.removed if path in base.by_path)
    yield met(SCAN, count=max(0, len(acquired) - gone))


def unit_of(scan: Scan) -> Unit:
    """Return the contrast of an exam that a scan holds."""
    return Unit(session_of(scan), scan.contrast or "")


class _Removals:
    """The removed images that were acquired or preprocessed, by what is lost with them."""

    def __init__(self, changes: Changes, removed: frozenset[str]) -> None:
        self.changes, self.base, self.removed = changes, changes.base, removed
        self.kinship = Kinship(changes.base)
        self.gone = [
            scan
            for path in changes.removed
            if (scan := changes.base.by_path.get(path)) and scan.stage is not Stage.DERIVATIVE
        ]

    def verdicts(self) -> Iterator[Verdict]:
        """Yield what is not met, the largest loss first."""
        left = _participants_left(self.changes)
        groups: dict[str, list[Scan]] = {}
        rest: list[Scan] = []
        for scan in self.gone:
            if scan.subject and scan.subject not in left:
                groups.setdefault(scan.subject, []).append(scan)
            else:
                rest.append(scan)
        for subject, scans in groups.items():
            yield self._participant(subject, scans)
        yield from self._contrasts(rest)

    def _participant(self, subject: str, scans: list[Scan]) -> Verdict:
        head = self.changes.head
        gone = [path for path in self.changes.removed if subject_of(path) == subject]
        kept = [path for path in head.entries if subject_of(path) == subject]
        who, where = (f"sub-{subject}",) * 2
        if self.base.bare:
            who, where = subject, scans[0].path
            gone = [scan.path for scan in scans]
        behind = [f"{len(kept)} of its files"] if kept else []
        if f"{subject}" in head.by_participant:
            behind.append("its row in participants.tsv")
        verb = "is" if len(behind) == 1 and (not kept or len(kept) == 1) else "are"
        tail = f"; {joined(behind)} {verb} left behind" if behind else ""
        number = f"{len(gone)} file{'s' if len(gone) > 1 else ''}"
        return Verdict(
            PARTICIPANT,
            Outcome.NOT_MET,
            where,
            scans[0].site,
            message=f"This change takes {who} away ({number}){tail}.",
            affects=tuple(path for path in (*gone, *kept) if path != where),
        )

    def _contrasts(self, scans: list[Scan]) -> Iterator[Verdict]:
        """Tell the images whose contrast is lost from those whose contrast another image keeps."""
        delivered = _units(self.base, root=True)
        present, rooted = _units(self.changes.head), _units(self.changes.head, root=True)
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
        grouped: dict[tuple[tuple[str, str], bool], list[Scan]] = {}
        for scan in others:
            where = session_of(scan), scan.path.startswith(SOURCE)
            grouped.setdefault(where, []).append(scan)
        for (_, raw), group in grouped.items():
            yield self._removed(group, raw)

    def _lost(self, unit: Unit, scans: list[Scan]) -> Verdict:
        first = scans[0]
        company = self.kinship.of(first)
        gone, left = company.among(self.removed), company.among(self.changes.head.entries)
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
            affects=tuple(path for path in paths if path in self.removed or _is_in(path, left)),
        )

    def _removed(self, scans: list[Scan], raw: bool) -> Verdict:
        first, *rest = scans
        company = [self.kinship.of(scan) for scan in scans]
        own = [c if not raw else c._replace(twins=()) for c in company]
        head = self.changes.head.entries
        affected = dict.fromkeys(scan.path for scan in rest)
        for each in own:
            affected.update(dict.fromkeys(each.among(self.removed).paths))
            affected.update(dict.fromkeys(each.among(head).paths))
        contrasts = {scan.contrast for scan in scans}
        if rest:
            kind = "raw images" if raw else "images"
            names = listed([scan.path.rpartition("/")[2] for scan in scans])
            whose = owner(self.base, session_of(first))
            message = f"This change takes {len(scans)} {kind} of {whose} away: {names}"
        else:
            message = f"This change takes {first.path} away"
            message += _with(own[0].among(self.removed)) + _behind(own[0].among(head))
        if raw and all(any(path in head for path in each.twins) for each in company):
            message += "; what was made from it stays"
        return Verdict(
            SCAN,
            Outcome.NOT_MET,
            first.path,
            first.site,
            (first.contrast or "") if len(contrasts) == 1 else "",
            message=f"{message}.",
            affects=tuple(affected),
            scope=Scope.SESSION if rest else None,
            count=len(scans),
        )


def _participants_left(changes: Changes) -> set[str]:
    """Return who still has images, or had some that are only called otherwise now."""
    left = {scan.subject for scan in changes.head.scans if scan.stage is not Stage.DERIVATIVE}
    base = changes.base.by_path
    return left | {base[old].subject for old in changes.renamed if old in base}


def _units(dataset: Dataset, *, root: bool = False) -> set[Unit]:
    return {
        unit_of(scan)
        for scan in dataset.scans
        if scan.contrast
        and scan.stage is not Stage.DERIVATIVE
        and not (root and scan.path.startswith(SOURCE))
    }


def owner(dataset: Dataset, session: tuple[str, str]) -> str:
    """Say whose exam it is: `sub-x`, with its session, or a folder."""
    subject, visit = session
    who = subject if dataset.bare or subject.endswith("/") else f"sub-{subject}"
    return f"{who} ses-{visit}" if visit else who


def _with(gone: Companions) -> str:
    return f" with {told}" if (told := gone.told()) else ""


def _behind(left: Companions) -> str:
    return f", and leaves {told} behind" if (told := left.told()) else ""


def _is_in(path: str, companions: Companions) -> bool:
    return path in companions.paths
