"""The spinal cord, which no mask may touch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .extra import need
from .template import read_template
from .volume import Matrix, read_volume

MARGIN = 10.0  # mm around a segmentation
RADIUS = 18.0  # mm around the line that the template says
_MOST = 20_000
Points = NDArray[np.float64]


def cord_points(path: Path) -> Points:
    """Points of a segmentation in mm of its header (n x 3).

    Raises
    ------
    SpinegateError
        Where it can't be read.
    """
    volume = read_volume(path)
    indices = np.argwhere(volume.values() > 0.5)
    indices = indices[:: max(1, len(indices) // _MOST)]
    points: Points = indices @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    return points


def template_cord(way: Matrix) -> Points:
    """Points of the template's cord in mm of the image's header; `way` leads to the template."""
    back = np.linalg.inv(way)
    points: Points = read_template().cord @ back[:3, :3].T + back[:3, 3]
    return points


def near(
    mask: NDArray[np.bool_], affine: Matrix, points: Points, distance: float
) -> NDArray[np.intp]:
    """Indices of the voxels of a mask that lie near points (n x 3, integers).

    Parameters
    ----------
    mask
        In voxels.
    affine
        Voxel indices to mm.
    points
        In mm.
    distance
        In mm.
    """
    tree = need("scipy.spatial").cKDTree

    nothing = np.zeros((0, 3), np.intp)
    if len(points) == 0 or not mask.any():
        return nothing
    back = np.linalg.inv(affine)
    reach = np.linalg.norm(back[:3, :3], axis=1) * distance
    at = points @ back[:3, :3].T + back[:3, 3]
    low = np.maximum(np.floor(at.min(0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(at.max(0) + reach) + 1, mask.shape).astype(int)
    if (low >= high).any():
        return nothing
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    indices = np.argwhere(mask[box]) + low
    if len(indices) == 0:
        return nothing
    apart, _ = tree(points).query(
        indices @ affine[:3, :3].T + affine[:3, 3], distance_upper_bound=distance
    )
    close: NDArray[np.intp] = indices[np.isfinite(apart)]
    return close
