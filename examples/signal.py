"""Signals from physics, in the very forms that the metrics invert.

The magnetisation transfer series follows the rational approximation of the spoiled gradient echo
(Helms et al., Magn Reson Med 2008, 60:1396 and 59:667): ``S = A a R1 TR / (a2/2 + d + R1 TR)``,
with a the flip angle (rad) and d the saturation by the MT pulse. MTsat and T1 computed with
Helms's formulas from noise-free signals are the true ones, whatever A.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Properties:
    """What a tissue is: PD (1), T1, T2, T2star (s), MTsat (1), FA (1), MD (mm2/s)."""

    density: float
    t1: float
    t2: float
    t2star: float
    mtsat: float
    fa: float
    md: float

    @property
    def rd(self) -> float:
        """Radial diffusivity of the axially symmetric tensor, mm2/s."""
        return self.md * (1 - _stretch(self.fa))

    @property
    def ad(self) -> float:
        """Axial diffusivity, mm2/s."""
        return self.md * (1 + 2 * _stretch(self.fa))


def _stretch(fa: float) -> float:
    return fa / sqrt(3 - 2 * fa**2)


def gradient_echo(
    tissue: Properties, tr: float, te: float, flip: float, mt: bool = False
) -> float:
    """Return the spoiled gradient echo's signal; TR and TE in s, flip angle in radians."""
    relaxed = tr / tissue.t1
    saturation = tissue.mtsat if mt else 0.0
    share = flip * relaxed / (flip**2 / 2 + saturation + relaxed)
    return tissue.density * share * exp(-te / tissue.t2star)


def inversion_recovery(tissue: Properties, tr: float, te: float, ti: float) -> float:
    """Return the magnitude of an inversion-prepared gradient echo train (T1w); times in s."""
    longitudinal = 1 - 2 * exp(-ti / tissue.t1) + exp(-tr / tissue.t1)
    return tissue.density * abs(longitudinal) * exp(-te / tissue.t2star)


def spin_echo(tissue: Properties, tr: float, te: float) -> float:
    """Return the spin echo's signal (T2w, dwi at b = 0); times in s."""
    return tissue.density * (1 - exp(-tr / tissue.t1)) * exp(-te / tissue.t2)


def magnetisation_transfer_ratio(tissue: Properties, tr: float, flip: float) -> float:
    """Return the true MTR, percent; TR in s, flip angle in radians."""
    total = flip**2 / 2 + tissue.mtsat + tr / tissue.t1
    return 100 * tissue.mtsat / total


def attenuation(
    tissue: Properties, b: float, direction: NDArray[np.float64], axis: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return exp(-b g.D.g) for a tensor along `axis` (3, ...); b in s/mm2, g a unit vector."""
    along = np.tensordot(direction, axis, axes=1) ** 2
    return np.asarray(np.exp(-b * (tissue.rd + (tissue.ad - tissue.rd) * along)))
