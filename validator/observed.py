"""What is there for a parameter of the protocol: in the sidecar, the header, several files."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..protocol_specs.parameter import Parameter, Place, is_number
from .dataset import Scan
from .inspection import Inspection, session_of
from .nifti import Header

_THICK = 2.0  # a slice is at least so many times as thick as a pixel is wide
_KINDS = {str: "a text", bool: "a truth value", list: "a list", dict: "an object"}

Observed = tuple[Any, str]
"""A value, and where there is none (or none that can be compared) the reason."""


def observe(inspection: Inspection, scan: Scan, parameter: Parameter) -> Observed:
    """Return a parameter's value for one scan, in the parameter's unit."""
    name = parameter.name
    if parameter.where is Place.HEADER:
        return _from_header(inspection, scan, name)
    if parameter.where is Place.DERIVED:
        return _spacing(inspection, scan, parameter) if name == "EchoSpacing" else (None, "")
    if name == "EchoTime":
        return _echo_time(inspection, scan, parameter)
    return scan.sidecar.get(name), f"no {name} in the sidecar"


def incomparable(parameter: Parameter, value: Any) -> str:
    """Say why a value that is there can't be compared."""
    return f"{parameter.name} is {_KINDS.get(type(value), 'a value')} that can't be compared"


def _from_header(inspection: Inspection, scan: Scan, name: str) -> Observed:
    header = inspection.headers.of(scan)
    if header is None:
        return None, inspection.headers.reason(scan)
    sizes = header["voxel_sizes"]
    if len(sizes) < 3:
        return None, "the image has no third dimension"
    if name == "VoxelSize":
        return sorted(round(size, 4) for size in sizes), ""
    if name == "NumberOfSlices":
        return count_slices(header, scan.sidecar.get("ReconMatrixPE"))
    return header.get(name), f"no {name} in the header"


def count_slices(header: Header, lines: Any) -> Observed:
    """Count the slices of a whole image of three or more dimensions.

    Parameters
    ----------
    lines
        The sidecar's ReconMatrixPE: an image that has another number of them was cropped or
        resampled, and tells nothing of the scanner's slices.
    """
    shape, sizes = header["shape"][:3], header["voxel_sizes"]
    if is_number(lines) and lines not in shape:
        return None, "the image was cropped or resampled"
    axis = header["dim_info"]["slice"] - 1
    if axis < 0:
        thickest = max(range(3), key=lambda index: sizes[index])
        others = [size for index, size in enumerate(sizes) if index != thickest]
        if sizes[thickest] < _THICK * max(others):
            return None, "the header doesn't tell the slice direction"
        axis = thickest
    return shape[axis], ""


def echo_times(inspection: Inspection, scan: Scan) -> list[float]:
    """Return all echo times of a scan in s, ascending: of its list, or of its echo- siblings."""
    said = scan.sidecar.get("EchoTime")
    if isinstance(said, list):
        return sorted(said) if all(map(is_number, said)) else []
    if scan.name is None or "echo" not in scan.name.entities:
        return []
    own = _without_echo(scan)
    found: list[Any] = [
        other.sidecar.get("EchoTime")
        for other in inspection.sessions[session_of(scan)]
        if other.contrast == scan.contrast and _without_echo(other) == own
    ]
    return sorted(time for time in found if is_number(time))


def _without_echo(scan: Scan) -> dict[str, str]:
    entities = scan.name.entities if scan.name else {}
    return {key: label for key, label in entities.items() if key != "echo"}


def _echo_time(inspection: Inspection, scan: Scan, parameter: Parameter) -> Observed:
    """Return the first echo time or the mean, whichever the protocol means.

    Some vendors' protocols name the one, some the other; a file per echo holds its own.
    """
    times = echo_times(inspection, scan)
    if not times:
        return scan.sidecar.get("EchoTime"), "no EchoTime in the sidecar"
    mean = round(sum(times) / len(times), 6)
    return (mean if parameter.accepts(mean) else times[0]), ""


def _spacing(inspection: Inspection, scan: Scan, parameter: Parameter) -> Observed:
    times = echo_times(inspection, scan)
    if len(times) < 2:
        return None, "the files tell one echo time only"
    steps = [round(b - a, 6) for a, b in pairwise(times)]
    target: Any = parameter.target
    if not is_number(target):
        return steps[0], ""
    return max(steps, key=lambda step: abs(step - target)), ""
