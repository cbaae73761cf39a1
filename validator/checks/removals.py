"""What a change took away: participants, contrasts, images, results, other files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping

from ..changes import Changes
from ..dataset import Dataset, Scan, Stage
from ..entities import subject_of
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met
from .companions import SOURCE, joined
from .holdings import acquired, place_of, put_away, unit_of
from .leftovers import check_leftovers
from .losses import CONTRAST, SCAN, Losses

PARTICIPANT = "PARTICIPANT_REMOVED"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of what was removed; each removed file has one finding."""
    changes = inspection.changes
    if changes is None:
        return
    removed = frozenset(changes.removed)
    moved = put_away(changes)
    found = list(_removals(changes, removed, moved)) if removed or moved else []
    yield from found
    yield from _kept(changes, found)
    explained = {path for verdict in found for path in (verdict.location, *verdict.affects)}
    yield from check_leftovers(changes, removed - explained)


def _removals(
    changes: Changes, removed: frozenset[str], moved: Mapping[str, str]
) -> Iterator[Verdict]:
    """Tell the participants who are gone from those who only lost images."""
    still = _who_is_left(changes, moved)
    groups: dict[str, list[Scan]] = {}
    rest: list[Scan] = []
    for path in sorted((*changes.removed, *moved)):
        scan = changes.base.by_path.get(path)
        if scan is None or scan.stage is Stage.DERIVATIVE:
            continue
        if scan.subject and scan.subject not in still:
            groups.setdefault(scan.subject, []).append(scan)
        else:
            rest.append(scan)
    if groups:
        gone = _by_owner((*changes.removed, *moved), groups)
        kept = _by_owner(changes.head.entries, groups)
        for subject, scans in groups.items():
            yield _participant(changes, scans, gone.get(subject, []), kept.get(subject, []))
    yield from Losses(changes, removed, moved).verdicts(rest)


def _by_owner(paths: Iterable[str], subjects: Container[str]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for path in paths:
        if (subject := subject_of(path)) in subjects:
            gathered.setdefault(subject, []).append(path)
    return gathered


def _participant(changes: Changes, scans: list[Scan], gone: list[str], kept: list[str]) -> Verdict:
    subject = scans[0].subject
    who, where = f"sub-{subject}", f"sub-{subject}"
    if changes.base.bare:
        who, where = subject, scans[0].path
        gone, kept = [scan.path for scan in scans], []
    behind = [f"{len(kept):,} of its files"] if kept else []
    if subject in changes.head.by_participant:
        behind.append("its row in participants.tsv")
    verb = "are" if kept else "is"
    tail = f"; {joined(behind)} {verb} left behind" if behind else ""
    number = f"{len(gone):,} file{'s' if len(gone) > 1 else ''}"
    return Verdict(
        PARTICIPANT,
        Outcome.NOT_MET,
        where,
        scans[0].site,
        message=f"This change takes {who} away ({number}){tail}.",
        affects=tuple(path for path in (*gone, *kept) if path != where),
    )


def _who_is_left(changes: Changes, moved: Container[str]) -> set[str]:
    """Return who still has images, or had some that are only called otherwise now.

    Who had images at the root needs one there: a raw one alone is left behind.
    """
    base, head = changes.base, changes.head
    places = {"", *(place_of(scan.path) for scan in acquired(base))}
    left = _subjects(head, places - {SOURCE})
    left |= _subjects(head, places) - _subjects(base, places - {SOURCE})
    renamed = (
        old
        for old, new in changes.renamed.items()
        if old in base.by_path and old not in moved and place_of(new) in places
    )
    return left | {base.by_path[old].subject for old in renamed}


def _subjects(dataset: Dataset, places: Container[str]) -> set[str]:
    return {scan.subject for scan in acquired(dataset) if place_of(scan.path) in places}


def _kept(changes: Changes, found: list[Verdict]) -> Iterator[Verdict]:
    """Count what is still there, by site and contrast."""
    base = changes.base
    scans = list(acquired(base))
    sites = {scan.subject: scan.site for scan in scans}
    units = {unit_of(scan): (scan.site, scan.contrast) for scan in scans if scan.contrast}
    images = Counter((scan.site, scan.contrast or "") for scan in scans)
    contrasts = Counter((site, contrast or "") for site, contrast in units.values())
    people = Counter((site, "") for site in sites.values())
    counts = {PARTICIPANT: people, CONTRAST: contrasts, SCAN: images}
    for verdict in found:
        place = verdict.site, "" if verdict.code == PARTICIPANT else verdict.contrast
        counts[verdict.code][place] -= verdict.count
    for code, places in counts.items():
        for (site, contrast), number in places.items():
            if number > 0:
                yield met(code, site, contrast, number)
