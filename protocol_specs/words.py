"""Parameters in the words and units of the scanner's console."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .parameter import Parameter
from .tolerance import Side, Tolerance, is_number, value_text
from .variant import Variant

LABELS = {
    "RepetitionTime": "TR",
    "EchoTime": "TE",
    "InversionTime": "TI",
    "FlipAngle": "Flip angle",
    "Timing": "Timing",
    "Diffusion": "Diffusion",
    "EchoTrainLength": "Echoes in train",
    "EchoSpacing": "Echo spacing",
    "PixelBandwidth": "Bandwidth",
    "BaseResolution": "Base resolution",
    "AcquisitionMatrixPE": "Matrix, phase",
    "ParallelReductionFactorInPlane": "Acceleration PE",
    "SliceThickness": "Slice thickness",
    "ImageScaleCorrectionFactor": "Image scale (FFT)",
    "ImageType": "Prescan normalise",
    "VoxelSize": "Voxel size",
    "NumberOfSlices": "Slices",
    "MagneticFieldStrength": "Field strength",
    "ImageScaleCorrection": "Image scale (FFT)",
    "PreScanNormalise": "Prescan normalise",
    "ShimMode": "Shim",
}
# On the console the voxel and slice count stand in the geometry line; the magnet needs no setting.
_UNSAID = {"MagneticFieldStrength"}
_GEOMETRY = {"VoxelSize", "NumberOfSlices", "SliceThickness"}


@dataclass(frozen=True, slots=True)
class Line:
    """One setting: what it is called, its value, what else is accepted, and a remark."""

    label: str
    value: str
    accepted: str
    note: str


def label(name: str) -> str:
    """Name a parameter as a console does: TR; a name unknown here is split into words."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return LABELS.get(name, words[:1] + words[1:].lower())


def lines(variant: Variant, contrast: str) -> list[Line]:
    """List what is to be set for a contrast, in the order of the console."""
    checked, card = variant.parameters(contrast), variant.card(contrast)
    told = _UNSAID | (_GEOMETRY if "Geometry" in card else set())
    if "Timing" in card and _is_open(checked.get("RepetitionTime")):
        told |= {"RepetitionTime", "EchoTime"}
    both = [p for p in (*checked.values(), *card.values()) if p.name not in told]
    schemes = variant.diffusion.get(contrast, ())
    if schemes and "Diffusion" not in card:
        both.append(Parameter("Diffusion", text=schemes[0].text()))
    order = list(LABELS)
    both.sort(key=lambda p: order.index(p.name) if p.name in LABELS else len(order))
    return [_line(parameter) for parameter in both]


def in_console_units(parameter: Parameter) -> Parameter:
    """Turn seconds into milliseconds; other units stay."""
    if parameter.unit != "s":
        return parameter

    def scaled(value: object) -> object:
        return value * 1000 if is_number(value) else value  # type: ignore[operator]

    tolerance = parameter.tolerance
    return replace(
        parameter,
        unit="ms",
        target=scaled(parameter.target),  # type: ignore[arg-type]
        values=tuple(scaled(value) for value in parameter.values),  # type: ignore[misc]
        minimum=None if parameter.minimum is None else parameter.minimum * 1000,
        maximum=None if parameter.maximum is None else parameter.maximum * 1000,
        tolerance=Tolerance(tolerance.absolute * 1000, tolerance.relative, tolerance.side),
    )


def _is_open(parameter: Parameter | None) -> bool:
    return parameter is not None and parameter.tolerance.side is Side.AT_LEAST


def _line(parameter: Parameter) -> Line:
    shown = in_console_units(parameter)
    name = label(shown.name)
    if shown.text:
        return Line(name, shown.text, "", shown.note)
    if shown.contains is not None or shown.lacks is not None:
        return Line(name, "on" if shown.contains is not None else "off", "", "")
    if shown.target is None:
        return Line(name, shown.expected_text(), "", shown.note)
    unit = {"degree": "°", "": ""}.get(shown.unit, f" {shown.unit}")
    value = f"{value_text(shown.target)}{unit}"
    extra = [f"also {value_text(other)}{unit}" for other in shown.values]
    side = shown.tolerance.side
    if side is not Side.BOTH:
        extra.append("or more" if side is Side.AT_LEAST else "or less")
    if side is Side.BOTH and (width := shown.tolerance.text(unit.strip())):
        extra.append(width)
    if shown.minimum is not None:
        extra.append(f"from {value_text(shown.minimum)}{unit}")
    if shown.maximum is not None:
        extra.append(f"up to {value_text(shown.maximum)}{unit}")
    return Line(name, value, ", ".join(extra), shown.note)
