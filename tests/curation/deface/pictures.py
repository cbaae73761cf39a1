"""A reader of the pictures that the views are."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from spinegate.curation.deface.views import View

MARK = 255


def read_png(content: bytes) -> NDArray[np.uint8]:
    """Return the palette's numbers; a chunk that is spoilt fails."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", content, at + 8 + size)[0] == zlib.crc32(name + body)
        chunks[name] = body
        at += size + 12
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 3)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def by_name(views: tuple[View, ...]) -> dict[str, NDArray[np.uint8]]:
    return {view.name: read_png(view.picture) for view in views}
