"""Origin, spacing and size of the images of a series, where their headers are at hand.

Where they aren't, the position of the first slice, if the conversion has kept it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ...protocol_specs.parameter import is_number
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..nifti import Header
from ..verdict import Verdict, blind, met
from .series import concerned

CODE = "GEOMETRY_DIFFERS"
DISTANCE = 0.5  # mm between the same corner of two images; a tenth of a slice

Grid = tuple[list[int], list[list[float]]]
"""Voxels along each axis, and where the corners lie."""


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome for every series of the protocol's longest kind."""
    kinds = sorted(inspection.spec.series.values(), key=lambda series: -len(series.members))
    for series in kinds[:1]:
        for scans in inspection.members(series.name):
            yield _check(inspection, series.name, scans)


def corners(header: Header) -> list[list[float]] | None:
    """Return where the outermost voxels' centres lie, in mm: 8 points, by voxel order."""
    affine, shape = header["affine"], header["shape"]
    if affine is None or len(shape) < 3:
        return None
    ends = [(0, size - 1) for size in shape[:3]]
    return [
        [row[0] * i + row[1] * j + row[2] * k + row[3] for row in affine]
        for i in ends[0]
        for j in ends[1]
        for k in ends[2]
    ]


def apart(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    """Return the longest way between corresponding corners, in mm."""
    return max(map(math.dist, one, other))


def _check(inspection: Inspection, series: str, scans: Sequence[Scan]) -> Verdict:
    site = scans[0].site
    grids: list[Grid] = []
    for scan in scans:
        header = inspection.headers.of(scan)
        points = corners(header) if header else None
        if header is None or points is None:
            return _check_positions(series, scans, inspection.headers.reason(scan))
        grids.append((header["shape"][:3], points))
    groups: list[tuple[Grid, list[Scan]]] = []
    for scan, grid in zip(scans, grids, strict=True):
        for (size, place), members in groups:
            if size == grid[0] and apart(place, grid[1]) <= DISTANCE:
                members.append(scan)
                break
        else:
            groups.append((grid, [scan]))
    if len(groups) == 1:
        return met(CODE, site, series)
    (size, place), reference = groups[0]
    told = []
    for (other, points), members in groups[1:]:
        how = (
            f"{_times(other)} voxels where {reference[0].contrast} has {_times(size)}"
            if other != size
            else f"{apart(place, points):.1f} mm away from {reference[0].contrast}"
        )
        told.append(f"{_names(members)} {how}")
    return _differs(series, scans, told, concerned(groups))


def _check_positions(series: str, scans: Sequence[Scan], reason: str) -> Verdict:
    """Compare where the first slice lies, which our own conversion writes into the sidecar."""
    site = scans[0].site
    groups: list[tuple[list[float], list[Scan]]] = []
    for scan in scans:
        position = scan.sidecar.get("ImagePositionPatientDICOM")
        if not isinstance(position, list) or not (
            len(position) == 3 and all(map(is_number, position))
        ):
            return blind(CODE, reason, site, series)
        for first, members in groups:
            if math.dist(first, position) <= DISTANCE:
                members.append(scan)
                break
        else:
            groups.append((position, [scan]))
    if len(groups) == 1:
        return met(CODE, site, series)
    (place, reference), others = groups[0], groups[1:]
    told = [
        f"the first slice of {_names(members)} {math.dist(place, other):.1f} mm away from that of "
        f"{reference[0].contrast}"
        for other, members in others
    ]
    return _differs(series, scans, told, concerned(groups))


def _differs(
    series: str, scans: Sequence[Scan], told: list[str], concerns: tuple[str, ...] | None
) -> Verdict:
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        scans[0].path,
        scans[0].site,
        series,
        message=f"The {series} images don't cover the same space: {'; '.join(told)}.",
        sub_code=series,
        observed=told,
        expected=f"the same grid within {DISTANCE} mm",
        affects=tuple(scan.path for scan in scans[1:]),
        concerns=concerns,
    )


def _names(scans: Sequence[Scan]) -> str:
    return " and ".join(scan.contrast or "" for scan in scans)


def _times(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))
