"""Which vertebral level each part of the cord belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ..image import Image, turn
from .centerline import centerline

_MOST = 100  # numbers of discs; 49 and 50 stand for the brain stem's

Numbers = NDArray[np.float64]


def label_levels(mask: Image, discs: Image) -> tuple[Image, Image]:
    """Give each voxel of the cord the number of the disc above it.

    Discs are projected on the nearest point of the centerline; a voxel belongs to its own nearest
    point. Disc 3 is that between C2 and C3, and what lies below it is 3; above the topmost disc
    the number is one less (Spinal Cord Toolbox 7.4).

    Parameters
    ----------
    mask
        Segmentation of the cord.
    discs
        One voxel (or a few) per disc, with its number; on any grid.

    Returns
    -------
    levels, discs
        On the mask's grid: the labelled cord, and the discs on the centerline.

    Raises
    ------
    SpinegateError
        There are no discs, or what isn't a disc's number.
    """
    from scipy.spatial import KDTree

    turned = turn(mask)
    line = centerline(turned)
    cells = np.argwhere(discs.data)
    values = discs.data[tuple(cells.T)]
    if not len(values):
        raise SpinegateError("there are no discs in the image of discs")
    if not ((values > 0) & (values < _MOST) & (values == np.round(values))).all():
        raise SpinegateError("the image of discs holds what isn't the number of a disc")
    places = _to_mm(cells, discs.affine)
    nearest = KDTree(_to_mm(line.points, turned.affine)).query(places)[1]
    ends = np.asarray(turned.grid) - 1
    projected = np.clip(np.rint(line.points[nearest]).astype(int), 0, ends)
    # The toolbox goes on from whole voxels, cut off; so does this.
    whole = line.points.astype(int)
    tree = KDTree(_to_mm(whole, turned.affine))
    # Two discs on one voxel: the later one stays.
    kept = dict(zip(map(tuple, projected.tolist()), values.astype(int).tolist(), strict=True))
    at = tree.query(_to_mm(np.array(list(kept)), turned.affine))[1]
    order = np.argsort(at, kind="stable")
    bounds, named = at[order], np.array(list(kept.values()))[order]
    named = np.append(named, named[-1] - 1)
    cord = np.argwhere(turned.data)
    nearest = tree.query(_to_mm(cord, turned.affine))[1]
    levels, points = (np.zeros(turned.grid, np.uint8) for _ in range(2))
    levels[tuple(cord.T)] = named[np.searchsorted(bounds, nearest)]
    points[tuple(np.array(list(kept)).T)] = list(kept.values())
    return tuple(turn(replace(turned, data=x), mask.codes) for x in (levels, points))  # type: ignore[return-value]


def slices_of(levels: NDArray[Any], wanted: Iterable[int]) -> tuple[int, ...]:
    """Return the slices of some levels, upwards: those whose mean level, rounded, is wanted.

    Parameters
    ----------
    levels
        Levels of the cord in RPI, 0 outside.
    """
    names = set(wanted)
    found = []
    for at in range(levels.shape[2]):
        here = levels[:, :, at]
        here = here[(here != 0) & np.isfinite(here)]
        if here.size and round(float(here.mean())) in names:
            found.append(at)
    return tuple(found)


def _to_mm(cells: NDArray[Any], affine: Numbers) -> Numbers:
    placed: Numbers = cells @ affine[:3, :3].T + affine[:3, 3]
    return placed
