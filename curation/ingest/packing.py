"""Images as they enter a dataset: one volume where that is meant, and always the same bytes."""

from __future__ import annotations

import gzip
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

from ...system.errors import SpinegateError

_LEVEL = 6
_DIM, _BITPIX, _OFFSET = 40, 72, 108
_HEADER = 348
_INFO, _AFFINE = 39, 280


def pack(image: Path, target: Path) -> None:
    """Compress an image; the same image gives the same bytes, whoever packs it and when."""
    with (
        image.open("rb") as source,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed, 1024 * 1024)


def take_volume(image: Path, volume: int, target: Path) -> None:
    """Write one volume of a NIfTI-1 file; the numbers and their scaling stay as they are.

    Raises
    ------
    SpinegateError
        Not such a file, or it has no such volume.
    """
    with image.open("rb") as file:
        header = bytearray(file.read(_HEADER))
        order = _byte_order(header, image)
        sizes = struct.unpack_from(f"{order}8h", header, _DIM)
        bits = struct.unpack_from(f"{order}h", header, _BITPIX)[0]
        offset = int(struct.unpack_from(f"{order}f", header, _OFFSET)[0])
        if sizes[0] != 4 or not 0 <= volume < sizes[4] or bits < 8 or offset < _HEADER:
            raise SpinegateError(f"{image.name} has no volume {volume + 1}")
        length = sizes[1] * sizes[2] * sizes[3] * bits // 8
        between = file.read(offset - _HEADER)
        file.seek(offset + volume * length)
        data = file.read(length)
    if len(data) < length:
        raise SpinegateError(f"{image.name} is cut off")
    struct.pack_into(f"{order}8h", header, _DIM, 3, *sizes[1:4], 1, *sizes[5:])
    target.write_bytes(bytes(header) + between + data)


def _byte_order(header: bytearray, image: Path) -> str:
    for order in "<>":
        if len(header) == _HEADER and struct.unpack_from(f"{order}i", header)[0] == _HEADER:
            return order
    raise SpinegateError(f"{image.name} is no NIfTI-1 file")


def correct_axes(image: Path, orientation: object) -> bool:
    """Let the header say which axis was frequency, phase and slice; return whether it changed.

    dcm2niix turns sagittal 3D images so that their first axis runs from right to left or back,
    and leaves this note as it was before.

    Parameters
    ----------
    orientation
        ImageOrientationPatientDICOM: six direction cosines.
    """
    cosines = _numbers(orientation)
    with image.open("r+b") as file:
        header = bytearray(file.read(_HEADER))
        order = _byte_order(header, image)
        note = header[_INFO]
        if cosines is None or not note:
            return False
        rows = struct.unpack_from(f"{order}12f", header, _AFFINE)
        old_to_new = _axes(cosines, rows)
        if len(set(old_to_new)) < 3:
            return False
        turned = 0
        for shift in (0, 2, 4):
            axis = note >> shift & 3
            turned |= (old_to_new[axis - 1] + 1 if axis else 0) << shift
        if turned == note:
            return False
        file.seek(_INFO)
        file.write(bytes([turned]))
    return True


def _axes(cosines: list[float], rows: Sequence[float]) -> list[int]:
    """Return for the DICOM file's columns, rows and slices the axis of the image along them."""
    a, b, c, d, e, f = cosines
    normal = [b * f - c * e, c * d - a * f, a * e - b * d]
    axes = []
    for along in ([a, b, c], [d, e, f], normal):
        ras = (-along[0], -along[1], along[2])
        shares = []
        for axis in range(3):
            column = [rows[axis], rows[4 + axis], rows[8 + axis]]
            length = sum(x * x for x in column) ** 0.5 or 1.0
            shares.append(abs(sum(x * y for x, y in zip(ras, column, strict=True))) / length)
        axes.append(shares.index(max(shares)))
    return axes


def _numbers(values: object) -> list[float] | None:
    if not isinstance(values, list) or len(values) != 6:
        return None
    fine = all(isinstance(x, int | float) and not isinstance(x, bool) for x in values)
    return [float(x) for x in values] if fine else None
