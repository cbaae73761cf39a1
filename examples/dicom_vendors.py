"""The private tags in which each vendor keeps what the standard's tags do not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .anatomy import Floats
from .csa import Tag, pack_csa, series_header
from .dicom_slices import Plane, slice_count
from .exam import Series
from .vendor_keys import Played, played


@dataclass(frozen=True, slots=True)
class Weighting:
    """The diffusion weighting of a picture: b (s/mm2) and the unit direction in LPS."""

    b: float
    direction: Floats


Mark = Callable[[Any, Series, Plane, Weighting | None], None]


def mark_siemens(header: Any, series: Series, plane: Plane, weighting: Weighting | None) -> None:
    """Add the CSA headers, and the groups 0019 and 0051."""
    play = played("siemens", series.contrast)
    mr = header.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    mr.add_new(0x08, "CS", "IMAGE NUM 4")
    mr.add_new(0x09, "LO", "1.0")
    text = header.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    text.add_new(0x08, "CS", "IMAGE NUM 4")
    text.add_new(0x09, "LO", "1.0")
    text.add_new(0x0F, "LO", "HC5-7;NC1,2")
    if play.acceleration > 1:
        text.add_new(0x11, "LO", f"p{play.acceleration}")
    for offset, kind in ((0x12, "SL"), (0x13, "SL"), (0x14, "IS")):
        mr.add_new(offset, kind, _table(series))
    if play.spacing:
        mr.add_new(0x28, "FD", _bandwidth(series, play))
    if weighting is not None:
        mr.add_new(0x0A, "US", slice_count(series.grid))
        mr.add_new(0x0C, "IS", round(weighting.b))
        mr.add_new(0x0D, "CS", "DIRECTIONAL" if weighting.b else "NONE")
        if weighting.b:
            mr.add_new(0x0E, "FD", weighting.direction.tolist())
            mr.add_new(0x27, "FD", _b_matrix(weighting))
    csa = header.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    csa.add_new(0x08, "CS", "IMAGE NUM 4")
    csa.add_new(0x09, "LO", "20230101")
    csa.add_new(0x10, "OB", pack_csa(_image_tags(series, play, plane, weighting)))
    csa.add_new(0x18, "CS", "MR")
    csa.add_new(0x19, "LO", "20230101")
    csa.add_new(0x20, "OB", series_header(series, play, slice_count(series.grid)))


def _image_tags(
    series: Series, play: Played, plane: Plane, weighting: Weighting | None
) -> dict[str, Tag]:
    normal = _numbers(np.cross(*series.grid.dicom_axes()[:2]) * (-1 if _is_flipped(series) else 1))
    tags: dict[str, Tag] = {
        "ProtocolSliceNumber": ("IS", [str(plane.slice_number)]),
        "ImaCoilString": ("LO", ["HC5-7;NC1,2"]),
        "ImaAbsTablePosition": ("SL", [str(x) for x in _table(series)]),
        "SliceNormalVector": ("FD", normal),
        "PhaseEncodingDirectionPositive": ("IS", ["1"]),
    }
    if play.spacing:
        tags["BandwidthPerPixelPhaseEncode"] = ("FD", [f"{_bandwidth(series, play):.8f}"])
    if weighting is not None:
        tags["NumberOfImagesInMosaic"] = ("US", [str(slice_count(series.grid))])
        tags["B_value"] = ("IS", [f"{weighting.b:.0f}"])
        tags["DiffusionDirectionality"] = ("CS", ["DIRECTIONAL" if weighting.b else "NONE"])
        if weighting.b:
            tags["DiffusionGradientDirection"] = ("FD", _numbers(weighting.direction))
            tags["B_matrix"] = ("FD", _numbers(np.array(_b_matrix(weighting))))
    return tags


def _table(series: Series) -> list[int]:
    """Return the table's position as Siemens counts it: feet first."""
    x, y, z = series.table
    return [round(x), round(y), -round(z)]


def _is_flipped(series: Series) -> bool:
    row, column, along = series.grid.dicom_axes()
    return float(np.cross(row, column) @ along) < 0


def _numbers(values: Floats) -> list[str]:
    return [f"{value + 0.0:.8f}" for value in values.tolist()]


def _bandwidth(series: Series, play: Played) -> float:
    return 1 / (play.spacing * series.grid.shape[1])


def _b_matrix(weighting: Weighting) -> list[float]:
    x, y, z = weighting.direction.tolist()
    return [weighting.b * part for part in (x * x, x * y, x * z, y * y, y * z, z * z)]


def mark_ge(header: Any, series: Series, plane: Plane, weighting: Weighting | None) -> None:
    """Add the groups 0019, 0021, 0025 and 0043."""
    header.private_block(0x0009, "GEMS_IDEN_01", create=True).add_new(0x04, "SH", "SIGNA")
    acquisition = header.private_block(0x0019, "GEMS_ACQU_01", create=True)
    relation = header.private_block(0x0021, "GEMS_RELA_01", create=True)
    parameters = header.private_block(0x0043, "GEMS_PARM_01", create=True)
    play = played("ge", series.contrast)
    acquisition.add_new(0x9C, "LO", "epi2" if weighting else "efgre3d")
    acquisition.add_new(0x9E, "LO", "EPI2" if weighting else "EFGRE3D")
    for offset, part in zip((0xBB, 0xBC, 0xBD), _ge_direction(series, weighting), strict=True):
        acquisition.add_new(offset, "DS", f"{part:.6f}")
    relation.add_new(0x4F, "SS", slice_count(series.grid))
    for offset, value in zip((0x02, 0x03, 0x04), series.shim, strict=True):
        parameters.add_new(offset, "SS", value)
    if play.spacing:
        parameters.add_new(0x2C, "SS", round(play.spacing * 1e6))
    parameters.add_new(0x39, "IS", [round(weighting.b) if weighting else 0, 8, 0, 0])
    parameters.add_new(0x81, "LO", f"C-GE_{series.participant.vendor.coil}")
    parameters.add_new(0x83, "DS", [1, 1])
    parameters.add_new(0x8A, "CS", play.phase)
    parameters.add_new(0x95, "LO", "TG/s3,RN/s1")
    parameters.add_new(0xB2, "LO", ["956.1", "320.1", f"{series.table[2]:g}", "0", "75", "58"])


def _ge_direction(series: Series, weighting: Weighting | None) -> tuple[float, float, float]:
    """Return the direction as GE stores it: along frequency, phase and slice."""
    if weighting is None or not weighting.b:
        return (0.0, 0.0, 0.0)
    row, column, _ = series.grid.dicom_axes()
    parts = np.array([row, column, np.cross(row, column)]) @ weighting.direction
    x, y, z = parts.tolist()
    return (-x, -y, z)


def mark_philips(header: Any, series: Series, plane: Plane, weighting: Weighting | None) -> None:
    """Add the scaling, and the groups 2001 and 2005."""
    header.RescaleIntercept = "0"
    header.RescaleSlope = f"{series.rescale_slope:.5f}"
    header.RescaleType = "normalized"
    header.TablePosition = series.table[2]
    imaging = header.private_block(0x2001, "Philips Imaging DD 001", create=True)
    mr = header.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    imaging.add_new(0x0A, "IS", plane.slice_number + 1)
    imaging.add_new(0x18, "SL", slice_count(series.grid))
    imaging.add_new(0x06, "CS", "N")
    imaging.add_new(0x81, "IS", 1)
    mr.add_new(0x0D, "FL", 0.0)
    mr.add_new(0x0E, "FL", series.scale_slope)
    if weighting is None:
        return
    header.DiffusionBValue = float(weighting.b)
    header.DiffusionGradientOrientation = weighting.direction.tolist()
    imaging.add_new(0x03, "FL", float(weighting.b))
    imaging.add_new(0x04, "CS", "O" if weighting.b else "I")
    for offset, part in zip((0xB0, 0xB1, 0xB2), weighting.direction.tolist(), strict=True):
        mr.add_new(offset, "FL", part)


MARKS: dict[str, Mark] = {"siemens": mark_siemens, "ge": mark_ge, "philips": mark_philips}
