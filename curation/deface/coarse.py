"""A coarse copy of an image on a grid that a registration can work with.

ITK knows no sheared grids, and slow axes first are as good as any other order: so the image is
turned to the canonical axes, clipped, smoothed, and sampled on isotropic voxels along the
orthonormal axes nearest to its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .extra import need
from .volume import Matrix

_CLIPPED = 99
_BLUR = 2.355  # full width at half maximum, in standard deviations
_MOST = 320  # voxels along an axis


@dataclass(frozen=True, slots=True)
class Coarse:
    """A copy; its `frame` maps mm along its own axes to mm of the header (a rotation).

    Attributes
    ----------
    values
        Intensities from 0 to 1, 0 outside the image.
    inside
        Where the image is.
    origin
        The first voxel, in mm along the copy's axes.
    spacing
        Edge of a voxel in mm.
    frame
        3 x 3.
    """

    values: NDArray[np.float32]
    inside: NDArray[np.bool_]
    origin: NDArray[np.float64]
    spacing: float
    frame: Matrix

    def points(self, where: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Points in mm of the header (n x 3), in the order of the voxels."""
        indices = np.argwhere(where)
        moved: NDArray[np.float64] = (indices * self.spacing + self.origin) @ self.frame.T
        return moved


def shrink(values: NDArray[np.float32], affine: Matrix, spacing: float) -> Coarse:
    """Copy an image coarsely.

    Parameters
    ----------
    values
        Real values, three axes.
    affine
        Voxel indices to mm.
    spacing
        Edge of the copy's voxels, in mm.
    """
    nib = need("nibabel")
    ndimage = need("scipy.ndimage")

    turn = nib.io_orientation(affine)
    turned = nib.apply_orientation(values, turn)
    affine = affine @ nib.orientations.inv_ornt_aff(turn, values.shape)
    edges = np.linalg.norm(affine[:3, :3], axis=0)
    left, _, right = np.linalg.svd(affine[:3, :3] / edges)
    frame = left @ right
    top = np.percentile(turned, _CLIPPED)
    low = min(float(turned.min()), 0.0) if top > 0 else float(turned.min())
    span = max(float(top) - low, 1e-6)
    scaled = (np.clip(turned, low, low + span) - low) / span
    blur = [np.sqrt(max(spacing**2 - edge**2, 0)) / _BLUR / edge for edge in edges]
    smooth = ndimage.gaussian_filter(scaled, blur, mode="nearest", truncate=3)
    ends = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in turned.shape])).reshape(3, -1).T
    corners = (ends @ affine[:3, :3].T + affine[:3, 3]) @ frame
    first, last = corners.min(0), corners.max(0)
    spacing = max(spacing, float((last - first).max()) / _MOST)
    shape = np.maximum(1, np.round((last - first) / spacing)).astype(int)
    origin = (first + last - (shape - 1) * spacing) / 2
    back = np.linalg.inv(affine)
    matrix = back[:3, :3] @ frame * spacing
    offset = back[:3, :3] @ (frame @ origin) + back[:3, 3]
    sampled = ndimage.affine_transform(
        smooth, matrix, offset, tuple(shape), np.float32, order=1, mode="grid-constant"
    )
    indices = np.moveaxis(np.indices(tuple(shape)), 0, -1) @ matrix.T + offset
    limits = np.array(turned.shape) - 0.5
    inside = ((indices >= -0.5) & (indices <= limits)).all(-1)
    sampled = np.where(inside, sampled, np.float32(0))
    return Coarse(sampled, inside, origin, spacing, frame)
