"""Whether all of an image is here: its size on the disk, what its key and its header ask for."""

from __future__ import annotations

import math
import os
import stat

from .dataset import Dataset, Scan
from .nifti import Header

_BYTES = {
    2: 1, 4: 2, 8: 4, 16: 4, 32: 8, 64: 8, 128: 3, 256: 1, 512: 2, 768: 4, 1024: 8, 1280: 8,
    1536: 16, 1792: 16, 2048: 32, 2304: 4,
}  # fmt: skip
"""Bytes per voxel by the NIfTI-1.1 standard's code of the data type."""
_SLACK = 1 << 16  # bytes that may follow the voxels
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_GZIP, _EXTRA_FIELD = b"\x1f\x8b", 4


def fault_of_size(dataset: Dataset, scan: Scan, header: Header) -> str | None:
    """Say what shows that an image whose content is here was cut, "" where nothing does.

    Two small reads suffice: the last four bytes of a gzip file are the size of what was
    compressed (RFC 1952, modulo 2^32). Files made of several gzip blocks, which say so in an
    extra field, aren't judged by it.

    Returns
    -------
    str or None
        A sentence's predicate; None where it can't be told without reading the whole.
    """
    place = _place(dataset, scan)
    if place is None:
        return None
    try:
        size, start, end = _look(place)
    except OSError:
        return None
    key = scan.content.key
    if key is not None and key.size is not None and key.size != size:
        return f"has {size:,} bytes where its annex key asks for {key.size:,}"
    width = _BYTES.get(header["datatype"])
    if width is None:
        return None
    wanted = header["start"] + math.prod(header["shape"]) * width
    if start[:2] != _GZIP:
        return f"has {size:,} bytes; its header asks for {wanted:,}" if size < wanted else ""
    if len(start) < 4 or start[3] & _EXTRA_FIELD:
        return None
    unpacked = int.from_bytes(end, "little")
    if (unpacked - wanted) % (1 << 32) <= _SLACK:
        return ""
    return f"doesn't end as a compressed image of {wanted:,} bytes, as its header asks, would end"


def _place(dataset: Dataset, scan: Scan) -> bytes | None:
    if scan.content.stored is not None:
        return os.fsencode(scan.content.stored)
    if dataset.tree.folder is None:
        return None
    return os.path.join(  # noqa: PTH118
        os.fsencode(dataset.tree.folder), (scan.content.target or scan.entry).raw
    )


def _look(place: bytes) -> tuple[int, bytes, bytes]:
    """Return a file's size, its first and its last four bytes."""
    handle = os.open(place, _OPEN | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("not a file")
        start = os.read(handle, 4)
        os.lseek(handle, max(0, status.st_size - 4), os.SEEK_SET)
        return status.st_size, start, os.read(handle, 4)
    finally:
        os.close(handle)
