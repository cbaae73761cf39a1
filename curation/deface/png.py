"""Small PNG pictures: greys, and one colour for outlines."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 36_000  # bytes
_GREYS = (64, 32, 16, 8)
_OUTLINE = (255, 176, 0)
_MARK = 255


def draw(shades: NDArray[np.floating[Any]], outline: NDArray[np.bool_] | None = None) -> bytes:
    """Draw a picture, in as many greys as `LARGEST` allows.

    Parameters
    ----------
    shades
        From 0 (black) to 1 (white), rows from top to bottom.
    outline
        Which pixels get the colour.
    """
    packed = b""
    for greys in _GREYS:
        steps = np.rint(np.clip(shades, 0, 1) * (greys - 1)).astype(np.uint8)
        if outline is not None:
            steps[outline] = _MARK
        packed = _pack(steps, greys)
        if len(packed) <= LARGEST:
            break
    return packed


def _pack(steps: NDArray[np.uint8], greys: int) -> bytes:
    height, width = steps.shape
    palette = np.zeros((256, 3), np.uint8)
    palette[:greys] = np.linspace(0, 255, greys).round().astype(np.uint8)[:, None]
    palette[_MARK] = _OUTLINE
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = steps
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
