"""The template head of pydeface: its image, its face, its brain, its spinal cord."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from .extra import EXTRA, need
from .volume import Matrix, read_volume

_TISSUE = 200  # between skull and brain in the template
_CORE = 4  # voxels of 2 mm that cut the brain off from the scalp
_BRAIN = (44, 60, 75)  # a voxel of 2 mm inside it
_AHEAD = 48  # voxels: a nose may stand out of the template's field
_ASIDE = 24
GROWN = 4  # mm around the face
CORD = ((88, 104, 0), (88, 103, 40), (88, 105, 60), (88, 111, 76))
_BELOW = 60  # mm of cord below the template's field


@dataclass(frozen=True, slots=True)
class Template:
    """What is known of a head.

    Attributes
    ----------
    values
        Intensities.
    affine
        Voxel indices to mm.
    face
        1 where the face is; goes beyond the image in front and at the sides.
    removed
        As `face`, grown by `GROWN` mm where there is no brain.
    face_affine
        Voxel indices of `face` and `removed` to mm.
    brain
        1 where the brain is, in every second voxel.
    brain_affine
        Voxel indices of `brain` to mm.
    cord
        Points along the spinal cord, in mm (n x 3).
    """

    values: NDArray[np.float32]
    affine: Matrix
    face: NDArray[np.uint8]
    removed: NDArray[np.uint8]
    face_affine: Matrix
    brain: NDArray[np.uint8]
    brain_affine: Matrix
    cord: NDArray[np.float64]


@cache
def read_template() -> Template:
    """Read the template out of the pydeface package, without importing pydeface.

    Raises
    ------
    SpinegateError
        Where pydeface isn't installed.
    """
    found = find_spec("pydeface")
    if found is None or not found.submodule_search_locations:
        raise SpinegateError(
            f"defacing needs the template of the Python package pydeface: {EXTRA}"
        )
    folder = Path(next(iter(found.submodule_search_locations))) / "data"
    head = read_volume(folder / "mean_reg2mean.nii.gz")
    face = (read_volume(folder / "facemask.nii.gz").values() == 0).astype(np.uint8)
    values = head.values()
    half = np.diag([2.0, 2.0, 2.0, 1.0])
    wide = np.pad(face, ((_ASIDE, _ASIDE), (0, _AHEAD), (0, 0)), mode="edge")
    wide = np.pad(wide, ((0, 0), (0, 0), (GROWN, 0)))
    shift = np.eye(4)
    shift[:3, 3] = (-_ASIDE, 0, -GROWN)
    brain = _brain(values)
    return Template(
        values,
        head.affine,
        wide,
        _grown(wide, brain),
        head.affine @ shift,
        brain,
        head.affine @ half,
        _cord(head.affine),
    )


def _brain(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    ndimage = need("scipy.ndimage")

    coarse = values[::2, ::2, ::2]
    core, _ = ndimage.label(ndimage.binary_erosion(coarse > _TISSUE, iterations=_CORE))
    brain = ndimage.binary_dilation(core == core[_BRAIN], iterations=_CORE)
    brain &= coarse > 0.7 * _TISSUE
    closed: NDArray[np.uint8] = ndimage.binary_closing(brain, iterations=3).astype(np.uint8)
    return closed


def _grown(face: NDArray[np.uint8], brain: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grow the face, but not towards the brain."""
    ndimage = need("scipy.ndimage")

    box = ndimage.find_objects(face)[0]
    part = tuple(slice(max(0, s.start - 2 * GROWN), s.stop + 2 * GROWN) for s in box)
    grown = face.copy()
    grown[part] = ndimage.distance_transform_edt(face[part] == 0) <= GROWN
    near = ndimage.binary_dilation(brain, iterations=GROWN)  # voxels of 2 mm
    x, y, z = (2 * n for n in near.shape)
    inner = grown[_ASIDE : _ASIDE + x, :y, GROWN : GROWN + z]
    fine = near.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    inner[fine] = face[_ASIDE : _ASIDE + x, :y, GROWN : GROWN + z][fine]
    return grown


def _cord(affine: Matrix) -> NDArray[np.float64]:
    """Points every 2 mm or so, continued below the field."""
    line = np.array(CORD, float)
    heights = np.arange(-_BELOW, line[-1, 2] + 1, 2.0)
    points = np.stack([np.interp(heights, line[:, 2], line[:, axis]) for axis in (0, 1)], 1)
    moved: NDArray[np.float64] = np.c_[points, heights] @ affine[:3, :3].T + affine[:3, 3]
    return moved
