"""Images that a change took away: the contrasts that are lost, and those that others keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..changes import Changes
from ..dataset import Dataset, Scan
from ..finding import Outcome, Scope
from ..verdict import Verdict
from .companions import SOURCE, Companions, Kinship
from .holdings import Kept, Unit, exam_of, unit_of
from .places import listed

CONTRAST, SCAN = "CONTRAST_LOST", "SCAN_REMOVED"


class Losses:
    """The removed images of participants who have others."""

    def __init__(
        self, changes: Changes, removed: frozenset[str], moved: Mapping[str, str]
    ) -> None:
        self.changes, self.base, self.head = changes, changes.base, changes.head
        self.removed, self.moved = removed, moved
        self.kinship = Kinship(changes.base)

    def verdicts(self, scans: list[Scan]) -> Iterator[Verdict]:
        """Tell the images whose contrast is lost from those whose contrast another image keeps."""
        kept = Kept(self.changes)
        lost: dict[Unit, list[Scan]] = {}
        others: list[Scan] = []
        for scan in scans:
            unit = unit_of(scan)
            if kept.loses(unit):
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
        to = [self.moved[scan.path] for scan in scans if scan.path in self.moved]
        done = f"moves {first.path} to {to[0]}" if first.path in self.moved else ""
        back = {"op": "rename", "path": to[0], "to": first.path} if done and not more else None
        whose = owner(self.base, unit.owner)
        return Verdict(
            CONTRAST,
            Outcome.NOT_MET,
            first.path,
            first.site,
            unit.contrast,
            message=f"{whose} loses its {unit.contrast} image: this change "
            f"{done or f'takes away {first.path}'}{also}{_with(gone)}{_behind(left)}.",
            fix=back,
            affects=(*paths, *to),
        )

    def _removed(self, scans: list[Scan], raw: bool) -> Verdict:
        first, *rest = scans
        company = [self.kinship.of(scan) for scan in scans]
        head = self.head.entries
        stay = {path for each in company for path in each.twins if path in head and not raw}
        own = [c._replace(twins=tuple(p for p in c.twins if p in stay)) for c in company]
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
