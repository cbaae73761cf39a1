"""Cross-sectional area of the cord, slice by slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anatomy.centerline import SMOOTH_AREA, centerline
from ..image import Image, turn

_FINE = 0.1  # mm: the grid on which areas are summed
_AROUND = 3  # voxels kept around the cord
_NOTHING = 1e-6
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Per slice of an image in RPI; NaN where there is no cord.

    Attributes
    ----------
    area
        In mm2, perpendicular to the cord where angles are corrected.
    angle_ap, angle_rl
        Between the cord and the slice's normal, in degrees: turned about the antero-posterior and
        about the right-left axis.
    length
        Of the cord in the slice, in mm.
    """

    area: Numbers
    angle_ap: Numbers
    angle_rl: Numbers
    length: Numbers


def areas(mask: Image, *, straight: bool = True, smooth: float = SMOOTH_AREA) -> Areas:
    """Measure the area of a segmentation in each slice.

    A slice is scaled by the cosines of the cord's angles, its values brought to 0..1, and summed
    on a grid of 0.1 mm; all pieces in a slice count (Spinal Cord Toolbox 7.4).

    Parameters
    ----------
    mask
        Binary, or between 0 and 1 for shares of voxels.
    straight
        Whether angles are corrected.

    Raises
    ------
    SpinegateError
        There is no cord in the mask, or not enough for a line.
    """
    mask = turn(mask)
    x, y, z = mask.spacing
    data = mask.data.astype(np.float64)
    empty = np.full(data.shape[2], np.nan)
    result = Areas(empty, empty.copy(), empty.copy(), empty.copy())
    filled = np.flatnonzero((data > _NOTHING).any((0, 1)))
    angles = np.zeros((data.shape[2], 2))
    if straight:
        line = centerline(mask, smooth)
        along = line.tangents(mask.spacing)
        angles[line.slices] = np.arctan2(along[:, :2], along[:, 2:])
    for at in filled:
        about_ap, about_rl = angles[at]
        plane = data[:, :, at]
        if straight:
            plane = _scaled(plane, np.cos(about_ap), np.cos(about_rl))
        if (plane < _NOTHING).all():
            continue
        result.area[at] = _area(plane, x, y)
        result.angle_ap[at], result.angle_rl[at] = np.degrees(angles[at])
        result.length[at] = z / (np.cos(about_ap) * np.cos(about_rl))
    return result


def _scaled(plane: Numbers, first: float, second: float) -> Numbers:
    from scipy.ndimage import affine_transform

    matrix = np.diag([1 / first, 1 / second])
    scaled: Numbers = affine_transform(plane, matrix, order=1, mode="grid-constant")
    return scaled


def _area(plane: Numbers, x: float, y: float) -> float:
    from scipy.ndimage import zoom

    low, high = plane.min(), plane.max()
    if high > low:
        plane = (plane - low) / (high - low)
    rows, columns = (np.flatnonzero((plane > _NOTHING).any(axis)) for axis in (1, 0))
    box = tuple(slice(max(at[0] - _AROUND, 0), at[-1] + 1 + _AROUND) for at in (rows, columns))
    fine = zoom(plane[box], (x / _FINE, y / _FINE), order=1, mode="grid-constant", grid_mode=True)
    return float(fine.sum() * _FINE**2)
