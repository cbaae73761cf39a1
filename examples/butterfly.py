"""The grey matter's H in a section: two horns and a commissure whose area is known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, pi, sqrt

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Butterfly:
    """Grey matter in a section's own units: s = u / a and t = v / b, so that the cord is s2+t2=1.

    Each horn is an ellipse around (`offset`, 0) with half-width `width` and half-height `height`,
    sheared by `shear` and swollen in front by `bulge`; both keep its area. The commissure fills
    ``|t| < bridge`` between the horns.
    """

    offset: float
    width: float
    height: float
    shear: float
    bulge: float
    bridge: float

    def contains(self, s: NDArray[np.float64], t: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points (s, t) are grey matter."""
        up = t / self.height
        across = (np.abs(s) - self.offset - self.shear * t) / (1 + self.bulge * up)
        across /= self.width
        horn = (across**2 + up**2 <= 1) & (np.abs(up) <= 1)
        between = (np.abs(t) <= self.bridge) & (across < 0)
        return np.asarray(horn | between)

    def share(self) -> float:
        """Return the grey matter's share of the cord's cross-sectional area."""
        h, q, p = self.bridge, self.height, self.width
        inner = p * (h * sqrt(1 - (h / q) ** 2) + q * asin(h / q))
        return (2 * pi * p * q + 4 * self.offset * h - 2 * inner) / pi
