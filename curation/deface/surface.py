"""The skin as one would see it: an image seen from outside, lit from the front and above."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .coarse import shrink
from .extra import need
from .volume import Matrix

Shades = NDArray[np.float32]
Solid = NDArray[np.bool_]
FINEST = 1.5  # mm
_LONGEST = 224  # voxels along the longest axis
_CLIPPED = 99  # percentile that `shrink` takes for the brightest
_TISSUE = 0.12  # above the background, of what lies between it and the brightest
_SPECKLE = 0.01  # of the largest part: smaller ones are noise
_LIGHT = (0.45, 0.8)  # upwards, towards the one who looks
_FRONT = (2, 0, 1)  # of right, anterior, superior: downwards, to the right, away from the viewer
_SIDE = (2, 1, 0)


def surfaces(
    before: Shades, after: Shades, affine: Matrix, extent: float
) -> list[tuple[Shades, Shades]]:
    """Return the skin in two images, each from the front and from the left side; 0 is black.

    Rows go from the head downwards; the person's right is at the left of the front view, the face
    at the left of the side view. What counts as skin is the same in both.

    Parameters
    ----------
    before, after
        Real values of one grid.
    affine
        Its voxel indices to mm.
    extent
        The longest edge of the box around it, in mm.
    """
    ndimage = need("scipy.ndimage")

    pairs = []
    brightest = threshold = 0.0
    for values in (before, after):
        coarse = shrink(values, affine, max(FINEST, extent / _LONGEST))
        field = ndimage.gaussian_filter(coarse.values, 0.8, mode="nearest")
        top = float(np.percentile(values, _CLIPPED))
        if values is before:
            brightest = top
            ground = float(np.percentile(field[coarse.inside], 10)) if coarse.inside.any() else 0.0
            threshold = ground + _TISSUE * (1 - ground)
        elif brightest > 0 and top > 0:
            field *= np.float32(top / brightest)
        solid = _without_speckle((field > threshold) & coarse.inside)
        smooth = ndimage.gaussian_filter(solid * field, 1.0, mode="constant")
        pairs.append((_lit(solid, smooth, _FRONT), _lit(solid, smooth, _SIDE)))
    return pairs


def _without_speckle(solid: Solid) -> Solid:
    ndimage = need("scipy.ndimage")

    parts, count = ndimage.label(solid)
    if count < 2:
        return solid
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept: Solid = (sizes >= _SPECKLE * sizes.max())[parts] & solid
    return kept


def _lit(solid: Solid, smooth: Shades, order: tuple[int, int, int]) -> Shades:
    """Shade the first solid voxel of every ray by its slope, and a little by its depth."""
    back = order is _SIDE  # seen from the left, the rays run to the right: in the axis' own sense
    turn = (slice(None, None, -1), slice(None, None, -1), slice(None, None, 1 if back else -1))
    solid, smooth = solid.transpose(order)[turn], smooth.transpose(order)[turn]
    hit = solid.any(2)
    depth = solid.argmax(2)
    rows, columns = np.nonzero(hit)
    first = depth[rows, columns]
    slopes = [  # into the body
        np.gradient(smooth, axis=axis)[rows, columns, first] if smooth.shape[axis] > 1 else 0.0
        for axis in (0, 1, 2)
    ]
    length = np.maximum(np.sqrt(sum(np.square(slope) for slope in slopes)), 1e-6)
    light = (slopes[0] * _LIGHT[0] + slopes[2] * _LIGHT[1]) / length
    near = 1 - first / solid.shape[2]
    shades = np.zeros(hit.shape, np.float32)
    shades[rows, columns] = (0.12 + 0.88 * np.clip(light, 0, 1)) * (0.45 + 0.55 * near)
    return shades
