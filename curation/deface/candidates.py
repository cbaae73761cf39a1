"""Which images may show a face: by what they are, else by their field of view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALWAYS = ("T1w", "T2w")
HIGH = DEEP = 100.0  # mm


def may_show_face(suffix: str, shape: Sequence[int], affine: NDArray[Any]) -> str:
    """Say why an image may show a face; "" where it can't.

    A contrast other than those of `ALWAYS` may where its field is at least `HIGH` along the image
    axis nearest to the vertical, and `DEEP` along the one of the others nearest to front and
    back. Measured along axes a slab is as high as its slices are, however it is tilted; a box
    about it would be higher by a quarter of its depth at 15 degrees.

    The limits stand between what was seen on real images. Axial slabs of 110 mm about the neck
    (22 slices of 5 mm, the usual MTS, tilted by 9 to 13 degrees) show chin and mouth; one of 83 mm
    (the usual T2star) ends in front of the chin. A face that is missed is worse than a look too
    many, so the limit lies at the smaller side of 110 mm. It is the same for both, so that
    such a slab is found at every tilt, even where its slices' axis counts as front to back.

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
    count = np.asarray([*shape, 1, 1, 1][:3], float)
    with np.errstate(all="ignore"):
        axes = np.asarray(affine, float)[:3, :3]
        sizes = np.linalg.norm(axes, axis=0)
        along = np.abs(axes) / np.where(sizes > 0, sizes, 1)
        extent = sizes * count
    if not np.isfinite(extent).all():
        return "its header doesn't say how large its field of view is"
    upright = int(along[2].argmax())
    level = max((axis for axis in range(3) if axis != upright), key=lambda axis: along[1, axis])
    high, deep = float(extent[upright]), float(extent[level])
    if high < HIGH or deep < DEEP:
        return ""
    return f"its field of view is {high:.0f} mm high and {deep:.0f} mm deep"
