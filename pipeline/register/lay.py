"""One cord laid upon another, by its line, its discs and its outline alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ..field import Field
from ..image import Image
from .cord import ANGLES, Cord

_REACH = 25.0  # mm around the cord: beyond there is no way
_END = 0.5  # mm that a way may go on beyond a cord's end
_THIN = 0.5  # mm: a cord with a smaller radius is none

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Which positions along two cords belong together, in mm from the lower end of each."""

    one: Numbers
    other: Numbers


def match(one: Cord, other: Cord) -> Match:
    """Match positions by the discs that both have; beyond them a mm is a mm.

    Raises
    ------
    SpinegateError
        They have no disc in common, or the discs' orders differ.
    """
    shared = sorted(set(one.discs) & set(other.discs), key=lambda disc: one.discs[disc])
    if not shared:
        raise SpinegateError(
            f"the discs {_numbers(one)} and {_numbers(other)} have none in common"
        )
    first, second = (np.array([cord.discs[disc] for disc in shared]) for cord in (one, other))
    if (np.diff(first) <= 0).any() or (np.diff(second) <= 0).any():
        raise SpinegateError(f"the discs {_numbers(other)} are not in their order along the cord")
    far = 1000.0
    return Match(*(np.concatenate([[x[0] - far], x, [x[-1] + far]]) for x in (first, second)))


def _numbers(cord: Cord) -> str:
    return ", ".join(map(str, sorted(cord.discs)))


def lead(places: Numbers, one: Cord, other: Cord, pairs: Match) -> Numbers:
    """Lead places near one cord to those near another.

    Within the cord distances from the line grow as the outline does; outside they keep their
    distance from the surface.

    Parameters
    ----------
    places
        n x 3, in mm.

    Returns
    -------
    array
        n x 3; NaN where a place is far from the cord, or the other cord doesn't reach.
    """
    at = one.line.nearest(places)
    seen = one.line.seen_from(places, at)
    along = one.lengths[at] + seen[:, 2]
    away = np.hypot(seen[:, 0], seen[:, 1])
    angle = np.arctan2(seen[:, 1], seen[:, 0])
    there = np.interp(along, pairs.one, pairs.other)
    angle_there = angle - _turn(one, along) + _turn(other, there)
    surface, surface_there = _radius(one, along, angle), _radius(other, there, angle_there)
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = away * surface_there / surface
    away_there = np.where(away < surface, inner, away - surface + surface_there)
    lost = (np.minimum(surface, surface_there) < _THIN) | (away > _REACH)
    for cord, position in ((one, along), (other, there)):
        lost |= (position < -_END) | (position > cord.lengths[-1] + _END)
    index = np.abs(_fraction(other, there)).round().astype(int)
    index = np.clip(index, 0, len(other.lengths) - 1)
    local = np.column_stack(
        [
            away_there * np.cos(angle_there),
            away_there * np.sin(angle_there),
            there - other.lengths[index],
        ]
    )
    found = other.line.placed(local, index)
    found[lost] = np.nan
    return found


def way(grid: Image, one: Cord, other: Cord) -> Field:
    """Say for each voxel of an image with one cord where it lies in that of another."""
    pairs = match(one, other)
    cells = np.moveaxis(np.indices(grid.grid), 0, -1).reshape(-1, 3)
    places = cells @ grid.affine[:3, :3].T + grid.affine[:3, 3]
    low, high = one.line.points.min(0) - _REACH, one.line.points.max(0) + _REACH
    near = ((places >= low) & (places <= high)).all(1)
    shifts = np.full(places.shape, np.nan)
    shifts[near] = lead(places[near], one, other, pairs) - places[near]
    return Field(shifts.reshape(*grid.grid, 3), grid.affine)


def _fraction(cord: Cord, along: Numbers) -> Numbers:
    found: Numbers = np.interp(along, cord.lengths, np.arange(len(cord.lengths), dtype=np.float64))
    return found


def _turn(cord: Cord, along: Numbers) -> Numbers:
    found: Numbers = np.interp(along, cord.lengths, cord.turns)
    return found


def _radius(cord: Cord, along: Numbers, angle: Numbers) -> Numbers:
    from scipy.ndimage import map_coordinates

    around = np.mod(angle, 2 * np.pi) / (2 * np.pi) * ANGLES
    wrapped = np.column_stack([cord.radii, cord.radii[:, :1]])
    found: Numbers = map_coordinates(
        wrapped, [_fraction(cord, along), around], order=1, mode="nearest"
    )
    return found
