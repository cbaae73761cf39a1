"""Slice orientation within a series, and between contrasts that the protocol plans alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ...protocol_specs.parameter import is_number
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met
from .series import concerned

SERIES, PLANNED = "SLICE_ORIENTATION_DIFFERS", "SESSION_ORIENTATION_JUMP"
ROUNDING = 0.05  # degrees; sidecars hold six digits
JUMP = 3.0  # degrees between dwi and the slices that are planned like it
_LIKE_DWI = ("MTon", "T2star")


def slice_normal(cosines: Any) -> tuple[float, float, float] | None:
    """Return the unit normal of the slices, from DICOM's six direction cosines.

    None where they aren't six finite numbers, or where row and column are parallel.
    """
    if not isinstance(cosines, list) or len(cosines) != 6 or not all(map(is_number, cosines)):
        return None
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = math.sqrt(sum(x * x for x in normal))
    if not 1e-6 < length < math.inf:
        return None
    return normal[0] / length, normal[1] / length, normal[2] / length


def angle(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the angle between two slice normals in degrees, 0 to 90."""
    cosine = abs(sum(a * b for a, b in zip(one, other, strict=True)))
    return math.degrees(math.acos(min(1.0, cosine)))


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome for every series, and for every session with dwi."""
    longest = max(
        inspection.spec.series.items(), key=lambda item: len(item[1].members), default=None
    )
    if longest is not None:
        for scans in inspection.members(longest[0]):
            yield _check_series(longest[0], scans)
    for session in inspection.sessions.values():
        by_contrast = {scan.contrast: scan for scan in reversed(session)}
        reference = by_contrast.get("dwi")
        planned = [by_contrast[name] for name in _LIKE_DWI if name in by_contrast]
        if reference is not None and planned:
            yield _check_plan(reference, planned)


def _normal(scan: Scan) -> tuple[float, float, float] | None:
    return slice_normal(scan.sidecar.get("ImageOrientationPatientDICOM"))


def _check_series(series: str, scans: Sequence[Scan]) -> Verdict:
    site = scans[0].site
    groups: list[tuple[tuple[float, ...], list[Scan]]] = []
    for scan in scans:
        normal = _normal(scan)
        if normal is None:
            return blind(SERIES, "no ImageOrientationPatientDICOM in the sidecar", site, series)
        for first, members in groups:
            if angle(first, normal) <= ROUNDING:
                members.append(scan)
                break
        else:
            groups.append((normal, [scan]))
    if len(groups) == 1:
        return met(SERIES, site, series)
    widest = max(angle(one, other) for one, _ in groups for other, _ in groups)
    names = [" and ".join(scan.contrast or "" for scan in part) for _, part in groups]
    told = (
        f"The slices of {names[1]} are tilted by {widest:.2f} degrees to those of {names[0]}."
        if len(names) == 2
        else f"The slices of {', '.join(names)} are tilted by up to {widest:.2f} degrees "
        "to each other."
    )
    return Verdict(
        SERIES,
        Outcome.NOT_MET,
        scans[0].path,
        site,
        series,
        message=told,
        sub_code=series,
        observed=round(widest, 4),
        expected=f"at most {ROUNDING} degrees",
        affects=tuple(scan.path for scan in scans[1:]),
        concerns=concerned(groups),
    )


def _check_plan(reference: Scan, planned: Sequence[Scan]) -> Verdict:
    site, normal = reference.site, _normal(reference)
    tilts: list[tuple[float, Scan]] = []
    for scan in planned:
        other = _normal(scan)
        if normal is not None and other is not None:
            tilts.append((angle(normal, other), scan))
    jumped = [(tilt, scan) for tilt, scan in tilts if tilt > JUMP]
    if not jumped:
        if len(tilts) < len(planned):
            return blind(PLANNED, "no ImageOrientationPatientDICOM in the sidecar", site)
        return met(PLANNED, site)
    told = ", ".join(f"{scan.contrast} by {tilt:.1f} degrees" for tilt, scan in jumped)
    return Verdict(
        PLANNED,
        Outcome.NOT_MET,
        jumped[0][1].path,
        site,
        message=f"Tilted to the slices of dwi: {told}; the protocol plans them alike.",
        observed={scan.contrast or "": round(tilt, 2) for tilt, scan in jumped},
        expected=f"at most {JUMP:g} degrees",
        affects=(*(scan.path for _, scan in jumped[1:]), reference.path),
    )
