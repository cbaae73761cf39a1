"""Diffusion gradients: the files, their shapes and norms, and the protocol's scheme."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from ...protocol_specs.variant import Scheme
from ..dataset import Scan
from ..finding import Outcome, Scope
from ..gradients import Gradients
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

MISSING, MALFORMED = "GRADIENTS_MISSING", "GRADIENTS_MALFORMED"
NORM, VOLUMES = "GRADIENT_NORM_WRONG", "GRADIENT_COUNT_WRONG"
B_VALUE, DIRECTIONS = "B_VALUE_OUT_OF_SCHEME", "DIRECTIONS_OUT_OF_SCHEME"
REPEAT = "GRADIENT_DIRECTIONS_REPEAT"
NORM_TOLERANCE = 0.05
DISTINCT = 0.9  # of the directions asked for; a few may be measured twice
ENOUGH = 30  # distinct directions; Jones, Magn Reson Med 2004. A scheme of 60 may be 2 x 30.
_COSINE, _CHORD = math.cos(math.radians(1)), math.radians(1)
_SHELL = 1.1  # b-values that differ by more belong to two shells
_LARGEST = 1e9  # of a length that is reported
_WEIGHTED = 50.0  # s/mm2; below it scanners write small b-values for b0

Vectors = tuple[tuple[float, ...], ...]


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield outcomes for every raw dwi scan (b0 scans measured apart have no gradients).

    Where all scans of a site, of two participants or more, share one wrong scheme, that is one
    finding.
    """
    schemes: dict[tuple[str, str], list[Verdict]] = {}
    for scan in inspection.raw:
        if scan.contrast == "dwi":
            for verdict in _check(inspection, scan):
                if verdict.code in (B_VALUE, DIRECTIONS, REPEAT):
                    schemes.setdefault((scan.site, verdict.code), []).append(verdict)
                else:
                    yield verdict
    for verdicts in schemes.values():
        yield from _gather(verdicts)


def _gather(verdicts: list[Verdict]) -> Iterator[Verdict]:
    """Make one verdict of a site's where all its scans are wrong in the same way."""
    first = verdicts[0]
    folders = {verdict.location.rpartition("/")[0] for verdict in verdicts}
    alike = all(verdict.message == first.message for verdict in verdicts)
    if first.outcome is not Outcome.NOT_MET or len(folders) < 2 or not alike:
        yield from verdicts
        return
    yield first._replace(
        message=f"{first.message} The same in all {len(verdicts)} dwi scans of the site.",
        affects=tuple(verdict.location for verdict in verdicts[1:]),
        scope=Scope.SITE,
        count=len(verdicts),
    )


def _check(inspection: Inspection, scan: Scan) -> Iterator[Verdict]:
    stem = scan.path.removesuffix(".gz").removesuffix(".nii")
    files = [inspection.gradients.get(f"{stem}.{kind}") for kind in ("bval", "bvec")]
    site = scan.site
    missing = [kind for kind, file in zip(("bval", "bvec"), files, strict=True) if file is None]
    if missing:
        names = " and ".join(f".{kind}" for kind in missing)
        yield _finding(MISSING, scan, f"dwi has no {names} file.", None, ".bval and .bvec")
        return
    yield met(MISSING, site, "dwi")
    bval, bvec = files
    assert bval is not None
    assert bvec is not None
    fault = _shape_fault(bval, bvec)
    if fault:
        file = bvec if bvec.fault or not bval.fault else bval
        yield _finding(MALFORMED, scan, fault, None, "1 row of b-values, 3 rows of vectors", file)
        return
    yield met(MALFORMED, site, "dwi")
    yield _check_norms(scan, bval, bvec)
    yield _check_volumes(inspection, scan, len(bval.rows[0]))
    variant = inspection.variant(scan)
    schemes = variant.diffusion.get("dwi", ()) if variant else ()
    if schemes:
        yield from _check_scheme(scan, bval.rows[0], schemes)
        yield _check_directions(scan, bval.rows[0], bvec.rows, schemes)


def _shape_fault(bval: Gradients, bvec: Gradients) -> str:
    for file in (bval, bvec):
        if file.fault:
            return f"{file.path.rpartition('/')[2]} is {file.fault}."
    if len(bval.rows) != 1:
        return f"The bval file has {len(bval.rows)} rows where BIDS asks for one."
    if len(bvec.rows) != 3:
        return f"The bvec file has {len(bvec.rows)} rows where BIDS asks for three (x, y, z)."
    widths = {len(bval.rows[0]), *map(len, bvec.rows)}
    if len(widths) > 1:
        told = ", ".join(str(len(row)) for row in bvec.rows)
        return f"{len(bval.rows[0])} b-values, but rows of {told} numbers in the bvec file."
    return ""


def _check_norms(scan: Scan, bval: Gradients, bvec: Gradients) -> Verdict:
    wrong = []
    low, high = (1 - NORM_TOLERANCE) ** 2, (1 + NORM_TOLERANCE) ** 2
    for index, (b, x, y, z) in enumerate(zip(bval.rows[0], *bvec.rows, strict=True)):
        square = x * x + y * y + z * z
        if b > _WEIGHTED and not low <= square <= high:
            wrong.append((index, round(min(math.sqrt(square), _LARGEST), 3)))
    if not wrong:
        return met(NORM, scan.site, "dwi")
    index, norm = wrong[0]
    message = (
        f"{len(wrong)} of {len(bval.rows[0])} gradient directions are no unit vectors "
        f"(volume {index}: length {norm})."
    )
    return _finding(NORM, scan, message, [norm for _, norm in wrong], 1, bvec)


def _check_volumes(inspection: Inspection, scan: Scan, count: int) -> Verdict:
    header = inspection.headers.of(scan)
    if header is None:
        return blind(VOLUMES, inspection.headers.reason(scan), scan.site, "dwi")
    volumes = header["shape"][3] if len(header["shape"]) > 3 else 1
    if volumes == count:
        return met(VOLUMES, scan.site, "dwi")
    message = f"The image has {volumes} volumes, the bval file {count} b-values."
    return _finding(VOLUMES, scan, message, volumes, count)


def _check_scheme(
    scan: Scan, values: tuple[float, ...], schemes: tuple[Scheme, ...]
) -> Iterator[Verdict]:
    code, message, observed = _compare(values, schemes)
    if code != B_VALUE:
        yield met(B_VALUE, scan.site, "dwi")
    if code:
        asked = " or ".join(scheme.text() for scheme in schemes)
        yield _finding(
            code, scan, f"{message} s/mm2; the protocol asks for {asked}.", observed, asked
        )
    else:
        yield met(DIRECTIONS, scan.site, "dwi")


@lru_cache(maxsize=4096)
def _compare(
    values: tuple[float, ...], schemes: tuple[Scheme, ...]
) -> tuple[str, str, tuple[int, ...]]:
    """Return the code that b-values break ('' for none), what they are, and their numbers."""
    listed = list(values)
    shells = Counter(round(b) for b in values if b > _WEIGHTED)
    told = ", ".join(f"{count} at b = {b}" for b, count in sorted(shells.items())) or "none"
    fitting = [scheme for scheme in schemes if scheme.shells(listed)]
    if not fitting:
        return B_VALUE, f"b-values: {told}", tuple(sorted(shells))
    weighted = sum(shells.values())
    if any(scheme.counts(listed) for scheme in fitting):
        return "", "", ()
    zeros = len(values) - weighted
    return DIRECTIONS, f"{zeros} x b0 and {told}", (zeros, weighted)


def _check_directions(
    scan: Scan, values: tuple[float, ...], vectors: Vectors, schemes: tuple[Scheme, ...]
) -> Verdict:
    measured = sum(b > _WEIGHTED for b in values)
    asked = [scheme for scheme in schemes if scheme.shells(list(values))] or schemes
    # Fewer images than asked are another finding's; more than enough may be averages.
    needed = min(measured, ENOUGH, *(scheme.directions for scheme in asked))
    distinct = distinct_directions(values, vectors)
    if distinct >= DISTINCT * needed:
        return met(REPEAT, scan.site, "dwi")
    ways = "one direction" if distinct == 1 else f"{distinct} different directions"
    message = (
        f"The {measured} diffusion-weighted images have only {ways}; "
        f"the protocol asks for {needed}."
    )
    return _finding(REPEAT, scan, message, distinct, needed)


@lru_cache(maxsize=4096)
def distinct_directions(values: tuple[float, ...], vectors: Vectors) -> int:
    """Count directions further than 1 degree apart, b-value by b-value.

    v and -v are one direction: diffusion doesn't tell them apart.

    Parameters
    ----------
    values
        b-values in s/mm2; below 50 they count as b0.
    vectors
        Rows x, y and z.
    """
    weighted = []
    for b, x, y, z in zip(values, *vectors, strict=True):
        length = math.hypot(x, y, z)
        if b > _WEIGHTED and length > 0:
            weighted.append((b, abs(z) / length, x / length, y / length, z / length))
    weighted.sort()
    count, last = 0, 0.0
    shell: list[tuple[float, float, float, float]] = []
    for vector in weighted:
        if vector[0] > last * _SHELL:
            count += _distinct(shell)
            shell = []
        last = vector[0]
        shell.append(vector[1:])
    return count + _distinct(shell)


def _distinct(shell: list[tuple[float, float, float, float]]) -> int:
    kept: list[tuple[float, float, float, float]] = []
    for height, x, y, z in sorted(shell):
        for low, *other in reversed(kept):
            if height - low > _CHORD:  # lower ones are further away
                kept.append((height, x, y, z))
                break
            if abs(x * other[0] + y * other[1] + z * other[2]) >= _COSINE:
                break
        else:
            kept.append((height, x, y, z))
    return len(kept)


def _finding(
    code: str, scan: Scan, message: str, observed: object, expected: object,
    file: Gradients | None = None,
) -> Verdict:  # fmt: skip
    return Verdict(
        code, Outcome.NOT_MET, file.path if file else scan.path, scan.site, "dwi",
        message=message, expected=expected,
        observed=list(observed) if isinstance(observed, tuple) else observed,
        affects=(scan.path,) if file else (),
    )  # fmt: skip
