"""The cord made straight, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..field import Field
from ..image import Image, Matrix, turn
from .centerline import SMOOTH, centerline
from .curve import Curve, curve

REACH = 10.0
"""How far from its plane a voxel may lie, in mm; beyond there is no way."""

_WIDTH = 70.0  # mm to either side of the middle
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Straightening:
    """Both ways between an image and its straightened space.

    Attributes
    ----------
    straight
        On the straight grid: where its voxels come from in the image.
    curved
        On the image's grid, made longer where the straight cord is: the way to the straight space.
    """

    straight: Field
    curved: Field


def straighten(mask: Image, smooth: float = SMOOTH) -> Straightening:
    """Find the ways that make a cord straight.

    A voxel belongs to the nearest point of the centerline, of which there is one per slice, and
    lies in that point's plane; the same place in the plane of the straight line's point is where
    it goes (Spinal Cord Toolbox 7.4).

    Parameters
    ----------
    mask
        Segmentation of the cord.

    Raises
    ------
    SpinegateError
        There is too little cord in the mask.
    """
    mask = turn(mask)
    x, y, z = mask.spacing
    scale = np.diag([-x, y, z])  # mm along the image's own axes, with the world's directions
    line = centerline(mask, smooth)
    bent = curve(line.points @ scale, line.tangents((-x, y, z)))
    ends = bent.points[[0, -1], 2]
    ratio = bent.lengths()[-1] / (ends[1] - ends[0])
    below = int(np.ceil(0.75 * (bent.lengths()[-1] - (ends[1] - ends[0])) / z))
    low, high = np.rint(((ends - ends.mean()) * ratio + ends.mean()) / z + below).astype(int)
    across = [_cropped(n, int(_WIDTH / edge)) for n, edge in zip(mask.grid, (x, y), strict=False)]
    first = np.array([across[0][0], across[1][0], -below])
    shape = (*(to - start + 1 for start, to in across), high - low + 1)
    middle = first[:2] + np.rint(np.array(shape[:2]) / 2)
    cells = np.empty((len(bent.points), 3))
    cells[:, :2] = middle
    cells[:, 2] = np.linspace(0, high - low, len(cells)) - below
    upright = curve(cells @ scale, np.tile([0.0, 0.0, z], (len(cells), 1)))
    long = (*mask.grid[:2], mask.grid[2] + 2 * below)
    return Straightening(
        _way(upright, bent, mask, first, shape, scale),
        _way(bent, upright, mask, np.array([0, 0, -below]), long, scale),
    )


def _cropped(count: int, half: int) -> tuple[int, int]:
    """Return the first and last voxel kept along an axis, as the toolbox counts them."""
    middle = int(np.rint(count / 2))
    low, high = middle - half, middle + half
    if low < 0:
        low, high = 0, high + low - 2
    return low, min(high, count - 1)


def _way(
    here: Curve,
    there: Curve,
    mask: Image,
    first: NDArray[np.int_],
    shape: tuple[int, ...],
    scale: Matrix,
) -> Field:
    """Lay a way over a grid that begins at a voxel of the mask's."""
    cells = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 3) + first
    places = cells @ scale
    at = here.nearest(places)
    seen = here.seen_from(places, at)
    lost = np.abs(seen[:, 2]) > REACH
    half = 0.5 * scale[2, 2]  # beyond the ends the last slice would be smeared
    lost |= (at == 0) & (seen[:, 2] < -half) | (at == len(here.points) - 1) & (seen[:, 2] > half)
    seen[:, 2] = 0
    shifts = there.placed(seen, at) - places
    shifts[lost] = np.nan
    affine = mask.affine.copy()
    affine[:3, 3] = mask.affine[:3, :3] @ first + mask.affine[:3, 3]
    turned = shifts @ (mask.affine[:3, :3] @ np.linalg.inv(scale)).T
    return Field(turned.reshape(*shape, 3), affine)
