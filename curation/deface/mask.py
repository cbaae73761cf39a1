"""The voxels that are removed: the template's face, laid on an image twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cord import MARGIN, RADIUS, Points, near, template_cord
from .extra import need
from .search import Placement
from .template import read_template
from .volume import Matrix

Mask = NDArray[np.bool_]
Grid = tuple[int, int, int]
_ROUNDING = 0.5


@dataclass(frozen=True, slots=True)
class FaceMask:
    """What is removed, and what the two findings say of it.

    Attributes
    ----------
    removed
        The voxels, in the image's grid.
    agreement
        Dice of the two findings' faces; 0 where neither lies in the image.
    brain_cut
        Share of the brain, as either finding has it, that is removed.
    cord_cut
        Voxels of the cord that the mask would have removed, had it not been kept away.
    missed
        Share of the face, as either finding has it, that is not removed.
    kept
        Voxels taken out of the mask, to keep it away from the cord.
    """

    removed: Mask
    agreement: float
    brain_cut: float
    cord_cut: int
    missed: float
    kept: int


def lay(field: NDArray[np.uint8], own: Matrix, way: Matrix, affine: Matrix, grid: Grid) -> Mask:
    """Lay a part of the template on an image's grid; nothing lies outside the template.

    Parameters
    ----------
    field
        1 where the part is.
    own
        Its voxel indices to mm of the template.
    way
        From mm of the image to mm of the template.
    affine, grid
        The image's.
    """
    ndimage = need("scipy.ndimage")

    matrix = np.linalg.inv(own) @ way @ affine
    laid: Mask = ndimage.affine_transform(
        field, matrix[:3, :3], matrix[:3, 3], grid, np.uint8, order=0, mode="constant", cval=0
    ).astype(bool)
    return laid


def face_mask(
    placement: Placement,
    affine: Matrix,
    grid: Grid,
    *,
    cord: Points | None = None,
    own: Mask | None = None,
) -> FaceMask:
    """Unite the faces of both findings, and keep away from the cord.

    Parameters
    ----------
    placement
        Where the template lies; found on this image, or on one that lies as it does.
    affine, grid
        Of the image to be defaced.
    cord
        Points of a segmentation of the cord, in mm.
    own
        A face that was found otherwise: it is removed instead, and agreement is the findings' with
        it.
    """
    known = read_template()
    ways = (placement.forward, placement.backward)
    one, other = (lay(known.face, known.face_affine, way, affine, grid) for way in ways)
    agreement = _dice(one, other)
    face = one | other
    if own is None:
        removed = lay(known.removed, known.face_affine, ways[0], affine, grid)
        removed |= lay(known.removed, known.face_affine, ways[1], affine, grid)
    else:
        removed = own.copy()
        agreement = min(agreement, _dice(face, own))
    brains = [lay(known.brain, known.brain_affine, way, affine, grid) for way in ways]
    removed &= ~(brains[0] & brains[1])
    cut = max(int((removed & brain).sum()) / max(1, int(brain.sum())) for brain in brains)
    lines = [(template_cord(way), RADIUS, RADIUS / 3) for way in ways]
    if cord is not None:
        lines.append(
            (cord, MARGIN, _ROUNDING + float(np.linalg.norm(affine[:3, :3], axis=0).max()))
        )
    touched = kept = 0
    for points, margin, core in lines:
        touched += len(near(removed, affine, points, core))
        around = near(removed, affine, points, margin)
        removed[tuple(around.T)] = False
        kept += len(around)
    missed = int((face & ~removed).sum()) / max(1, int(face.sum()))
    return FaceMask(removed, agreement, cut, touched, missed, kept)


def _dice(one: Mask, other: Mask) -> float:
    total = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / total if total else 0.0
