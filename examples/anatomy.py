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
    (anterior) are the offsets in the orthogonal plane (mm).
    """

    z: Floats
    u: Floats
    v: Floats


@dataclass(frozen=True, slots=True)
class Axes:
    """Unit vectors (n, 3) of sections, and mm of centreline per mm of z."""

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
        px, py, pz = points.T
        z = pz.copy()
        kx, ky = 2 * pi / self.period_x, 2 * pi / self.period_y
        for _ in range(3):  # bends are gentle: the error is below 1e-9 mm
            arg_x, arg_y = kx * z + self.phase_x, ky * z + self.phase_y
            x, tx = self.bend_x * np.sin(arg_x), self.bend_x * kx * np.cos(arg_x)
            y, ty = self.bend_y * np.cos(arg_y), -self.bend_y * ky * np.sin(arg_y)
            value = (px - x) * tx + (py - y) * ty + pz - z
            change = tx**2 + ty**2 + 1 + (px - x) * kx**2 * x + (py - y) * ky**2 * y
            z = z + value / change
        # The offset is orthogonal to the tangent, so its parts along the axes are short.
        x, y, _ = self.centre(z).T
        tx, ty, _ = self.slope(z).T
        squares = 1 + ty**2
        u = (px - x) * np.sqrt((squares + tx**2) / squares)
        v = ((py - y) - (pz - z) * ty) / np.sqrt(squares)
        return Frame(z, u, v)

    def axes(self, z: Floats) -> Axes:
        """Return the axes of the sections at heights z."""
        slope = self.slope(z)
        tx, ty, _ = slope.T
        speed = np.sqrt(1 + tx**2 + ty**2)
        side = np.sqrt(1 + ty**2)
        zero = np.zeros_like(z)
        tangent = slope / speed[:, None]
        right = np.stack([side**2, -tx * ty, -tx], axis=-1) / (side * speed)[:, None]
        anterior = np.stack([zero, 1 / side, -ty / side], axis=-1)
        return Axes(tangent, right, anterior, speed)

    def disc_tip(self, number: int) -> Floats:
        """Return the posterior tip of a disc, where its label lies: (3,), world mm."""
        z = np.array([self.discs[number - 1]])
        return np.asarray((self.centre(z) + self.axes(z).anterior * self.canal[1])[0])
