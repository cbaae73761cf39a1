"""The analytic cord: a curved tube of elliptical section with a butterfly of grey matter.

World coordinates are those of NIfTI (mm; x right, y anterior, z superior), with the disc between
C3 and C4 at z = 0. The centreline is ``x(z) = bend_x sin(2 pi z / period_x + phase_x)``,
``y(z) = bend_y cos(2 pi z / period_y + phase_y)``. A point belongs to the section whose plane,
orthogonal to the centreline, holds it; so the area of each section is exact, pi a b.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from .butterfly import Butterfly

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where points lie relative to the cord.

    `z` is the height (mm) of the foot of the perpendicular on the centreline; `u` (right) and `v`
    (anterior) are the offsets in the orthogonal plane (mm); `tangent`, `right` and `anterior` are
    unit vectors of shape (n, 3); `speed` is mm of centreline per mm of z.
    """

    z: Floats
    u: Floats
    v: Floats
    tangent: Floats
    right: Floats
    anterior: Floats
    speed: Floats


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The shape of one participant's cord, canal and discs (mm, mm2)."""

    bend_x: float
    period_x: float
    phase_x: float
    bend_y: float
    period_y: float
    phase_y: float
    area: float
    """Cross-sectional area away from the cervical enlargement, mm2."""
    ratio: float
    """Left-right over antero-posterior diameter of the cord."""
    swelling: float
    """Relative increase of the area at the middle of the cervical enlargement."""
    swelling_z: float
    swelling_width: float
    canal: tuple[float, float]
    """Semi-axes of the dural sac along u and v, mm."""
    discs: tuple[float, ...]
    """Height of the discs 1 to 8 on the centreline, mm; 3 is C2-C3, 8 is C7-T1."""
    grey: Butterfly

    def centre(self, z: Floats) -> Floats:
        """Return the centreline at heights z: (n, 3), mm."""
        x = self.bend_x * np.sin(2 * pi * z / self.period_x + self.phase_x)
        y = self.bend_y * np.cos(2 * pi * z / self.period_y + self.phase_y)
        return np.stack([x, y, z], axis=-1)

    def slope(self, z: Floats) -> Floats:
        """Return the centreline's first derivative with respect to z: (n, 3)."""
        kx, ky = 2 * pi / self.period_x, 2 * pi / self.period_y
        x = self.bend_x * kx * np.cos(kx * z + self.phase_x)
        y = -self.bend_y * ky * np.sin(ky * z + self.phase_y)
        return np.stack([x, y, np.ones_like(z)], axis=-1)

    def section(self, z: Floats) -> Floats:
        """Return the cord's orthogonal cross-sectional area at heights z, mm2."""
        bump = np.exp(-(((z - self.swelling_z) / self.swelling_width) ** 2))
        return np.asarray(self.area * (1 + self.swelling * bump))

    def semi_axes(self, z: Floats) -> tuple[Floats, Floats]:
        """Return the cord's semi-axes (left-right, antero-posterior) at heights z, mm."""
        right = np.sqrt(self.section(z) * self.ratio / pi)
        return right, right / self.ratio

    def frame(self, points: Floats) -> Frame:
        """Find the orthogonal section of each point (n, 3; mm) by Newton's method."""
        z = points[:, 2].copy()
        kx, ky = 2 * pi / self.period_x, 2 * pi / self.period_y
        for _ in range(3):  # bends are gentle: the error is below 1e-9 mm
            arg_x, arg_y = kx * z + self.phase_x, ky * z + self.phase_y
            sin_x, cos_x = self.bend_x * np.sin(arg_x), self.bend_x * np.cos(arg_x)
            sin_y, cos_y = self.bend_y * np.sin(arg_y), self.bend_y * np.cos(arg_y)
            dx, dy, dz = points[:, 0] - sin_x, points[:, 1] - cos_y, points[:, 2] - z
            tx, ty = kx * cos_x, -ky * sin_y
            value = dx * tx + dy * ty + dz
            change = -(tx**2 + ty**2 + 1) - dx * kx**2 * sin_x - dy * ky**2 * cos_y
            z = z - value / change
        slope = self.slope(z)
        speed = _length(slope)
        tangent = slope / speed[:, None]
        right = -tangent * tangent[:, :1]
        right[:, 0] += 1
        right /= _length(right)[:, None]
        anterior = _cross(tangent, right)
        offset = points - self.centre(z)
        u = np.einsum("ij,ij->i", offset, right)
        v = np.einsum("ij,ij->i", offset, anterior)
        return Frame(z, u, v, tangent, right, anterior, speed)

    def disc_tip(self, number: int) -> Floats:
        """Return the posterior tip of a disc, where its label lies: (3,), world mm."""
        z = np.array([self.discs[number - 1]])
        frame = self.frame(self.centre(z))
        return np.asarray((self.centre(z) + frame.anterior * self.canal[1])[0])


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)))


def _cross(one: Floats, two: Floats) -> Floats:
    # numpy.cross takes three times as long
    (a, b, c), (d, e, f) = one.T, two.T
    return np.stack([b * f - c * e, c * d - a * f, a * e - b * d], axis=-1)
