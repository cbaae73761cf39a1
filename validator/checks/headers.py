"""Headers of the images whose content is here: can they be read, and where do they put voxels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from ..contents import Presence
from ..dataset import Dataset, Scan, Stage
from ..extent import fault_of_size
from ..finding import Outcome
from ..inspection import Inspection
from ..nifti import Header, HeaderError
from ..verdict import Verdict, blind, met

TOLERANCE = 0.1
"""mm by which a corner of the volume may move: a fifth of the protocol's finest voxel, 0.5 mm."""

_BROKEN, _CUT = "NIFTI_HEADER_BROKEN", "CONTENT_TRUNCATED"
_CODES = (_BROKEN, _CUT, "QFORM_SFORM_DISAGREE", "NIFTI_WITHOUT_ORIENTATION", "NIFTI_UNITS")
_UNSEEN = "can't be told without reading the whole image"

Affine = Sequence[Sequence[float]]


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of headers.

    Raw images and those computed from them are judged, each content once. Derivatives are judged
    by their readability alone: their grid is compared with their source's.
    """
    dataset, headers = inspection.dataset, inspection.headers
    present: list[Scan] = []
    absent: list[Scan] = []
    for scan in dataset.scans:
        if headers.has(scan):
            present.append(scan)
        elif scan.content.presence is Presence.ABSENT:
            absent.append(scan)
    good: Counter[tuple[str, str, str]] = Counter()
    for scan in present:
        if _is_same_as_twin(scan, dataset):
            continue
        header = headers.read(scan)
        if header is None:
            absent.append(scan)
            continue
        if not isinstance(header, HeaderError):
            yield _wholeness(dataset, scan, header)
        for code, verdict in _judge(scan, header):
            if verdict is None:
                good[code, scan.site, scan.contrast or ""] += 1
            else:
                yield verdict
    for (code, site, contrast), count in good.items():
        yield met(code, site, contrast, count)
    images = [scan for scan in absent if scan.stage is not Stage.DERIVATIVE]
    for codes, blinded in ((_CODES[:2], absent), (_CODES[2:], images)):
        places = Counter((headers.reason(s), s.site, s.contrast or "") for s in blinded)
        for (reason, site, contrast), count in places.items():
            for code in codes:
                yield blind(code, reason, site, contrast, count)


def _is_same_as_twin(scan: Scan, dataset: Dataset) -> bool:
    twin = dataset.by_path.get(scan.twin) if scan.twin else None
    return (
        twin is not None and scan.content.key is not None and scan.content.key == twin.content.key
    )


def _wholeness(dataset: Dataset, scan: Scan, header: Header) -> Verdict:
    if scan.content.presence is not Presence.PRESENT:
        return blind(_CUT, _UNSEEN, scan.site, scan.contrast or "")
    fault = fault_of_size(dataset, scan, header)
    if fault is None:
        return blind(_CUT, _UNSEEN, scan.site, scan.contrast or "")
    if not fault:
        return met(_CUT, scan.site, scan.contrast or "")
    return _finding(scan, _CUT, f"{scan.path} {fault}: it was cut or damaged.")


def _judge(scan: Scan, header: Header | HeaderError) -> Iterator[tuple[str, Verdict | None]]:
    if isinstance(header, HeaderError):
        yield _BROKEN, _finding(scan, _BROKEN, f"{scan.path} can't be read: {header}.")
        return
    yield _BROKEN, None
    if scan.stage is Stage.DERIVATIVE:
        return
    yield "NIFTI_WITHOUT_ORIENTATION", _orientation(scan, header)
    yield "NIFTI_UNITS", _units(scan, header)
    if header["qform"] is not None and header["sform"] is not None:
        yield "QFORM_SFORM_DISAGREE", _agreement(scan, header)


def _orientation(scan: Scan, header: Header) -> Verdict | None:
    if header["affine"] is not None:
        return None
    return _finding(
        scan,
        "NIFTI_WITHOUT_ORIENTATION",
        "Neither qform nor sform is set: the image doesn't say where left, front and top are.",
    )


def _units(scan: Scan, header: Header) -> Verdict | None:
    unit = header["xyzt_units"]["xyz"]
    if unit == "mm":
        return None
    said = "don't say their unit" if unit == "unknown" else f"are in {unit}"
    message = f"Voxel sizes {said} in the header; software takes them for millimetres."
    return _finding(scan, "NIFTI_UNITS", message, unit, "mm")


def _agreement(scan: Scan, header: Header) -> Verdict | None:
    moved = corner_distance(header["shape"], header["qform"], header["sform"])
    if moved <= TOLERANCE:
        return None
    return _finding(
        scan,
        "QFORM_SFORM_DISAGREE",
        f"qform and sform put a corner of the volume {moved:.3g} mm apart: software that reads "
        "the one sees another place than software that reads the other.",
        round(moved, 3) if math.isfinite(moved) else None,
        f"at most {TOLERANCE} mm",
    )


def corner_distance(shape: Sequence[int], one: Affine, other: Affine) -> float:
    """Return how far apart in mm two affines (3 x 4) put the volume's corners, at most."""
    ends = [(0, size - 1) for size in (*shape[:3], 1, 1, 1)[:3]]
    largest = 0.0
    for corner in product(*ends):
        moved = math.dist(_place(one, corner), _place(other, corner))
        largest = max(largest, moved)
    return largest


def _place(affine: Affine, voxel: Sequence[int]) -> list[float]:
    i, j, k = voxel
    return [row[0] * i + row[1] * j + row[2] * k + row[3] for row in affine]


def _finding(
    scan: Scan, code: str, message: str, observed: object = None, expected: object = None
) -> Verdict:
    return Verdict(
        code,
        Outcome.NOT_MET,
        scan.path,
        scan.site,
        scan.contrast or "",
        message=message,
        observed=observed,
        expected=expected,
    )
