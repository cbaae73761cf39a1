"""What Philips scanners write of the scaling of their images, and of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .headers import (
    items_of,
    number_of,
    plain,
    plain_list,
    private_value,
    shared_value,
    text_of,
    value_of,
)

_PRIVATE = "Philips MR Imaging DD 001"
_SCALES: Mapping[str, int] = {"PhilipsScaleSlope": 0x0E, "PhilipsScaleIntercept": 0x0D}
_RESCALE: Mapping[str, str] = {
    "PhilipsRescaleSlope": "RescaleSlope",
    "PhilipsRescaleIntercept": "RescaleIntercept",
}
_REAL_WORLD: Mapping[str, str] = {
    "PhilipsRWVSlope": "RealWorldValueSlope",
    "PhilipsRWVIntercept": "RealWorldValueIntercept",
}
_UNTOLD = "Philips scanners don't export it"


def philips_facts(header: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a Philips header tells, and why the rest can't be told."""
    values: dict[str, float | None] = {}
    for key, offset in _SCALES.items():
        values[key] = number_of(_private(header, offset))
    for key, name in _RESCALE.items():
        values[key] = number_of(value_of(header, name))
        if values[key] is None:
            values[key] = number_of(shared_value(header, "PixelValueTransformationSequence", name))
    for key, name in _REAL_WORLD.items():
        for item in items_of(value_of(header, "RealWorldValueMappingSequence"))[:1]:
            values[key] = number_of(value_of(item, name))
        if values.get(key) is None:
            values[key] = number_of(shared_value(header, "RealWorldValueMappingSequence", name))
    found: dict[str, Any] = {
        key: plain(number)
        for key, number in values.items()
        if number is not None and (number or not key.endswith("Slope"))
    }
    table = number_of(value_of(header, "TablePosition"))
    if table is None:
        table = number_of(shared_value(header, "MRTablePositionSequence", "TablePosition"))
    if table is not None:
        found["TablePosition"] = plain_list([0.0, 0.0, table])
    coil = text_of(value_of(header, "ReceiveCoilName"))
    coil = coil or text_of(shared_value(header, "MRReceiveCoilSequence", "ReceiveCoilName"))
    if coil:
        found["CoilString"] = coil
    untold = ("ImageScaleCorrectionFactor", "OverallImageScaleFactor", "FFTScaleFactor")
    why = dict.fromkeys((*untold, "ShimSetting", "TxRefAmp"), _UNTOLD)
    lacking = ("PhilipsScaleSlope", "PhilipsRescaleSlope")
    why |= {key: "not in the DICOM headers" for key in lacking if key not in found}
    return found, why


def _private(header: Any, offset: int) -> Any:
    """Return a private element; in enhanced files it lies with the first frame."""
    value = private_value(header, 0x2005, _PRIVATE, offset)
    for groups in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        if value is not None:
            break
        for group in items_of(value_of(header, groups))[:1]:
            # Philips puts its own sequence (2005,140F) into each frame's group
            for item in items_of(private_value(group, 0x2005, "Philips MR Imaging DD 005", 0x0F)):
                value = private_value(item, 0x2005, _PRIVATE, offset)
                break
    return value
