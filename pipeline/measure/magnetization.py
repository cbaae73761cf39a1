"""Magnetization transfer: the ratio, the saturation, and T1, voxel by voxel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_MTR = 100.0  # percent
_LEAST_R1 = 0.01  # 1/s: a T1 of 100 s is none
_MOST_MTSAT = 1.0
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighting:
    """How one of the three images was made: repetition time in s, flip angle in degrees."""

    repetition_time: float
    flip_angle: float

    @property
    def angle(self) -> float:
        """The flip angle in radians."""
        return float(np.radians(self.flip_angle))


def ratio(off: NDArray[Any], on: NDArray[Any]) -> NDArray[np.float32]:
    """Return the magnetization transfer ratio in percent.

    Parameters
    ----------
    off, on
        Images without and with the pulse, of one shape.

    Returns
    -------
    array
        100 (off - on) / off, within -100 and 100; NaN where `off` is 0.
    """
    without, pulsed = off.astype(np.float32), on.astype(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.clip(100 * (without - pulsed) / without, -_MOST_MTR, _MOST_MTR)
    found[without == 0] = np.nan
    return found


def saturation(
    on: NDArray[Any],
    off: NDArray[Any],
    t1: NDArray[Any],
    how: tuple[Weighting, Weighting, Weighting],
) -> tuple[Numbers, Numbers]:
    """Return the magnetization transfer saturation in percent, and T1 in s.

    Helms et al. 2008 (doi:10.1002/mrm.21732), with the toolbox' bounds: T1 is 0 where R1 is below
    0.01/s, the saturation 0 where it is beyond 100 percent.

    Parameters
    ----------
    on, off, t1
        Images with the pulse, without it (weighted by proton density), and weighted by T1.
    how
        How these three were made, in this order.
    """
    pulsed, dense, fast = (np.asarray(x, np.float64) for x in (on, off, t1))
    (tr, angle), (tr_pd, angle_pd), (tr_t1, angle_t1) = (
        (one.repetition_time, one.angle) for one in how
    )
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        rate = 0.5 * (angle_t1 / tr_t1 * fast - angle_pd / tr_pd * dense)
        rate /= dense / angle_pd - fast / angle_t1
        rate = np.nan_to_num(rate)
        rate[rate < _LEAST_R1] = np.inf
        amplitude = dense * fast * (tr_pd * angle_t1 / angle_pd - tr_t1 * angle_pd / angle_t1)
        amplitude /= tr_pd * angle_t1 * fast - tr_t1 * angle_pd * dense
        found = tr * (angle * amplitude / pulsed - 1) * rate - angle**2 / 2
    found = np.nan_to_num(found)
    found[np.abs(found) > _MOST_MTSAT] = 0
    return 100 * found, 1 / rate
