"""An image on another grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..system.errors import SpinegateError
from .image import Image, Matrix

NEAREST, LINEAR, QUADRATIC = 0, 1, 2


def resample(image: Image, spacing: float, order: int = LINEAR) -> Image:
    """Resample an image to isotropic voxels.

    As the toolbox does it: the first voxel's centre stays, the number of voxels is rounded, and
    the edge becomes what makes the field of view as long as it was; outside the nearest value
    holds.

    Parameters
    ----------
    spacing
        Edge of the voxels in mm.
    order
        Of the spline: 0 nearest, 1 linear, 2 quadratic.
    """
    cells = [round(n * edge / spacing) for n, edge in zip(image.grid, image.spacing, strict=True)]
    if 0 in cells:
        raise SpinegateError(f"voxels of {spacing:g} mm are larger than the image")
    ratios = [float(n) / m for n, m in zip(image.grid, cells, strict=True)]
    scale: Matrix = np.diag(np.array([*ratios, 1.0], np.float64))
    first, second, third = cells
    return _sample(
        image, scale, (first, second, third), np.matmul(image.affine, scale), order, "nearest"
    )


def resample_like(
    image: Image, reference: Image, order: int = LINEAR, mode: str = "constant"
) -> Image:
    """Resample an image to the grid of another, by what their headers say.

    Parameters
    ----------
    mode
        What is outside: "constant" for 0, "nearest" for the value at the edge.
    """
    matrix: Matrix = np.linalg.solve(image.affine, reference.affine).astype(np.float64)
    return _sample(image, matrix, reference.grid, reference.affine, order, mode)


def _sample(
    image: Image, matrix: Matrix, grid: tuple[int, int, int], affine: Matrix, order: int, mode: str
) -> Image:
    from scipy import ndimage

    data = image.data if order == NEAREST else image.data.astype(np.float64)
    volumes = [data] if data.ndim == 3 else [data[..., at] for at in range(data.shape[3])]
    sampled = [
        ndimage.affine_transform(
            volume, matrix[:3, :3], matrix[:3, 3], grid, order=order, mode=mode, cval=0.0
        )
        for volume in volumes
    ]
    return replace(
        image, data=sampled[0] if data.ndim == 3 else np.stack(sampled, -1), affine=affine
    )
