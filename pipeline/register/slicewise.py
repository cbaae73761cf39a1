"""An image registered to another of the same session: each slice is shifted and turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...system.errors import SpinegateError
from ..field import Field
from ..image import Image, same_grid, turn
from ..resample import resample_like
from .inplane import SPLINE, Numbers, find_motion, polynomials, turn_about

_DEGREE = 3  # of the polynomial along the slices
_LEVELS = 1.0, 0.7  # mm


@dataclass(frozen=True, slots=True, eq=False)
class SliceMotion:
    """How each slice has moved in its plane; slices from below, axes of RPI.

    Attributes
    ----------
    shifts
        Slices x 2: mm along the first two axes, from a voxel to where its content has moved.
    angles
        Radians, from the first axis to the second.
    likeness
        Mutual information after registration, in nats; NaN in slices without signal.
    at_rest
        The same before.
    field
        From the voxels of the fixed image to places in the other.
    """

    shifts: Numbers
    angles: Numbers
    likeness: Numbers
    at_rest: Numbers
    field: Field


def register_slices(fixed: Image, moving: Image, mask: Image) -> SliceMotion:
    """Register an image to another, slice by slice, by a shift and a turn in the slice's plane.

    The toolbox registers each slice by itself, by local cross-correlation (7.4). Here the course
    of shifts and turns along the slices is a polynomial of degree 3, and the measure is mutual
    information: between images with different weighting, correlation has its maximum elsewhere
    than where they match. Slices without signal move as the others do. If the images as a whole
    don't become more alike, nothing moves.

    Parameters
    ----------
    fixed, moving
        Images of one session, with axial slices.
    mask
        Where to look, such as a cylinder around the cord, on the grid of the fixed image.

    Raises
    ------
    SpinegateError
        The mask is empty or on another grid, or an image has more than one volume.
    """
    if fixed.data.ndim != 3 or moving.data.ndim != 3:
        raise SpinegateError("slices are registered between images of one volume")
    if not same_grid(mask, fixed):
        raise SpinegateError("the mask for registration is not on the grid of the fixed image")
    here, inside = turn(fixed), turn(mask).data > 0.5
    if not inside.any():
        raise SpinegateError("the mask for registration is empty")
    there = turn(moving)
    if not same_grid(there, here):
        there = resample_like(there, here, SPLINE)
    basis = polynomials(here.grid[2], _DEGREE)
    edges = here.spacing[:2]
    found = find_motion(here.data, there.data, inside, edges, basis, _LEVELS, turning=True)
    shifts, angles, likeness = found.shifts, found.angles, found.likeness
    if not np.nansum(likeness) > np.nansum(found.at_rest):
        shifts, angles = np.zeros_like(shifts), np.zeros_like(angles)
        likeness = found.at_rest
    field = _field(here, shifts, angles, found.middles, fixed.codes)
    return SliceMotion(shifts, angles, likeness, found.at_rest, field)


def _field(
    grid: Image, shifts: Numbers, angles: Numbers, middles: Numbers, codes: tuple[str, str, str]
) -> Field:
    """Lay motion down as a field on a grid in RPI, with its axes then turned to `codes`."""
    first, second = np.indices(grid.grid[:2])
    moved = np.zeros((*grid.grid, 3))
    for at, (shift, angle, middle) in enumerate(zip(shifts, angles, middles, strict=True)):
        x, y = (first - middle[0]) * grid.spacing[0], (second - middle[1]) * grid.spacing[1]
        u, v = turn_about(x, y, angle)
        moved[:, :, at, 0] = u - x + shift[0]
        moved[:, :, at, 1] = v - y + shift[1]
    axes = grid.affine[:3, :3] / grid.spacing
    turned = turn(Image(moved @ axes.T, grid.affine), codes)
    return Field(turned.data, turned.affine)
