"""An image as numbers and where they lie, read and written whole."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..system.errors import SpinegateError
from ..system.files import write_atomic

if TYPE_CHECKING:
    import nibabel

Matrix = NDArray[np.float64]
RPI = ("L", "A", "S")
"""Where the axes of what the toolbox calls RPI lead to: it names where they come from."""

_LEVEL = 6  # of gzip


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Numbers on a grid.

    Attributes
    ----------
    data
        Real values: three axes, or four with volumes last.
    affine
        4 x 4, indices of voxels to mm (RAS).
    header
        The NIfTI header it came with; None for one that was made here.
    """

    data: NDArray[Any]
    affine: Matrix
    header: nibabel.Nifti1Header | None = field(default=None, repr=False)

    @property
    def grid(self) -> tuple[int, int, int]:
        """Voxels along the three axes of space."""
        first, second, third = self.data.shape[:3]
        return first, second, third

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Edges of a voxel in mm."""
        first, second, third = np.sqrt((self.affine[:3, :3] ** 2).sum(0)).tolist()
        return first, second, third

    @property
    def codes(self) -> tuple[str, str, str]:
        """Where the axes lead to, such as ("L", "A", "S")."""
        import nibabel as nib

        first, second, third = nib.aff2axcodes(self.affine)
        return first, second, third

    def with_data(self, data: NDArray[Any]) -> Image:
        """Return other numbers in the same place."""
        return replace(self, data=data)


def read_image(path: Path) -> Image:
    """Read a NIfTI image, scaled to real values.

    Raises
    ------
    SpinegateError
        It can't be read, is cut off, or doesn't say where its voxels lie.
    """
    import nibabel as nib

    try:
        found = nib.nifti1.load(path)
        stored = np.asanyarray(found.dataobj)
        affine = np.asarray(found.affine, np.float64)
    except FileNotFoundError:
        raise SpinegateError(f"{path}: there is no such file, or its content isn't here") from None
    except (
        nib.filebasedimages.ImageFileError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
    ) as error:
        raise SpinegateError(f"{path}: can't be read as NIfTI: {error}") from None
    data = stored if stored.ndim != 5 or stored.shape[3] != 1 else stored[:, :, :, 0]
    if data.ndim not in (3, 4, 5) or 0 in data.shape:
        raise SpinegateError(
            f"{path}: three or four axes are needed, not the shape {stored.shape}"
        )
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise SpinegateError(f"{path}: its qform and sform don't say where its voxels lie")
    return Image(data, affine, found.header)


def write_image(image: Image, path: Path, intent: int = 0) -> None:
    """Write an image, atomically; the same numbers give the same bytes.

    Parameters
    ----------
    intent
        NIfTI's code of what the numbers are; 1007 for vectors.

    Raises
    ------
    SpinegateError
        It can't be written.
    """
    import nibabel as nib

    data = image.data.astype(np.uint8) if image.data.dtype == np.bool_ else image.data
    made = nib.nifti1.Nifti1Image(data, image.affine, dtype=data.dtype)
    if image.header is not None:
        made.header.set_xyzt_units(*image.header.get_xyzt_units())
        codes = (int(image.header["qform_code"]), int(image.header["sform_code"]))
        code = max(codes) or 1
        made.set_qform(image.affine, code)
        made.set_sform(image.affine, code)
        if data.ndim == 4 and len(image.header.get_zooms()) > 3:
            made.header.set_zooms((*made.header.get_zooms()[:3], image.header.get_zooms()[3]))
    if intent:
        made.header.set_intent(intent)
    content = made.to_bytes()
    if path.name.endswith(".gz"):
        content = gzip.compress(content, _LEVEL, mtime=0)
    try:
        write_atomic(path, content)
    except OSError as error:
        raise SpinegateError(f"{path}: can't be written: {error.strerror}") from error


def turn(image: Image, codes: tuple[str, str, str] = RPI) -> Image:
    """Return an image with its axes in another order or direction; nothing is resampled."""
    import nibabel as nib

    now = nib.orientations.io_orientation(image.affine)
    wanted = nib.orientations.axcodes2ornt(codes)
    way = nib.orientations.ornt_transform(now, wanted)
    data = nib.orientations.apply_orientation(image.data, way)
    back = nib.orientations.inv_ornt_aff(way, image.grid)
    return replace(image, data=data, affine=image.affine @ back)


def same_grid(one: Image, other: Image, tolerance: float = 1e-3) -> bool:
    """Whether two images have their voxels in the same places.

    Parameters
    ----------
    tolerance
        How far corners may lie apart, in voxels.
    """
    if one.grid != other.grid:
        return False
    ends = np.array(np.meshgrid(*[(0, n - 1) for n in one.grid])).reshape(3, -1)
    away = np.linalg.solve(one.affine, other.affine @ np.vstack([ends, np.ones(ends.shape[1])]))
    return bool(np.abs(away[:3] - ends).max() <= tolerance)
