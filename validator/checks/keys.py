"""Keys of sidecars: those that a contrast must have, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...protocol_specs.parameter import is_number
from ..dataset import Dataset, Scan, Stage
from ..finding import Outcome
from ..inspection import Inspection
from ..units import is_plausible
from ..verdict import Verdict, blind, met
from .reading import holder, is_read, kept, written

REQUIRED, TYPE = "SIDECAR_KEY_MISSING", "SIDECAR_TYPE_WRONG"
_NUMBERS = (
    "EchoTime", "RepetitionTime", "RepetitionTimeExcitation", "InversionTime", "FlipAngle",
    "MagneticFieldStrength", "SliceThickness", "PixelBandwidth", "SAR", "TxRefAmp",
    "SeriesNumber", "EchoTrainLength", "BaseResolution",
)  # fmt: skip
_TEXTS = (
    "Manufacturer", "ManufacturersModelName", "PatientPosition", "AcquisitionTime",
    "ReceiveCoilName", "SeriesDescription", "SequenceName",
)  # fmt: skip
_NUMBER_LISTS = {"ShimSetting": 0, "ImageOrientationPatientDICOM": 6, "TablePosition": 3}
"""How many numbers each holds; 0 for any."""
_MAY_BE_LISTS = frozenset(("EchoTime", "FlipAngle"))
_FLAGS = ("MTState",)
_REST = (*_NUMBER_LISTS, *_FLAGS, "ImageType")
_JUDGED = (*_NUMBERS, *_TEXTS, *_REST)
_NUMBER = frozenset((int, float, type(None)))
_TEXT = frozenset((str, type(None)))
_PADDED = re.compile(r"\s*[-+]?0[0-9]", re.ASCII)  # 00645023 is a code or a clock, no number


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield keys that are missing, one finding per site and key, and values of another type."""
    yield from _check_required(inspection)
    yield from _check_types(inspection.dataset)


def _check_required(inspection: Inspection) -> Iterator[Verdict]:
    """One finding per site and key: it is the conversion that forgot it, not a person."""
    lacking: dict[tuple[str, str], list[Scan]] = {}
    counts: dict[tuple[str, str], int] = {}
    for scan in inspection.raw:
        contrast = inspection.spec.contrasts.get(scan.contrast or "")
        if contrast is None or not scan.sidecars:
            continue
        if not is_read(inspection.dataset, scan):
            yield blind(REQUIRED, "the sidecar can't be read", scan.site, contrast.name)
            continue
        there = 0
        for key in contrast.keys:
            if scan.sidecar.get(key) is None:
                lacking.setdefault((scan.site, key), []).append(scan)
            else:
                there += 1
        place = scan.site, contrast.name
        counts[place] = counts.get(place, 0) + there
    for (site, name), count in counts.items():
        yield met(REQUIRED, site, name, count)
    for (site, key), scans in lacking.items():
        yield _lacks(site, key, scans)


def _lacks(site: str, key: str, scans: list[Scan]) -> Verdict:
    contrasts = sorted({scan.contrast or "" for scan in scans})
    where = f"the sidecars of {', '.join(contrasts)}"
    if len(scans) == 1:
        where = f"the sidecar of {contrasts[0]}"
    return Verdict(
        REQUIRED,
        Outcome.NOT_MET,
        scans[0].path,
        site,
        contrasts[0] if len(contrasts) == 1 else "",
        message=f"{key} is missing in {where}.",
        sub_code=key,
        observed="missing",
        expected=key,
        fix=_fix(scans[0], key) if len(scans) == 1 else None,
        affects=tuple(scan.path for scan in scans[1:]),
        count=len(scans),
    )


def _fix(scan: Scan, key: str) -> dict[str, Any] | None:
    """Return the value that follows from what is there; MTState is the operator's to know."""
    value = scan.sidecar.get("RepetitionTime") if key == "RepetitionTimeExcitation" else None
    if not is_number(value):
        return None
    return {"op": "set", "path": scan.sidecars[-1], "key": key, "value": value}


def _check_types(dataset: Dataset) -> Iterator[Verdict]:
    right: dict[tuple[str, str], int] = {}
    wrong: dict[tuple[str, str], list[Scan]] = {}
    kinds: dict[str, str] = {}
    for scan in dataset.scans:
        # What its raw image has is said there.
        if scan.stage is Stage.DERIVATIVE or scan.twin or not scan.sidecars:
            continue
        place = scan.site, scan.contrast or ""
        faults = _wrong_types(scan.sidecar)
        for key, kind in faults:
            kinds[key] = kind
            wrong.setdefault((holder(dataset, scan, key), key), []).append(scan)
        if not faults and not is_read(dataset, scan):
            yield blind(TYPE, "the sidecar can't be read", *place)
        elif not faults:
            right[place] = right.get(place, 0) + 1
    for place, count in right.items():
        yield met(TYPE, *place, count=count)
    for (path, key), scans in wrong.items():
        yield _wrong_type(path, key, kinds[key], scans)


def _wrong_types(sidecar: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (key, what belongs there); null is a missing value, not one of a wrong type."""
    get = sidecar.get
    plain = _NUMBER.issuperset(map(type, map(get, _NUMBERS)))
    plain = plain and _TEXT.issuperset(map(type, map(get, _TEXTS)))
    return [
        (key, kind)
        for key in (_REST if plain else _JUDGED)  # as good as always the others are right
        if (value := get(key)) is not None and (kind := _wants(key, value))
    ]


def _wants(key: str, value: object) -> str:
    """Say what kind of value belongs to a key; "" where this one is of that kind."""
    listed = isinstance(value, list)
    numbers = isinstance(value, list) and all(map(is_number, value))
    if key in _NUMBERS:
        several = key in _MAY_BE_LISTS and numbers and bool(value)
        return "" if is_number(value) or several else "a number"
    if key in _TEXTS:
        return "" if isinstance(value, str) else "a text"
    if key in _FLAGS:
        return "" if isinstance(value, bool) else "true or false"
    if key == "ImageType":
        return "" if listed else "a list of texts"
    size = _NUMBER_LISTS[key]
    fits = numbers and (not size or (isinstance(value, list) and len(value) == size))
    return "" if fits else f"a list of {f'{size} ' if size else ''}numbers"


def _wrong_type(path: str, key: str, kind: str, scans: list[Scan]) -> Verdict:
    scan = scans[0]
    value = scan.sidecar[key]
    suffix = scan.name.suffix if scan.name is not None else None
    fixed = _as_numbers(value, key, suffix) if kind == "a number" else None
    return Verdict(
        TYPE,
        Outcome.NOT_MET,
        path,
        scan.site,
        scan.contrast or "",
        message=f"{key} is {written(value)} where {kind} belongs.",
        sub_code=key,
        observed=kept(value),
        expected=kind,
        suggestion=_suggestion(key, kind, fixed),
        fix=(
            {"op": "set", "path": path, "key": key, "value": fixed} if fixed is not None else None
        ),
        affects=tuple(scan.path for scan in scans),
        count=len(scans),
    )


def _suggestion(key: str, kind: str, fixed: float | list[float] | None) -> str:
    """Say what to write; "" where the rule's own words do."""
    if fixed is not None:
        return f"Write {key}: {written(fixed)}."
    if kind == "a number":
        return f"Look {key} up in the DICOM, and write it as a number without quotes."
    if kind == "true or false":
        return f"Write {key}: true or {key}: false, without quotes."
    if kind == "a text":
        return f"Write {key} in quotes, as the DICOM has it."
    return "Write the texts in square brackets, each in quotes." if key == "ImageType" else ""


def _as_numbers(value: object, key: str, suffix: str | None) -> float | list[float] | None:
    """Read a number out of a text, or several where the key may have them; None if in doubt.

    ``0,0022`` is in doubt: a decimal comma, or two numbers. So is what can't be in the key's
    unit: whoever wrote ``"1500"`` seconds may have meant milliseconds, or another key.
    """
    if not isinstance(value, str) or len(value) > 1000 or "_" in value:
        return None
    parts = value.split(",")
    if len(parts) > 1 and (key not in _MAY_BE_LISTS or not all("." in part for part in parts)):
        return None
    if any(map(_PADDED.match, parts)):
        return None
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if not all(is_number(number) and is_plausible(key, number, suffix) for number in numbers):
        return None
    numbers = [int(number) if number.is_integer() else number for number in numbers]
    return numbers if len(numbers) > 1 else numbers[0]
