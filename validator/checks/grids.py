"""Masks and labels against the grid of the image that they were drawn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..dataset import Dataset, Scan, Stage
from ..entities import HOLE
from ..finding import Outcome
from ..inspection import Inspection
from ..nifti import Header
from ..verdict import Verdict, blind, met
from .derivatives import source_stems
from .headers import TOLERANCE, corner_distance

_CODE = "DERIVATIVE_GRID_DIFFERS"


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield DERIVATIVE_GRID_DIFFERS, where both headers are at hand."""
    dataset = inspection.dataset
    good: Counter[str] = Counter()
    absent: Counter[tuple[str, str]] = Counter()
    for scan in dataset.scans:
        if scan.stage is not Stage.DERIVATIVE or not _claims_source_grid(scan):
            continue
        if not inspection.headers.has(scan):
            absent[scan.site, inspection.headers.reason(scan)] += 1
            continue
        source = _source(dataset, scan)
        if source is None:  # DERIVATIVE_WITHOUT_SOURCE
            continue
        mask, image = inspection.headers.of(scan), inspection.headers.of(source)
        if mask is None or image is None:
            lacking = scan if mask is None else source
            absent[scan.site, inspection.headers.reason(lacking)] += 1
        elif difference := _difference(mask, image):
            yield _finding(scan, source, mask, image, difference)
        else:
            good[scan.site] += 1
    for site, count in good.items():
        yield met(_CODE, site, count=count)
    for (site, reason), count in absent.items():
        yield blind(_CODE, reason, site, count=count)


def _claims_source_grid(scan: Scan) -> bool:
    if scan.name is None or not scan.name.shape.source:
        return False
    if scan.name.shape.entities.get("space", "orig") != "orig":
        return False
    return bool(scan.sidecar.get("SpatialReference", "orig") == "orig")


def _source(dataset: Dataset, scan: Scan) -> Scan | None:
    assert scan.name is not None
    for stem in source_stems(scan.name.shape):
        found = dataset.by_path.get(stem.replace(HOLE, scan.name.label))
        if found is not None:
            return found
    return None


def _difference(mask: Header, image: Header) -> str:
    own, other = mask["shape"][:3], image["shape"][:3]
    if own != other:
        return f"it has {_size(own)} voxels, the image {_size(other)}"
    if mask["affine"] is None or image["affine"] is None:
        return ""
    moved = corner_distance(own, mask["affine"], image["affine"])
    if moved <= TOLERANCE:
        return ""
    return f"a corner of it lies {moved:.3g} mm from the image's"


def _size(shape: list[int]) -> str:
    return " x ".join(map(str, shape))


def _finding(scan: Scan, source: Scan, mask: Header, image: Header, difference: str) -> Verdict:
    return Verdict(
        _CODE,
        Outcome.NOT_MET,
        scan.path,
        scan.site,
        message=f"{scan.path} doesn't lie on the grid of {source.path}: {difference}.",
        observed=mask["shape"],
        expected=image["shape"],
        affects=(source.path,),
    )
