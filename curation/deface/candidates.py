"""Which images may show a face: by what they are, else by their field of view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALWAYS = ("T1w", "T2w")
HIGH = DEEP = 120.0  # mm, about a face from chin to brow, and from the neck's back to the nose


def may_show_face(suffix: str, shape: Sequence[int], affine: NDArray[Any]) -> str:
    """Say why an image may show a face; "" where it can't.

    Parameters
    ----------
    suffix
        Of its BIDS name, such as ``T1w``.
    shape
        Voxels along its axes; three of them count.
    affine
        Voxel indices to mm, 4 x 4 or 3 x 4.
    """
    if suffix in ALWAYS:
        return f"{suffix} images show the face"
    count = [*shape, 1, 1, 1][:3]
    with np.errstate(all="ignore"):
        extent = np.abs(np.asarray(affine, float)[:3, :3]) @ np.asarray(count, float)
    if not np.isfinite(extent).all():
        return "its header doesn't say how large its field of view is"
    deep, high = float(extent[1]), float(extent[2])
    if high < HIGH or deep < DEEP:
        return ""
    return f"its field of view is {high:.0f} mm high and {deep:.0f} mm deep"
