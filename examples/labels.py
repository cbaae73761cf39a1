"""derivatives/labels: masks and disc labels that belong to the images' own grids."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .anatomy import Anatomy
from .grids import Grid
from .tissues import Composition, Tissue

SIDECAR: dict[str, Any] = {
    "SpatialReference": "orig",
    "GeneratedBy": [{"Name": "spinegate example", "Description": "From the true geometry"}],
}
LABELS: dict[str, tuple[str, ...]] = {
    "T1w": ("SC_seg", "discs_dlabel"),
    "T2w": ("SC_seg", "discs_dlabel"),
    "T2star": ("SC_seg", "GM_seg"),
    "dwi": ("SC_seg",),
    "MTon": ("SC_seg",),
    "MToff": ("SC_seg",),
    "GRE-T1w": ("SC_seg",),
}


def make_label(label: str, anatomy: Anatomy, grid: Grid, parts: Composition) -> NDArray[np.uint8]:
    """Return a label image: voxels at least half tissue, or one voxel per disc.

    The value of a disc's voxel is its number: 3 is C2-C3. Discs outside the grid are left out.
    """
    if label == "SC_seg":
        return np.asarray(parts.cord >= 0.5).astype(np.uint8)
    if label == "GM_seg":
        return np.asarray(parts.share[Tissue.GREY] >= 0.5).astype(np.uint8)
    image = np.zeros(grid.shape, dtype=np.uint8)
    inverse = np.linalg.inv(grid.affine)
    for number in range(1, len(anatomy.discs) + 1):
        place = inverse @ np.array([*anatomy.disc_tip(number), 1.0])
        voxel = tuple(int(i) for i in np.rint(place[:3]))
        if all(0 <= i < n for i, n in zip(voxel, grid.shape, strict=True)):
            image[voxel] = number
    return image
