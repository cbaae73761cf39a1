"""Images as they enter a dataset: one volume where that is meant, and always the same bytes."""

from __future__ import annotations

import gzip
import shutil
import struct
from pathlib import Path

from ...system.errors import SpinegateError

_LEVEL = 6
_DIM, _BITPIX, _OFFSET = 40, 72, 108
_HEADER = 348


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
