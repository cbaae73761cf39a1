"""The order of an exam: series numbers, times, gaps; who left the table lies elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ...protocol_specs.parameter import is_number
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

RESTARTED, GAP, APART = "SERIES_NUMBER_RESTARTS", "SESSION_LONG_GAP", "SERIES_LONG_GAP"
SESSION_MINUTES = 30.0
SERIES_MINUTES = 20.0
_GE = 40000  # added to some series numbers by GE scanners
# dcm2niix writes 14:4:28.88 in some versions, and a date in front in others.
_CLOCK = re.compile(
    r"(?:\d{4}-\d\d-\d\dT)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)"
    r"|(?:\d{8})?(\d\d)(\d\d)(\d\d(?:\.\d+)?)\Z",
    re.ASCII,
)
_DAY = 24 * 60.0
_HIGHEST = 10**9  # no scanner counts so far: what is beyond is told in short

Timed = tuple[float, int | None, Scan]


def clock(scan: Scan) -> float | None:
    """Return the minutes since midnight at which a scan began, None where it isn't said."""
    for key in ("AcquisitionTime", "AcquisitionDateTime"):
        said = scan.sidecar.get(key)
        match = _CLOCK.match(said) if isinstance(said, str) else None
        if match:
            hours, minutes, seconds = [float(part) for part in match.groups() if part is not None]
            if hours < 24 and minutes < 60 and seconds < 61:
                return hours * 60 + minutes + seconds / 60
    return None


def number(scan: Scan) -> int | None:
    """Return a scan's series number as the operator saw it."""
    said: Any = scan.sidecar.get("SeriesNumber")
    if not is_number(said) or said < 0:
        return None
    count = int(said)
    return count - _GE if _GE < count < 2 * _GE else count


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield outcomes for every session, and for every pair of MTon and MToff."""
    for scans in inspection.sessions.values():
        # b0 images may be numbered apart; what has no contrast is none of the protocol's.
        wanted = [scan for scan in scans if scan.contrast not in (None, "b0")]
        if len(wanted) > 1:
            yield from _check_session(wanted)
    if "MT" in inspection.spec.series:
        for pair in inspection.members("MT"):
            yield _check_pair(pair)


def _check_session(scans: Sequence[Scan]) -> Iterator[Verdict]:
    site = scans[0].site
    timed: list[Timed] = []
    for scan in scans:
        minutes = clock(scan)
        if minutes is not None:
            timed.append((minutes, number(scan), scan))
    if len(timed) < len(scans):
        reason = "no AcquisitionTime in the sidecar"
        yield blind(RESTARTED, reason, site)
        yield blind(GAP, reason, site)
        return
    timed.sort(key=lambda item: item[0])
    timed = _unwrap(timed)
    yield _check_numbers(timed, site)
    yield _check_gaps(timed, site)


def _unwrap(timed: list[Timed]) -> list[Timed]:
    """Put scans after midnight behind those before it."""
    if timed[-1][0] - timed[0][0] < _DAY / 2:
        return timed
    late = [item for item in timed if item[0] >= _DAY / 2]
    early = [(minutes + _DAY, count, scan) for minutes, count, scan in timed if minutes < _DAY / 2]
    return late + early


def _check_numbers(timed: Sequence[Timed], site: str) -> Verdict:
    if any(count is None for _, count, _ in timed):
        return blind(RESTARTED, "no SeriesNumber in the sidecar", site)
    for (_, before, first), (_, after, second) in pairwise(timed):
        assert before is not None
        assert after is not None
        if after < before and not _same_series(first, second):
            return _restarted(timed, first, before, second, after, site)
    return met(RESTARTED, site)


def _same_series(one: Scan, other: Scan) -> bool:
    """Say whether two scans are parts of one contrast (echoes, runs), numbered as it comes."""
    return one.contrast == other.contrast


def _restarted(
    timed: Sequence[Timed], first: Scan, before: int, second: Scan, after: int, site: str
) -> Verdict:
    later = timed[[scan for _, _, scan in timed].index(second) :]
    names = [scan.contrast or "" for _, _, scan in later]
    return Verdict(
        RESTARTED,
        Outcome.NOT_MET,
        second.path,
        site,
        message=f"{second.contrast} has series number {_digits(after)} though it was "
        f"measured after {first.contrast} with number {_digits(before)}: a second exam, and the "
        f"person was probably repositioned. Measured in it: {', '.join(names)}.",
        observed=[float(count) if count and count > _HIGHEST else count for _, count, _ in timed],
        expected="series numbers that increase with the time of acquisition",
        affects=tuple(scan.path for _, _, scan in timed if scan is not second),
    )


def _digits(count: int) -> str:
    return str(count) if count <= _HIGHEST else f"{count:.3g}"


def _check_gaps(timed: Sequence[Timed], site: str) -> Verdict:
    pairs = list(pairwise(timed))
    one, other = max(pairs, key=lambda pair: pair[1][0] - pair[0][0])
    gap = other[0] - one[0]
    if gap <= SESSION_MINUTES:
        return met(GAP, site)
    first, second = one[2], other[2]
    return Verdict(
        GAP,
        Outcome.NOT_MET,
        second.path,
        site,
        message=f"{second.contrast} began {gap:.0f} minutes after {first.contrast}: "
        "the person may have left the table in between.",
        observed=round(gap, 1),
        expected=f"at most {SESSION_MINUTES:g} minutes between the starts of two scans",
        affects=(first.path,),
    )


def _check_pair(pair: Sequence[Scan]) -> Verdict:
    first, second = pair
    one, other = clock(first), clock(second)
    if one is None or other is None:
        return blind(APART, "no AcquisitionTime in the sidecar", first.site, "MT")
    apart = abs(other - one)
    apart = min(apart, _DAY - apart)
    if apart <= SERIES_MINUTES:
        return met(APART, first.site, "MT")
    return Verdict(
        APART,
        Outcome.NOT_MET,
        first.path,
        first.site,
        "MT",
        message=f"{first.contrast} and {second.contrast} were begun {apart:.0f} minutes apart.",
        observed=round(apart, 1),
        expected=f"at most {SERIES_MINUTES:g} minutes",
        affects=(second.path,),
    )
