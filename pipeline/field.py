"""Where each voxel of a grid comes from: fields of displacements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..system.errors import SpinegateError
from .image import Image, Matrix, read_image, write_image
from .resample import LINEAR

_ROUNDING = 1e-3  # voxels: a place so near to the outermost voxels is on them
VOID = 100_000.0  # mm: what the toolbox writes where there is no way
_ITK = np.array([-1.0, -1.0, 1.0])  # its axes lead to the left, back, and up
_VECTOR = 1007

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A way from the voxels of a grid to places in another image.

    Attributes
    ----------
    shifts
        x, y, z, 3: mm (RAS) to be added to a voxel's own place; NaN where there is no way.
    affine
        Of the grid.
    """

    shifts: Numbers
    affine: Matrix

    @property
    def grid(self) -> tuple[int, int, int]:
        """Voxels along the axes."""
        first, second, third = self.shifts.shape[:3]
        return first, second, third

    def places(self) -> Numbers:
        """Return where each voxel comes from, in mm (x, y, z, 3)."""
        cells = np.moveaxis(np.indices(self.grid), 0, -1)
        found: Numbers = cells @ self.affine[:3, :3].T + self.affine[:3, 3] + self.shifts
        return found


def carry(image: Image, field: Field, order: int = LINEAR, outside: float = 0.0) -> Image:
    """Bring an image to the grid of a field.

    Parameters
    ----------
    outside
        The value where there is no way, or it leads out of the image.
    """
    from scipy.ndimage import map_coordinates

    back = np.linalg.inv(image.affine)
    cells = field.places() @ back[:3, :3].T + back[:3, 3]
    edge = np.clip(cells, 0, np.asarray(image.grid) - 1)
    cells = np.where(np.abs(cells - edge) < _ROUNDING, edge, cells)
    known = np.isfinite(cells).all(-1)
    at = np.moveaxis(np.where(known[..., None], cells, -10.0), -1, 0)
    volumes = [image.data] if image.data.ndim == 3 else np.moveaxis(image.data, -1, 0)
    found = [
        map_coordinates(
            volume if order == 0 else volume.astype(np.float64), at, order=order, cval=outside
        )
        for volume in volumes
    ]
    data = found[0] if image.data.ndim == 3 else np.stack(found, -1)
    return replace(image, data=data, affine=field.affine)


def after(first: Field, second: Field) -> Field:
    """Return the way of `first` and then, from where it leads, that of `second`.

    A way is lost where it leaves the grid of the second, rather than stretched from its edge.
    """
    from scipy.ndimage import map_coordinates

    places = first.places()
    back = np.linalg.inv(second.affine)
    cells = places @ back[:3, :3].T + back[:3, 3]
    ends = np.asarray(second.grid) - 0.5
    with np.errstate(invalid="ignore"):
        inside = ((cells >= -0.5) & (cells <= ends)).all(-1)
    at = np.moveaxis(np.where(inside[..., None], cells, 0.0), -1, 0)
    more = [
        map_coordinates(second.shifts[..., axis], at, order=LINEAR, mode="nearest")
        for axis in range(3)
    ]
    shifts = first.shifts + np.stack(more, -1)
    shifts[~inside] = np.nan
    return Field(shifts, first.affine)


def read_field(path: Path) -> Field:
    """Read a field that ITK, ANTs or the toolbox has written.

    Raises
    ------
    SpinegateError
        It can't be read, or is no field.
    """
    image = read_image(path)
    data = np.asarray(image.data, np.float64)
    if data.ndim != 4 or data.shape[3] != 3:
        raise SpinegateError(f"{path}: no field of displacements, its shape is {image.data.shape}")
    data = np.where((np.abs(data) >= VOID - 1).any(-1, keepdims=True), np.nan, data)
    return Field(data * _ITK, image.affine)


def write_field(field: Field, path: Path) -> None:
    """Write a field as ITK, ANTs and the toolbox read it."""
    data = np.where(np.isfinite(field.shifts), field.shifts * _ITK, VOID)
    write_image(Image(data[:, :, :, None].astype(np.float32), field.affine), path, _VECTOR)
