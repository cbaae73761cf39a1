"""Whether the person, or the table, moved within a session: told by the scanner's own marks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ...protocol_specs.parameter import is_number
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met
from .order import clock

TABLE, FRAME = "TABLE_POSITION_JUMPS", "FRAME_OF_REFERENCE_DIFFERS"
WITHIN_SERIES = 1.0  # mm; the table stays within a series
WITHIN_SESSION = 50.0  # mm; it may bring another field of view to the isocentre between series


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield two outcomes for every session of two scans or more."""
    series = {name for each in inspection.spec.series.values() for name in each.members}
    for scans in inspection.sessions.values():
        wanted = [scan for scan in scans if scan.contrast is not None]
        wanted.sort(key=lambda scan: clock(scan) or 0.0)
        if len(wanted) > 1:
            yield _check_frames(wanted)
            yield _check_table(wanted, [scan for scan in wanted if scan.contrast in series])


def table_position(scan: Scan) -> list[float] | None:
    """Return where the table stood, in mm: three numbers, or None."""
    said: Any = scan.sidecar.get("TablePosition")
    if not isinstance(said, list) or len(said) != 3 or not all(map(is_number, said)):
        return None
    return said


def _check_frames(scans: Sequence[Scan]) -> Verdict:
    site = scans[0].site
    frames: dict[str, list[Scan]] = {}
    known = 0
    for scan in scans:
        said = scan.sidecar.get("FrameOfReferenceHash")
        if isinstance(said, str) and said:
            frames.setdefault(said, []).append(scan)
            known += 1
    if len(frames) > 1:
        # The largest group is the exam; what lies elsewhere is what was measured apart from it.
        groups = sorted(frames.values(), key=len, reverse=True)
        apart = [scan for group in groups[1:] for scan in group]
        return Verdict(
            FRAME,
            Outcome.NOT_MET,
            apart[0].path,
            site,
            message=f"{_names(apart)} has another frame of reference than {_names(groups[0])}: "
            "the person was probably repositioned in between.",
            observed=[[scan.contrast for scan in group] for group in groups],
            expected="one frame of reference in the whole session",
            affects=tuple(scan.path for scan in (*apart[1:], *groups[0])),
        )
    if known < len(scans):
        return blind(FRAME, "no FrameOfReferenceHash in the sidecar", site)
    return met(FRAME, site)


def _check_table(scans: Sequence[Scan], series: Sequence[Scan]) -> Verdict:
    site = scans[0].site
    for members, limit in ((series, WITHIN_SERIES), (scans, WITHIN_SESSION)):
        placed = [(scan, at) for scan in members if (at := table_position(scan)) is not None]
        if not placed:
            continue
        first, start = placed[0]
        moved = [(scan, math.dist(at, start)) for scan, at in placed[1:]]
        jumps = [(scan, distance) for scan, distance in moved if distance > limit]
        if jumps:
            return _jumps(first, jumps, limit)
    if any(table_position(scan) is None for scan in scans):
        return blind(TABLE, "no TablePosition in the sidecar", site)
    return met(TABLE, site)


def _jumps(first: Scan, jumps: Sequence[tuple[Scan, float]], limit: float) -> Verdict:
    told = " and ".join(f"by {distance:.0f} mm to {scan.contrast}" for scan, distance in jumps)
    return Verdict(
        TABLE,
        Outcome.NOT_MET,
        jumps[0][0].path,
        first.site,
        message=f"The table moved {told}, counted from {first.contrast}.",
        observed={scan.contrast or "": round(distance, 1) for scan, distance in jumps},
        expected=f"at most {limit:g} mm",
        affects=(*(scan.path for scan, _ in jumps[1:]), first.path),
    )


def _names(scans: Sequence[Scan]) -> str:
    return " and ".join(dict.fromkeys(scan.contrast or "" for scan in scans))
