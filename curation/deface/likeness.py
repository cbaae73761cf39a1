"""How much two images tell of each other: mutual information in a given field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .coarse import Coarse
from .extra import need
from .volume import Matrix

_BINS = 32
FEWEST = 300  # voxels that two images must share


def mutual_information(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Mutual information in nats of paired values from 0 to 1; 0 of too few pairs."""
    if one.size < FEWEST:
        return 0.0
    steps = [np.clip((x * _BINS).astype(np.intp), 0, _BINS - 1) for x in (one, other)]
    joint = np.bincount(steps[0] * _BINS + steps[1], minlength=_BINS**2) / one.size
    table = joint.reshape(_BINS, _BINS)
    apart = table.sum(1, keepdims=True) * table.sum(0, keepdims=True)
    there = table > 0
    return float((table[there] * np.log(table[there] / apart[there])).sum())


def likeness(fixed: Coarse, moving: Coarse, way: Matrix) -> tuple[float, float]:
    """Mutual information where both images are, and the share of the smaller one that is there.

    Parameters
    ----------
    fixed, moving
        Copies of two images.
    way
        From mm of the fixed image to mm of the moving one, 4 x 4.
    """
    ndimage = need("scipy.ndimage")

    points = fixed.points(fixed.inside) @ way[:3, :3].T + way[:3, 3]
    at = ((points @ moving.frame - moving.origin) / moving.spacing).T
    limits = np.array(moving.values.shape)[:, None] - 0.5
    met = ((at >= -0.5) & (at <= limits)).all(0)
    at = at[:, met]
    other = ndimage.map_coordinates(moving.values, at, order=1, mode="nearest")
    there = ndimage.map_coordinates(moving.inside.astype(np.uint8), at, order=0, mode="nearest")
    one = fixed.values[fixed.inside][met]
    keep = there > 0
    smaller = min(fixed.inside.sum() * fixed.spacing**3, moving.inside.sum() * moving.spacing**3)
    return (
        mutual_information(one[keep], other[keep]),
        float(keep.sum() * fixed.spacing**3 / smaller),
    )
