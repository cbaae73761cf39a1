"""What the protocol wants equal among the scans of a series.

The keys and their tolerances stand in the protocol (`series: ... equal:`); each has a code of its
own in `rules/series.yaml`, others share SERIES_PARAMETER_DIFFERS.

>>> code_of("ShimSetting")
'SHIM_SETTING_DIFFERS'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...protocol_specs.parameter import Tolerance, is_number, value_text
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

Groups = list[tuple[Any, list[Scan]]]
"""A value, and the scans that have it."""
_OTHER = "SERIES_PARAMETER_DIFFERS"
CODES = {
    "ShimSetting": "SHIM_SETTING_DIFFERS",
    "ReceiveCoilActiveElements": "RECEIVE_COIL_DIFFERS",
    "TxRefAmp": "TRANSMIT_REFERENCE_DIFFERS",
    "ImageScaleCorrectionFactor": "IMAGE_SCALE_DIFFERS",
    "OverallImageScaleFactor": "IMAGE_SCALE_DIFFERS",
    "FFTScaleFactor": "IMAGE_SCALE_DIFFERS",
    "PhilipsScaleSlope": "PHILIPS_SCALING_DIFFERS",
    "PhilipsRescaleSlope": "PHILIPS_SCALING_DIFFERS",
    "PhilipsRWVSlope": "PHILIPS_SCALING_DIFFERS",
    "UsePhilipsFloatNotDisplayScaling": "PHILIPS_SCALING_DIFFERS",
    "RepetitionTime": "REPETITION_TIME_DIFFERS",
    "EchoTime": "ECHO_TIME_DIFFERS",
    "FlipAngle": "FLIP_ANGLE_DIFFERS",
    "PixelBandwidth": "PIXEL_BANDWIDTH_DIFFERS",
    "BaseResolution": "MATRIX_DIFFERS",
    "AcquisitionMatrixPE": "MATRIX_DIFFERS",
    "SliceThickness": "MATRIX_DIFFERS",
}
_ONLY_CODES = {"IMAGE_SCALE_DIFFERS": "Siemens", "PHILIPS_SCALING_DIFFERS": "Philips"}
# Keys that mean nothing at other vendors; others are not determinable where they lack.
_ONLY = {key: _ONLY_CODES[code] for key, code in CODES.items() if code in _ONLY_CODES}
_ONLY["BaseResolution"] = "Siemens"
_SLOPES = ("PhilipsScaleSlope", "PhilipsRescaleSlope", "PhilipsRWVSlope")
_UNITS = {"TxRefAmp": " V", "PixelBandwidth": " Hz/px"}
_LONG = 5  # numbers in a list that nobody reads one by one
_LONGEST = 120  # characters of a value in a message
_UNDONE = "UsePhilipsFloatNotDisplayScaling"
# Read where a sidecar lacks the key: the same fact in other words.
_INSTEAD = {"ReceiveCoilActiveElements": "CoilString"}


def code_of(key: str) -> str:
    """Return the code for a key of the protocol's series."""
    return CODES.get(key, _OTHER)


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome for every code of every series."""
    for name, series in inspection.spec.series.items():
        codes: dict[tuple[str, str], dict[str, Tolerance]] = {}
        for key, tolerance in series.equal.items():
            if not _is_covered(inspection, name, key):
                code = code_of(key)
                apart = key if code == _OTHER else ""  # keys that have nothing in common
                codes.setdefault((code, apart), {})[key] = tolerance
        for scans in inspection.members(name):
            for (code, _), keys in codes.items():
                yield from _check_code(inspection, name, scans, code, keys)


def _is_covered(inspection: Inspection, name: str, key: str) -> bool:
    """Whether a larger series with the same members compares the key as well."""
    members = set(inspection.spec.series[name].members)
    return any(
        key in other.equal and members < set(other.members)
        for other in inspection.spec.series.values()
    )


def _check_code(
    inspection: Inspection,
    series: str,
    scans: Sequence[Scan],
    code: str,
    keys: Mapping[str, Tolerance],
) -> Iterator[Verdict]:
    site = scans[0].site
    differing: list[tuple[str, Groups]] = []
    reasons: list[str] = []
    applies = False
    for key, tolerance in keys.items():
        vendor = _ONLY.get(key)
        if vendor is not None and not _made_by(inspection, scans, vendor):
            continue
        applies = True
        told, known = _values(scans, key)
        known, odd = _comparable(known)
        groups = _group(known, tolerance)
        scaling = _scaling(scans) if key in _SLOPES else ""
        if scaling == "undone":
            continue  # the conversion has undone the scanner's scaling
        if len(groups) > 1 and scaling == "unsaid":
            reasons.append(f"no {_UNDONE} in the sidecar")
        elif len(groups) > 1:
            differing.append((told, groups))
        elif odd:
            reasons.append(f"{key} is a text in some sidecars")
        elif len(known) < len(scans):
            reasons.append(f"no {key} in the sidecar")
    if differing:
        yield _differs(inspection, code, series, scans, differing)
    elif reasons:
        yield blind(code, reasons[0], site, series)
    elif applies:
        yield met(code, site, series)


def _scaling(scans: Sequence[Scan]) -> str:
    """Say whether the conversion has undone the scaling of Philips in all scans."""
    flags = [scan.sidecar.get(_UNDONE) for scan in scans]
    if all(flag in (1, True) for flag in flags):
        return "undone"
    return "unsaid" if None in flags else ""


def _made_by(inspection: Inspection, scans: Sequence[Scan], vendor: str) -> bool:
    made = inspection.fact(scans[0], "Manufacturer", "manufacturer") or ""
    return vendor.casefold() in made.casefold()


def _values(scans: Sequence[Scan], key: str) -> tuple[str, list[tuple[Scan, Any]]]:
    """Return the values of a key, or of the one that says the same where some scan lacks it."""
    known = [(scan, scan.sidecar[key]) for scan in scans if scan.sidecar.get(key) is not None]
    other = _INSTEAD.get(key)
    if other is not None and len(known) < len(scans):
        others = [(scan, scan.sidecar.get(other)) for scan in scans]
        if all(isinstance(value, str) and value for _, value in others):
            return other, others
    return key, known


def _comparable(known: list[tuple[Scan, Any]]) -> tuple[list[tuple[Scan, Any]], bool]:
    """Leave out texts beside numbers, of which SIDECAR_TYPE_WRONG tells; say if there are any."""
    kinds = {type(value) for _, value in known}
    if str not in kinds or not kinds & {int, float}:
        return known, False
    return [(scan, value) for scan, value in known if not isinstance(value, str)], True


def _group(known: Sequence[tuple[Scan, Any]], tolerance: Tolerance) -> Groups:
    """Put scans with the same value together."""
    if known and all(value == known[0][1] for _, value in known):
        return [(known[0][1], [scan for scan, _ in known])]  # nearly always
    groups: Groups = []
    for scan, value in known:
        for first, members in groups:
            if same(value, first, tolerance):
                members.append(scan)
                break
        else:
            groups.append((value, [scan]))
    return groups


def same(one: Any, other: Any, tolerance: Tolerance) -> bool:
    """Say whether two values of a sidecar are equal, numbers within a tolerance."""
    if is_number(one) and is_number(other):
        return tolerance.accepts(one, other)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return all(same(a, b, tolerance) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def _differs(
    inspection: Inspection,
    code: str,
    series: str,
    scans: Sequence[Scan],
    differing: Sequence[tuple[str, Groups]],
) -> Verdict:
    sentences = []
    observed: dict[str, dict[str, Any]] = {}
    for key, groups in differing:
        unit = _unit(inspection, scans[0], key)
        sentences.append(f"{key} differs within the {series} series: {_told(groups, unit)}.")
        observed[key] = {scan.contrast or "": value for value, part in groups for scan in part}
    keys = list(observed)
    every = [concerned(groups) for _, groups in differing]
    return Verdict(
        code,
        Outcome.NOT_MET,
        scans[0].path,
        scans[0].site,
        series,
        message=" ".join(sentences),
        sub_code=f"{series}.{keys[0]}" if code == _OTHER else series,
        observed=observed[keys[0]] if len(keys) == 1 else observed,
        expected=f"the same {' and '.join(keys)} in {_names(scans)}",
        affects=tuple(scan.path for scan in scans[1:]),
        concerns=None if None in every else every[0],
    )


def _told(groups: Groups, unit: str) -> str:
    """Say who has which value; of long lists, how far they lie apart (all is in `observed`)."""
    values = [value for value, _ in groups]
    if all(isinstance(value, list) and len(value) >= _LONG for value in values):
        names = [_names(members) for _, members in groups]
        who = f"{names[1]} from {names[0]}" if len(names) == 2 else ", ".join(names)
        who += "" if len(names) == 2 else " from each other"
        widest = _widest(values)
        return who if widest is None else f"{who}, by up to {widest:g}"
    return "; ".join(f"{_names(members)} {text_of(value)}{unit}" for value, members in groups)


def _widest(lists: Sequence[Any]) -> float | None:
    """Return the largest difference between numbers at one place of several lists."""
    if len({len(one) for one in lists}) > 1 or not all(is_number(n) for one in lists for n in one):
        return None
    return max(float(max(column)) - float(min(column)) for column in zip(*lists, strict=True))


def _names(scans: Sequence[Scan]) -> str:
    return " and ".join(scan.contrast or "" for scan in scans)


def text_of(value: Any) -> str:
    """Write a value of a sidecar for a message, lists with commas, in bounds."""
    if isinstance(value, list):
        text = f"[{', '.join(map(value_text, value))}]"
    else:
        text = value_text(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _unit(inspection: Inspection, scan: Scan, key: str) -> str:
    if key in _UNITS:
        return _UNITS[key]
    variant = inspection.variant(scan)
    parameter = variant.parameters(scan.contrast or "").get(key) if variant else None
    if parameter is None or not parameter.unit:
        return ""
    return " degrees" if parameter.unit == "degree" else f" {parameter.unit}"


def concerned(groups: Sequence[tuple[Any, Sequence[Scan]]]) -> tuple[str, ...] | None:
    """Say which metrics a difference puts in doubt: MTR needs MTon and MToff alike only."""
    for _, members in groups:
        if {"MTon", "MToff"} <= {scan.contrast for scan in members}:
            return ("mtsat", "t1")
    return None
