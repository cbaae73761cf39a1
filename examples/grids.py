"""Where the voxels of each series lie: spacing, matrix and affine."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Literal

import numpy as np

from .anatomy import Floats
from .protocol import CONTRASTS, Vendor

Size = Literal["small", "tiny", "full"]


@dataclass(frozen=True, slots=True)
class Grid:
    """A block of voxels: `shape`, and `affine` from voxel indices to world mm (RAS)."""

    shape: tuple[int, int, int]
    affine: Floats
    plane: Literal["sagittal", "axial"]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """The voxel's edges, mm."""
        x, y, z = np.sqrt((self.affine[:3, :3] ** 2).sum(axis=0)).tolist()
        return x, y, z

    def orientation(self) -> list[float]:
        """Return ImageOrientationPatient: the row's, then the column's cosines, LPS."""
        row, column, _ = self.dicom_axes()
        return [round(float(c), 7) + 0.0 for c in (*row, *column)]

    def dicom_axes(self) -> tuple[Floats, Floats, Floats]:
        """Return unit vectors (LPS) along a DICOM row, down its columns and along the slices."""
        unit = self.affine[:3, :3] / np.array(self.spacing) * np.array([[-1], [-1], [1]])
        i, j, k = unit.T
        if self.plane == "sagittal":
            return -j, -k, i
        return (-i if self.turned else i), -j, k

    @property
    def turned(self) -> bool:
        """Whether the first axis runs against the DICOM rows, as dcm2niix turns 3D series."""
        return bool(np.linalg.det(self.affine[:3, :3]) > 0)

    def position(self, number: int) -> Floats:
        """Return ImagePositionPatient (LPS, mm) of a slice: its upper left voxel's centre."""
        ni, nj, nk = self.shape
        index = (number, nj - 1, nk - 1)
        if self.plane == "axial":
            index = (ni - 1 if self.turned else 0, nj - 1, number)
        place = (self.affine @ np.array([*index, 1.0]))[:3]
        return np.asarray(place * np.array([-1, -1, 1]))


_SMALL = {
    "T1w": (28, 44, 132),
    "T2w": (34, 54, 164),
    "T2star": (64, 64, 15),
    "dwi": (36, 36, 15),
    "MTS": (36, 36, 22),
}
_TINY = {
    "T1w": (8, 12, 24),
    "T2w": (10, 12, 30),
    "T2star": (16, 16, 3),
    "dwi": (10, 10, 3),
    "MTS": (12, 12, 4),
}
_CENTRE_Z = {"sagittal": -8.0, "axial": 0.0}


def make_grid(vendor: Vendor, contrast: str, tilt: float, size: Size = "small") -> Grid:
    """Lay out one series.

    Parameters
    ----------
    vendor
        Whose protocol gives the voxel's size and the full matrix.
    contrast
        A key of `protocol.CONTRASTS`.
    tilt
        Rotation of the axial series about the left-right axis, degrees.
    size
        small: the protocol's voxels, cropped around the cord; tiny: a few voxels, for tests of
        metadata; full: the protocol's matrix.
    """
    family = CONTRASTS[contrast].family
    geometry = vendor.geometry[family]
    table = {"small": _SMALL, "tiny": _TINY, "full": {family: geometry.matrix}}[size]
    shape = table[family]
    sagittal = family in {"T1w", "T2w"}
    plane: Literal["sagittal", "axial"] = "sagittal" if sagittal else "axial"
    angle = radians(0.0 if sagittal else tilt)
    axes = np.array([[1, 0, 0], [0, cos(angle), sin(angle)], [0, -sin(angle), cos(angle)]]).T
    if family in {"T2star", "dwi"}:
        axes[:, 0] *= -1  # dcm2niix keeps the columns' order of 2D series: right to left
    affine = np.eye(4)
    affine[:3, :3] = axes * np.array(geometry.voxel)
    middle = (np.array(shape) - 1) / 2
    offset = 6.0 if sagittal and size != "full" else 0.0  # the discs lie in front of the cord
    centre = np.array([0.0, offset, _CENTRE_Z[plane]])
    affine[:3, 3] = centre - affine[:3, :3] @ middle
    return Grid(shape, affine, plane)
