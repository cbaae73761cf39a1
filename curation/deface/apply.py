"""A mask applied to the stored numbers: nothing else in the file changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...system.errors import SpinegateError
from .mask import Mask
from .volume import Volume, read_volume, write_volume


def remove(volume: Volume, mask: Mask, output: Path) -> None:
    """Write an image without the voxels of a mask, in all its volumes.

    They get the stored number whose real value is nearest to 0. Header, extensions, data type and
    scaling stay byte for byte, as do all other voxels; what was written is read again to be sure.

    Raises
    ------
    SpinegateError
        Where it can't be written, or isn't what it should be.
    """
    stored = volume.stored.copy(order="F")
    stored[mask] = volume.background
    try:
        write_volume(output, volume.head, stored)
        again = read_volume(output)
    except OSError as error:
        raise SpinegateError(f"{output}: can't be written: {error}") from error
    if not proper(volume, again, mask):
        output.unlink(missing_ok=True)
        raise SpinegateError(f"{output}: what was written isn't what it should be; disk at fault?")


def proper(before: Volume, after: Volume, mask: Mask) -> bool:
    """Whether an image differs from the original in the mask alone, and shows nothing there."""
    if before.head != after.head or before.stored.shape != after.stored.shape:
        return False
    kind = f"V{before.stored.dtype.itemsize}"  # bytes: NaN is equal to itself
    blank = np.full((), before.background, before.stored.dtype).view(kind)
    one = np.asfortranarray(before.stored).view(kind)
    other = np.asfortranarray(after.stored).view(kind)
    return bool((other[mask] == blank).all() and (one[~mask] == other[~mask]).all())
