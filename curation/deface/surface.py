"""The skin as one would see it: an image seen from outside, lit from the front and above."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .coarse import shrink
from .extra import need
from .volume import Volume

Shades = NDArray[np.float32]
FINEST = 1.5  # mm
_LONGEST = 224  # voxels along the longest axis
_TISSUE = 0.15  # above the background, of what lies between it and the brightest
_SPECKLE = 0.01  # of the largest part: smaller ones are noise
_LIGHT = (0.45, 0.8)  # upwards, towards the one who looks


def surfaces(volume: Volume, extent: float) -> tuple[Shades, Shades]:
    """Return an image's skin from the front and from its left side; 0 black to 1 white.

    Rows go from the head downwards; the person's right is at the left of the front view, the face
    at the left of the side view.

    Parameters
    ----------
    volume
        The image; of one with time its first volume.
    extent
        The longest edge of the box around it, in mm.
    """
    ndimage = need("scipy.ndimage")

    coarse = shrink(volume.values(), volume.affine, max(FINEST, extent / _LONGEST))
    field = ndimage.gaussian_filter(coarse.values, 0.8, mode="nearest")
    ground = float(np.percentile(field[coarse.inside], 10)) if coarse.inside.any() else 0.0
    solid = _without_speckle((field > ground + _TISSUE * (1 - ground)) & coarse.inside)
    smooth = ndimage.gaussian_filter(solid * field, 1.0, mode="constant")
    # axes of a picture: downwards, to the right, away from the one who looks
    front = (field_axes(x, (2, 0, 1)) for x in (solid, smooth))
    side = (field_axes(x, (2, 1, 0)) for x in (solid, smooth))
    left = (x[:, :, ::-1] for x in side)  # the axis of left and right goes to the right
    return _lit(*front), _lit(*left)


def field_axes(values: NDArray[np.float32], order: tuple[int, int, int]) -> NDArray[np.float32]:
    """Turn right-anterior-superior axes to those of a picture, all three against their sense."""
    return np.transpose(values, order)[::-1, ::-1, ::-1]


def _without_speckle(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    ndimage = need("scipy.ndimage")

    parts, count = ndimage.label(solid)
    if count < 2:
        return solid
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept: NDArray[np.bool_] = (sizes >= _SPECKLE * sizes.max())[parts] & solid
    return kept


def _lit(solid: NDArray[np.bool_], smooth: NDArray[np.float32]) -> Shades:
    """Shade the first solid voxel of every ray by its slope, and a little by its depth."""
    hit = solid.any(2)
    depth = solid.argmax(2)
    rows, columns = np.nonzero(hit)
    slopes = [
        np.gradient(smooth, axis=axis)[rows, columns, depth[rows, columns]]
        if smooth.shape[axis] > 1
        else np.zeros(len(rows))
        for axis in range(3)
    ]
    normal = np.stack(slopes, 1)  # into the body: downwards, right, away
    length = np.linalg.norm(normal, axis=1)
    light = (normal[:, 0] * _LIGHT[0] + normal[:, 2] * _LIGHT[1]) / np.maximum(length, 1e-6)
    near = 1 - depth[rows, columns] / max(1, solid.shape[2])
    shades = np.zeros(hit.shape, np.float32)
    shades[rows, columns] = (0.12 + 0.88 * np.clip(light, 0, 1)) * (0.45 + 0.55 * near)
    return shades
