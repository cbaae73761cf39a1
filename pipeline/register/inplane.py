"""Motion of slices in their plane, for all slices at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .likeness import Likeness, mutual_information

SPLINE = 3
"""Order of the interpolation when an image is brought back."""

_ARM = 10.0  # mm: an angle counts as the way that a point so far from the middle makes
_MARGIN = 12.0  # mm around the mask
_TAILS = 0.005, 0.995  # quantiles beyond which values are cut
_WIDE = 10.0  # mm: no motion is expected to be larger
_DONE = 2e-3  # mm
_ROUNDS = 40

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How the slices of an image have moved.

    Attributes
    ----------
    shifts
        Slices x 2: mm along the first two axes, from a voxel to where its content has moved.
    angles
        By how much the slices are turned about `middles`, from the first axis to the second, in
        radians.
    middles
        Slices x 2, in voxels.
    likeness
        Of slices brought back; NaN where an image has no signal in the mask.
    at_rest
        The same without motion.
    """

    shifts: Numbers
    angles: Numbers
    middles: Numbers
    likeness: Numbers
    at_rest: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two smoothed images: the fixed one around the mask, the moving one a little farther."""

    fixed: Numbers
    moving: Numbers
    slopes: tuple[Numbers, Numbers]
    mask: Mask
    corner: tuple[int, int]
    middles: Numbers
    spacing: tuple[float, float]
    counts: Numbers


def find_motion(
    fixed: NDArray[Any],
    moving: NDArray[Any],
    mask: Mask,
    spacing: tuple[float, float],
    basis: Numbers,
    levels: Sequence[float],
    turning: bool = False,
) -> Motion:
    """Find how the slices of an image have moved, compared with another.

    Damped Gauss-Newton steps make mutual information large, for all slices at once: they count by
    what is seen in them, and those without signal move as the others do.

    Parameters
    ----------
    fixed, moving, mask
        x, y, z; slices are the last axis.
    spacing
        Edges of a voxel in a slice, in mm.
    basis
        Slices x functions: motion along the slices is a sum of these.
    levels
        By how many mm images are smoothed: first for motion that is large, last for detail.
    turning
        Whether slices turn, too.
    """
    inner, outer = (_box(mask, spacing, margin) for margin in (0.0, _MARGIN))
    one, other = (np.nan_to_num(np.asarray(x[outer], np.float64)) for x in (fixed, moving))
    one, other = _cut(one), _cut(other)
    inside = mask[inner]
    corner = inner[0].start - outer[0].start, inner[1].start - outer[1].start
    within = (slice(corner[0], corner[0] + len(inside)), _part(corner[1], inside.shape[1]))
    signal = _varies(one[within], inside) & _varies(other[within], inside)
    inside = inside & signal
    middles = _middles(mask[inner])
    found = np.zeros((basis.shape[1], 3 if turning else 2))
    for level in levels:
        weight = _blur(np.ones_like(one), level, spacing)
        smooth, coarse = (_blur(data, level, spacing) / weight for data in (one, other))
        slopes = tuple(np.gradient(coarse, edge, axis=axis) for axis, edge in enumerate(spacing))
        # Smoothed values are not independent of each other.
        counts = inside.sum((0, 1)) * spacing[0] * spacing[1] / (4 * np.pi * level**2)
        pair = _Pair(
            smooth[within],
            coarse,
            (slopes[0], slopes[1]),
            inside,
            corner,
            middles,
            spacing,
            counts,
        )
        found = _climb(pair, basis, found)
    moved = basis @ found
    before, after = (
        np.where(signal, _compare(pair, x)[0].shares, np.nan)
        for x in (np.zeros_like(moved), moved)
    )
    angles = moved[:, 2] / _ARM if turning else np.zeros(len(moved))
    start = np.array([inner[0].start, inner[1].start])
    return Motion(moved[:, :2], angles, middles + start, after, before)


def polynomials(slices: int, degree: int) -> Numbers:
    """Return orthonormal polynomials along the slices (slices x functions)."""
    degree = max(min(degree, slices - 2), 0)
    powers = np.vander(np.linspace(-1.0, 1.0, slices), degree + 1, increasing=True)
    found: Numbers = np.linalg.qr(powers)[0]
    return found


def turn_about(x: Numbers, y: Numbers, angle: float) -> tuple[Numbers, Numbers]:
    """Return places turned about the origin, from the first axis to the second."""
    cos, sin = np.cos(angle), np.sin(angle)
    return x * cos - y * sin, x * sin + y * cos


def _part(start: int, count: int) -> slice:
    return slice(start, start + count)


def _box(mask: Mask, spacing: tuple[float, float], margin: float) -> Box:
    """Return the part of slices around a mask."""
    ends = []
    for axis, edge in enumerate(spacing):
        at = np.flatnonzero(mask.any((1 - axis, 2)))
        more = int(np.ceil(margin / edge))
        ends.append(
            slice(max(int(at[0]) - more, 0), min(int(at[-1]) + more + 1, mask.shape[axis]))
        )
    return ends[0], ends[1]


def _cut(data: Numbers) -> Numbers:
    """Cut the tails of each slice's values and bring them to the range from 0 to 1."""
    low, high = np.quantile(data, _TAILS, axis=(0, 1))
    wide = np.where(high > low, high - low, 1.0)
    found: Numbers = np.where(high > low, (np.clip(data, low, high) - low) / wide, 0.0)
    return found


def _varies(data: Numbers, mask: Mask) -> Mask:
    """Whether slices have different values in the mask."""
    low, high = np.where(mask, data, np.inf), np.where(mask, data, -np.inf)
    found: Mask = high.max((0, 1)) > low.min((0, 1))
    return found


def _blur(data: Numbers, size: float, spacing: tuple[float, float]) -> Numbers:
    """Smooth slices by a Gaussian with a standard deviation in mm; outside there is nothing."""
    from scipy.ndimage import gaussian_filter

    widths = [*(size / edge for edge in spacing), 0.0]
    found: Numbers = gaussian_filter(data, widths, mode="constant", truncate=3.0)
    return found


def _middles(mask: Mask) -> Numbers:
    """Return the middle of the mask in each slice, or in the nearest that has one."""
    known = np.flatnonzero(mask.any((0, 1)))
    near = [known[np.abs(known - at).argmin()] for at in range(mask.shape[2])]
    return np.array([np.argwhere(mask[:, :, at]).mean(0) for at in near])


def _climb(pair: _Pair, basis: Numbers, start: Numbers) -> Numbers:
    """Change the functions' factors until the images are as alike as they get."""
    functions, parts = start.shape
    size = functions * parts
    held = np.kron(basis.T @ basis, np.eye(parts)) / _WIDE**2

    def look(factors: Numbers) -> tuple[float, Numbers, Numbers]:
        found, ways = _compare(pair, basis @ factors)
        flat = factors.ravel()
        pull = np.einsum("xyz,kxyz->zk", found.pulls, ways)
        bend = np.einsum("xyz,kxyz,lxyz->zkl", found.bends, ways, ways)
        up = np.einsum("z,zj,zk->jk", pair.counts, basis, pull).ravel() - held @ flat
        curve = np.einsum("z,zi,zj,zkl->ikjl", pair.counts, basis, basis, bend)
        height = float(pair.counts @ found.shares - flat @ held @ flat / 2)
        return height, up, curve.reshape(size, size) + held

    now, factors, damping = look(start), start, 1e-3
    for _ in range(_ROUNDS):
        damped = now[2] + damping * np.diag(np.diag(now[2]))
        step = np.linalg.solve(damped, now[1]).reshape(functions, parts)
        if np.abs(basis @ step).max() < _DONE:
            break
        then = look(factors + step)
        if then[0] >= now[0]:
            now, factors, damping = then, factors + step, damping / 5
        else:
            damping *= 8
    return factors


def _compare(pair: _Pair, moved: Numbers) -> tuple[Likeness, Numbers]:
    """Compare the images after motion; also return how the moving one changes with motion."""
    from scipy.ndimage import map_coordinates

    first, second = np.indices(pair.fixed.shape[:2])
    edges = np.reshape(pair.spacing, (2, 1, 1))
    moving = np.empty_like(pair.fixed)
    ways = np.empty((moved.shape[1], *moving.shape))
    for at, (parts, middle) in enumerate(zip(moved, pair.middles, strict=True)):
        x, y = (first - middle[0]) * pair.spacing[0], (second - middle[1]) * pair.spacing[1]
        u, v = turn_about(x, y, parts[2] / _ARM) if len(parts) > 2 else (x, y)
        cells = np.stack([u + parts[0], v + parts[1]]) / edges
        cells += (middle + pair.corner)[:, None, None]
        values = (pair.moving, *pair.slopes)
        for one, into in zip(values, (moving, ways[0], ways[1]), strict=True):
            into[:, :, at] = map_coordinates(one[:, :, at], cells, order=1, mode="nearest")
        if len(parts) > 2:
            ways[2, :, :, at] = (u * ways[1, :, :, at] - v * ways[0, :, :, at]) / _ARM
    return mutual_information(pair.fixed, moving, pair.mask), ways
