"""A NIfTI file as it is stored: header bytes, stored numbers, grid."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ...system.files import write_atomic
from .extra import need

LARGEST = 8 << 30  # bytes of one image's numbers
_HEADER = 540
_EXTENSIONS = 16 << 20
_LEVEL = 6
_AXES = 3

Matrix = NDArray[np.float64]


def inverse(matrix: Matrix) -> Matrix:
    """The way back."""
    return np.asarray(np.linalg.inv(matrix), np.float64)


@dataclass(frozen=True, slots=True)
class Volume:
    """One image.

    Attributes
    ----------
    head
        All bytes before the numbers: header and extensions.
    stored
        The numbers as stored, in the file's own byte order; 3 axes or more, read only.
    affine
        Voxel indices to mm, 4 x 4.
    placed
        Whether the header says where the image lies (qform or sform code above 0).
    slope, inter
        Real value = slope * stored + inter.
    """

    head: bytes
    stored: NDArray[Any]
    affine: Matrix
    placed: bool
    slope: float
    inter: float

    @property
    def grid(self) -> tuple[int, int, int]:
        """Number of voxels along the first three axes."""
        first, second, third = self.stored.shape[:_AXES]
        return first, second, third

    def values(self) -> NDArray[np.float32]:
        """Real values of the first volume, finite, of three axes."""
        one = self.stored.reshape(*self.grid, -1, order="F")[..., 0]
        if np.iscomplexobj(one):
            one = np.abs(one)
        with np.errstate(all="ignore"):
            real = np.asarray(one, np.float32) * np.float32(self.slope) + np.float32(self.inter)
            finite: NDArray[np.float32] = np.where(np.isfinite(real), real, np.float32(0))
        return finite

    @property
    def background(self) -> NDArray[Any]:
        """The stored number whose real value is nearest to 0."""
        kind = self.stored.dtype
        if kind.fields is not None:
            return np.zeros((), kind)
        stored = -self.inter / self.slope
        if kind.kind in "iu":
            limits = np.iinfo(kind)
            return np.array(min(max(round(stored), limits.min), limits.max), kind)
        return np.array(stored, kind)


def read_volume(path: Path) -> Volume:
    """Read an image.

    Raises
    ------
    SpinegateError
        Where it can't be read, isn't one NIfTI file of 3 axes or more, or is larger than allowed.
    """
    nib = need("nibabel")

    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) if packed else raw as file:
                return _parse(file, path, nib)
    except (OSError, EOFError, zlib.error) as error:
        raise SpinegateError(f"{path}: the image can't be read: {error}") from error


def _parse(file: io.BufferedIOBase, path: Path, nib: Any) -> Volume:
    start = file.read(_HEADER)
    kinds = {348: nib.Nifti1Header, 540: nib.Nifti2Header}
    sizes = {int.from_bytes(start[:4], order) for order in ("little", "big")}
    kind = next((kinds[size] for size in sizes if size in kinds), None)
    if kind is None:
        raise SpinegateError(f"{path}: this is no NIfTI image")
    try:
        header = kind(start[: kind.sizeof_hdr], check=False)
        dtype, shape = header.get_data_dtype(), tuple(int(n) for n in header.get_data_shape())
        offset = int(header["vox_offset"])
        slope, inter = float(header["scl_slope"]), float(header["scl_inter"])
        affine = np.asarray(header.get_best_affine(), np.float64)
        single = bytes(header["magic"]).startswith(b"n+")
        placed = bool(header["sform_code"] > 0 or header["qform_code"] > 0)
    except Exception as error:  # whatever a stranger's header provokes in nibabel
        raise SpinegateError(f"{path}: its header can't be read: {error}") from error
    size = math.prod(shape) * dtype.itemsize
    if not single or not kind.sizeof_hdr <= offset <= _EXTENSIONS:
        raise SpinegateError(f"{path}: only single NIfTI files (.nii, .nii.gz) can be defaced")
    if len(shape) < _AXES or min(shape) < 1 or dtype.itemsize == 0:
        raise SpinegateError(f"{path}: an image of three axes is needed, this has shape {shape}")
    if size > LARGEST:
        raise SpinegateError(f"{path}: {size / 2**30:.1f} GiB of numbers are too many")
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-6:
        raise SpinegateError(f"{path}: qform and sform don't say where its voxels lie")
    if not math.isfinite(slope) or slope == 0:
        slope, inter = 1.0, 0.0
    if not math.isfinite(inter):
        raise SpinegateError(f"{path}: scl_inter of its header is no number")
    body = start + file.read(offset + size - len(start))
    if len(body) < offset + size:
        raise SpinegateError(
            f"{path}: the file is cut off: {offset + size - len(body)} bytes lack"
        )
    stored = np.frombuffer(body, dtype, math.prod(shape), offset).reshape(shape, order="F")
    return Volume(body[:offset], stored, affine, placed, slope, inter)


def write_volume(path: Path, head: bytes, stored: NDArray[Any]) -> None:
    """Write an image; the same numbers give the same bytes.

    Parameters
    ----------
    path
        `.nii.gz` is compressed, `.nii` is not.
    head
        Header and extensions, written as they are.
    stored
        The numbers, in the file's own byte order.
    """
    body = head + stored.tobytes(order="F")
    if path.name.endswith(".gz"):
        body = gzip.compress(body, _LEVEL, mtime=0)
    write_atomic(path, body)
