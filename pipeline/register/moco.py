"""Motion between the volumes of a diffusion series, found and undone slice by slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ..image import Image, same_grid, turn
from .inplane import SPLINE, Mask, find_motion, polynomials

GROUP = 3
LEAST_B = 100.0
"""In s/mm2; below it a volume counts as b = 0."""

_DEGREE = 2  # of the polynomial along the slices
_LEVELS = 3.0, 1.0  # mm; the toolbox has the latter

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SeriesMotion:
    """How the slices of each volume have moved.

    Attributes
    ----------
    shifts
        Volumes x slices x 2, in mm: from a voxel to where its content has moved, along the first
        two axes of the image in RPI; slices from below.
    """

    shifts: Numbers

    @property
    def displacement(self) -> Numbers:
        """How far each volume has moved, in mm: the mean of its slices."""
        found: Numbers = np.hypot(self.shifts[..., 0], self.shifts[..., 1]).mean(1)
        return found


def estimate_motion(
    image: Image, values: NDArray[np.float64], mask: Image | None = None, group: int = GROUP
) -> SeriesMotion:
    """Estimate the motion of a diffusion series, much as the toolbox does.

    Volumes with and without diffusion weighting are taken apart. Those with it are averaged in
    groups of successive ones, and the groups compared with the first; those without it are
    compared with the last before the first weighted one. Slices move by translations in their
    plane, whose course along the slices is a polynomial of degree 2, so that mutual information
    is largest.

    Two things differ (Spinal Cord Toolbox 7.4). There each slice is registered and the polynomial
    fitted after; here the polynomial is looked for at once, and slices count by what is seen in
    them. There what has been registered becomes part of the target; here it doesn't, as
    directions change the contrast, and small errors that this makes would add up.

    Parameters
    ----------
    image
        The series, with axial slices.
    values
        b-values in s/mm2.
    mask
        Where to look, such as a cylinder around the cord; None for everywhere.
    group
        Volumes in a group; they share one motion.

    Raises
    ------
    SpinegateError
        The image is no series with these b-values, or the mask is empty or on another grid.
    """
    if image.data.ndim != 4 or image.data.shape[3] != len(values):
        raise SpinegateError(
            f"{len(values)} b-values don't fit an image of the shape {image.data.shape}"
        )
    if mask is not None and not same_grid(mask, image):
        raise SpinegateError("the mask for motion correction is not on the grid of the series")
    turned = turn(image)
    inside = np.ones(turned.grid, bool) if mask is None else turn(mask).data > 0.5
    if not inside.any():
        raise SpinegateError("the mask for motion correction is empty")
    weighted = np.flatnonzero(values > LEAST_B)
    plain = np.flatnonzero(values <= LEAST_B)
    groups = [weighted[at : at + group] for at in range(0, len(weighted), group)]
    before = np.flatnonzero(plain < weighted[0]) if len(weighted) else plain[:1]
    target = int(before[-1]) if len(before) else 0
    shifts = np.zeros((len(values), turned.grid[2], 2))
    for sets, first in ((groups, 0), ([plain[at : at + 1] for at in range(len(plain))], target)):
        for members, found in zip(sets, _follow(turned, inside, sets, first), strict=True):
            shifts[members] = found
    return SeriesMotion(shifts)


def correct_motion(image: Image, motion: SeriesMotion, order: int = SPLINE) -> Image:
    """Undo the motion of a series.

    Parameters
    ----------
    order
        Of the interpolation within slices: 3 for splines, 0 for the nearest voxel.
    """
    turned = turn(image)
    edges = turned.spacing[:2]
    volumes = [
        _still(turned.data[..., at], shifts, edges, order)
        for at, shifts in enumerate(motion.shifts)
    ]
    return turn(replace(turned, data=np.stack(volumes, -1)), image.codes)


def _follow(image: Image, mask: Mask, sets: Sequence[NDArray[np.intp]], first: int) -> Numbers:
    """Compare the means of sets of volumes with that of one of them (sets x slices x 2)."""
    found = np.zeros((len(sets), image.grid[2], 2))
    if not sets:
        return found
    edges = image.spacing[:2]
    basis = polynomials(image.grid[2], _DEGREE)
    target = _mean(image, sets[first])
    blind = []
    for at, members in enumerate(sets):
        moved = _mean(image, members)
        motion = find_motion(target, moved, mask, edges, basis, _LEVELS)
        if np.isnan(motion.likeness).all():
            blind.append(at)
            continue
        if np.nansum(motion.likeness) > np.nansum(motion.at_rest):
            found[at] = motion.shifts
    seen = np.setdiff1d(np.arange(len(sets)), blind)
    for at in blind:
        found[at] = found[seen[np.abs(seen - at).argmin()]] if len(seen) else 0.0
    return found


def _mean(image: Image, members: NDArray[np.intp]) -> Numbers:
    found: Numbers = np.nan_to_num(image.data[..., members].astype(np.float64)).mean(-1)
    return found


def _still(
    volume: NDArray[np.generic], shifts: Numbers, edges: tuple[float, float], order: int
) -> NDArray[np.generic]:
    """Bring the slices of a volume back to where they were."""
    from scipy.ndimage import shift

    found = np.empty(volume.shape, volume.dtype if order == 0 else np.float32)
    for at, way in enumerate(-shifts / edges):
        found[:, :, at] = (
            shift(volume[:, :, at], way, found.dtype, order, mode="nearest")
            if way.any()
            else volume[:, :, at]
        )
    return found
