"""The line through the middle of the cord."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ..image import RPI, Image

SMOOTH = 20.0
SMOOTH_AREA = 30.0
"""How strongly the line is smoothed, as the toolbox counts it; for angles it takes the latter."""

_DEGREE = 3
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Centerline:
    """A line with one point in each slice, in voxels of an image in RPI.

    Attributes
    ----------
    slices
        Indices of the slices, without gaps.
    x, y
        Where the line crosses each slice.
    dx, dy
        Its derivatives by the slice.
    """

    slices: NDArray[np.intp]
    x: Numbers
    y: Numbers
    dx: Numbers
    dy: Numbers

    @property
    def points(self) -> Numbers:
        """In voxels (n x 3)."""
        return np.column_stack([self.x, self.y, self.slices])

    def tangents(self, spacing: tuple[float, float, float]) -> Numbers:
        """Directions in mm, not of unit length (n x 3)."""
        one = np.ones(len(self.slices))
        found: Numbers = np.column_stack([self.dx, self.dy, one]) * np.asarray(spacing)
        return found


def centerline(mask: Image, smooth: float = SMOOTH) -> Centerline:
    """Fit a line to a segmentation: a cubic B-spline through the slices' middles.

    The middle of a slice is the mean position of its non-zero voxels, whatever their values. The
    smoothing factor is (n / N)^2 * smooth * pz / 3 with n slices of cord in a range of N and the
    slices pz mm apart (Spinal Cord Toolbox 7.4).

    Parameters
    ----------
    mask
        Segmentation of the cord, in RPI.

    Raises
    ------
    SpinegateError
        The mask is empty, in fewer than three slices, or has other axes.
    """
    from scipy.interpolate import splev, splrep

    if mask.codes != RPI:
        raise ValueError("a centerline needs its mask in RPI")
    found, x, y = middles(mask.data)
    if len(found) < _DEGREE - 1:
        raise SpinegateError(f"the mask has cord in {len(found)} slices: no line goes through it")
    slices = np.arange(found[0], found[-1] + 1)
    degree = _DEGREE if len(found) > _DEGREE else _DEGREE - 2
    factor = (len(found) / len(slices)) ** 2 * smooth * mask.spacing[2] / 3
    ways = [splrep(found, values, s=factor, k=degree) for values in (x, y)]
    (line_x, dx), (line_y, dy) = ((splev(slices, way), splev(slices, way, der=1)) for way in ways)
    return Centerline(slices, line_x, line_y, dx, dy)


def middles(data: NDArray[np.generic]) -> tuple[NDArray[np.intp], Numbers, Numbers]:
    """Return the slices that aren't empty, and the mean position of the voxels in each."""
    x, y, z = np.nonzero(data)
    count = np.bincount(z, minlength=1)
    found = np.flatnonzero(count)
    shares = count[found]
    return found, np.bincount(z, x)[found] / shares, np.bincount(z, y)[found] / shares
