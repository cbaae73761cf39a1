"""What dcm2niix leaves out of a sidecar and rules need, taken from the DICOM headers.

dcm2niix wins: what it wrote stays, since its values are what other datasets hold. Only what can be
no value (null, an empty text, another number of numbers) gives way to the header's own.
The frame of reference comes as the scanner's UID; de-identification replaces it by a salted hash.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .enrich_place import first_position
from .enrich_pulse import pulse_facts
from .ge import ge_facts
from .headers import HeaderError, read_header, shared_value, text_of, value_of
from .philips import philips_facts
from .siemens import siemens_facts

Told = tuple[dict[str, Any], dict[str, str]]
"""What a header tells by key, and why the rest can't be told."""

VENDORS: Mapping[str, Callable[[Any], Told]] = {
    "Siemens": siemens_facts,
    "GE": ge_facts,
    "Philips": philips_facts,
}
_MAKERS = {"siemens": "Siemens", "ge": "GE", "general electric": "GE", "philips": "Philips"}
_LENGTHS = {"TablePosition": 3, "ImagePositionPatientDICOM": 3}
_TOLERANCE = 1e-3  # dcm2niix writes six digits
# What rules of a series and of the image scale read: a report says of each whether it is known.
REPORTED = (
    "ImageScaleCorrectionFactor", "OverallImageScaleFactor", "FFTScaleFactor", "ShimSetting",
    "TxRefAmp", "PhilipsScaleSlope", "PrescanTransmitGain", "ImagePositionPatientDICOM",
    "FrameOfReferenceUID", "TablePosition",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What the DICOM headers of a series tell under the keys of a sidecar.

    Attributes
    ----------
    vendor
        Siemens, GE, Philips, or "" for another one.
    values
        Key -> value.
    missing
        Key -> why it can't be told.
    """

    vendor: str
    values: Mapping[str, Any]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Enriched:
    """A sidecar with what was added.

    Attributes
    ----------
    sidecar
        The whole of it.
    added, replaced
        Keys that came from the headers: new ones, and those whose value was none.
    disagreeing
        Keys of which the headers tell something else; dcm2niix's value was kept.
    missing
        Key -> why it can't be told, of keys that the sidecar lacks.
    """

    sidecar: dict[str, Any]
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    disagreeing: tuple[str, ...]
    missing: Mapping[str, str]


def determine(dicoms: Sequence[Path]) -> Facts:
    """Return what the DICOM files of one series tell.

    Raises
    ------
    HeaderError
        None of the files can be read.
    """
    header = _readable(dicoms)
    vendor = vendor_of(text_of(value_of(header, "Manufacturer")))
    values: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for told in (VENDORS[vendor](header) if vendor else ({}, {}), pulse_facts(header, vendor)):
        values |= told[0]
        missing |= told[1]
    position = first_position(dicoms, header)
    if position is None:
        missing["ImagePositionPatientDICOM"] = "not in the DICOM headers"
    else:
        values["ImagePositionPatientDICOM"] = position
    frame = text_of(value_of(header, "FrameOfReferenceUID"))
    if frame:
        values["FrameOfReferenceUID"] = frame
    else:
        missing["FrameOfReferenceUID"] = "not in the DICOM headers"
    part = text_of(value_of(header, "BodyPartExamined"))
    part = part or text_of(shared_value(header, "FrameAnatomySequence", "BodyPartExamined"))
    if part:
        values["BodyPartExamined"] = part
    return Facts(vendor, MappingProxyType(values), MappingProxyType(missing))


def merge(sidecar: Mapping[str, Any], facts: Facts) -> Enriched:
    """Add facts to a sidecar; what dcm2niix wrote stays wherever it is a value."""
    merged = dict(sidecar)
    added, replaced, disagreeing = [], [], []
    for key, value in facts.values.items():
        if key not in sidecar:
            merged[key] = value
            added.append(key)
        elif not _is_value(key, sidecar[key]):
            merged[key] = value
            replaced.append(key)
        elif not _alike(sidecar[key], value):
            disagreeing.append(key)
    if facts.values.get("BodyPartExamined") is not None:
        merged.pop("BodyPart", None)  # dcm2niix's older spelling of the same
    missing = {key: why for key, why in facts.missing.items() if key not in merged}
    return Enriched(
        merged, tuple(added), tuple(replaced), tuple(disagreeing), MappingProxyType(missing)
    )


def enrich(sidecar: Mapping[str, Any], dicoms: Sequence[Path]) -> dict[str, Any]:
    """Return a sidecar with what the series' DICOM files tell beyond it.

    Raises
    ------
    HeaderError
        None of the files can be read.
    """
    return merge(sidecar, determine(dicoms)).sidecar


def tell(facts: Facts) -> Iterator[str]:
    """Say of each key that rules of a series read whether it was determined, one line each."""
    for key in REPORTED:
        if key in facts.values:
            yield f"{key}: determined"
        elif key in facts.missing:
            yield f"{key}: not determinable, {facts.missing[key]}"


def vendor_of(manufacturer: str) -> str:
    """Return the vendor's short name; "" for one that isn't known.

    Examples
    --------
    >>> vendor_of("GE MEDICAL SYSTEMS")
    'GE'
    """
    words = manufacturer.casefold()
    return next((name for start, name in _MAKERS.items() if words.startswith(start)), "")


def _readable(dicoms: Sequence[Path]) -> Any:
    """Return the first header that can be read."""
    first: HeaderError | None = None
    for path in dicoms:
        try:
            return read_header(path)
        except HeaderError as error:
            first = first or error
    raise first or HeaderError("the series has no files")


def _is_value(key: str, value: Any) -> bool:
    if isinstance(value, list):
        count = _LENGTHS.get(key)
        whole = count is None or len(value) == count
        return bool(value) and whole and all(_is_value("", part) for part in value)
    if key in _LENGTHS or value is None:
        return False
    return math.isfinite(value) if isinstance(value, float) else value != ""


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-6)
    return bool(one == other)
