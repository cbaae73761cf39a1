"""What each voxel holds: the shares of seven tissues, by supersampling near the borders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from math import ceil, prod

import numpy as np
from numpy.typing import NDArray

from .anatomy import Anatomy, Floats, Frame
from .grids import Grid


class Tissue(IntEnum):
    """The tissues; the value is the index on the first axis of a `Composition`."""

    AIR = 0
    MUSCLE = 1
    BONE = 2
    DISC = 3
    CSF = 4
    WHITE = 5
    GREY = 6


DISC_HALF_HEIGHT = 2.0  # mm
BODY_DEPTH = 15.0  # mm, of a vertebral body, from the canal forward
BODY_HALF_WIDTH = 11.0  # mm
NECK = (58.0, 64.0)  # mm, semi-axes of the neck along x and y
NECK_CENTRE_Y = 12.0  # mm
_NEAR = (28.0, 36.0)  # mm: farther from the z axis than this there is muscle or air only
_STEP = 1.0  # mm: within such a cell the centreline is straight for our purpose


@dataclass(frozen=True, slots=True)
class Composition:
    """Tissue shares (7, *shape), each voxel summing to 1, and each voxel's height on the cord.

    The height (mm) is that of the foot of the perpendicular from the voxel's centre.
    """

    share: NDArray[np.float32]
    height: NDArray[np.float64]

    @property
    def cord(self) -> NDArray[np.float32]:
        """The share of each voxel that is spinal cord."""
        return np.asarray(self.share[Tissue.WHITE] + self.share[Tissue.GREY])


def compose(anatomy: Anatomy, grid: Grid, density: float = 3.0) -> Composition:
    """Compute the tissue shares of every voxel.

    Parameters
    ----------
    anatomy
        The participant.
    grid
        The voxels.
    density
        Points per mm and axis near a border. Along the cord half of it: its section hardly
        changes there; thick slices are cut into cells of 1 mm first.
    """
    cuts = [max(1, round(edge / _STEP)) for edge in grid.spacing]
    cells = np.array(grid.spacing) / cuts
    samples = [max(2, ceil(density * edge - 0.1)) for edge in cells.tolist()]
    samples[2] = max(2, samples[2] // 2)
    share = np.zeros((len(Tissue), *grid.shape), dtype=np.float32)
    height = np.zeros(grid.shape)
    planes = max(1, 30_000 // (grid.shape[0] * grid.shape[1]))
    for start in range(0, grid.shape[2], planes):  # small slabs stay in the cache
        stop = min(start + planes, grid.shape[2])
        part, feet = _slab(anatomy, grid, start, stop, cuts, samples)
        shape = (*grid.shape[:2], stop - start)
        share[..., start:stop] = part.reshape(len(Tissue), *shape)
        height[..., start:stop] = feet.reshape(shape)
    return Composition(share, height)


def _slab(
    anatomy: Anatomy, grid: Grid, start: int, stop: int, cuts: list[int], samples: list[int]
) -> tuple[NDArray[np.float32], Floats]:
    index = np.indices((*grid.shape[:2], stop - start)).reshape(3, -1).astype(float)
    index[2] += start
    matrix, origin = grid.affine[:3, :3], grid.affine[:3, 3]
    centre = index.T @ matrix.T + origin
    share = np.zeros((len(Tissue), len(centre)), dtype=np.float32)
    height = centre[:, 2].copy()
    neck = (centre[:, 0] / NECK[0]) ** 2 + ((centre[:, 1] - NECK_CENTRE_Y) / NECK[1]) ** 2 <= 1
    near = (np.abs(centre[:, 0]) < _NEAR[0]) & (np.abs(centre[:, 1]) < _NEAR[1])
    share[Tissue.AIR, ~neck] = 1
    share[Tissue.MUSCLE, neck & ~near] = 1
    inside = np.flatnonzero(near)
    if not len(inside):
        return share, height
    cells = list(product(*(((np.arange(n) + 0.5) / n - 0.5) for n in cuts)))
    cell_edges = matrix / np.array(cuts)
    height[inside] = 0
    for cell in cells:
        frame = anatomy.frame(centre[inside] + matrix @ np.array(cell))
        share[:, inside] += _cell_share(anatomy, frame, cell_edges, samples) / len(cells)
        height[inside] += frame.z / len(cells)
    return share, height


def _cell_share(
    anatomy: Anatomy, frame: Frame, edges: Floats, samples: list[int]
) -> NDArray[np.float32]:
    share = np.zeros((len(Tissue), len(frame.z)), dtype=np.float32)
    mixed = _near_border(anatomy, frame, float(np.sqrt((edges**2).sum())) / 2)
    pure = np.flatnonzero(~mixed)
    label = classify(anatomy, frame.z[pure], frame.u[pure], frame.v[pure])
    share[label, pure] = 1
    rows = np.flatnonzero(mixed)
    at = [((np.arange(n) + 0.5) / n - 0.5).tolist() for n in samples]
    axes = anatomy.axes(frame.z[rows])
    along = axes.tangent / axes.speed[:, None]
    for offset in product(*at):
        step = edges @ np.array(offset)
        label = classify(
            anatomy,
            frame.z[rows] + along @ step,
            frame.u[rows] + axes.right @ step,
            frame.v[rows] + axes.anterior @ step,
        )
        share[label, rows] += 1 / prod(samples)
    return share


def _near_border(anatomy: Anatomy, frame: Frame, reach: float) -> NDArray[np.bool_]:
    a, b = anatomy.semi_axes(frame.z)
    cord = np.sqrt((frame.u / a) ** 2 + (frame.v / b) ** 2) < 1 + reach / b
    wide, deep = anatomy.canal
    canal = np.abs(np.sqrt((frame.u / wide) ** 2 + (frame.v / deep) ** 2) - 1) < reach / deep
    sides = np.abs(np.abs(frame.u) - BODY_HALF_WIDTH) < reach
    ends = np.abs(_disc_distance(anatomy, frame.z) - DISC_HALF_HEIGHT) < reach
    front = np.abs(frame.v - deep - BODY_DEPTH) < reach
    flat = np.abs(frame.v) < reach
    body = (frame.v > -reach) & (np.abs(frame.u) < BODY_HALF_WIDTH + reach)
    body &= frame.v < deep + BODY_DEPTH + reach
    return np.asarray(cord | canal | body & (sides | ends | front | flat))


def _disc_distance(anatomy: Anatomy, z: Floats) -> Floats:
    return np.asarray(np.min([np.abs(z - disc) for disc in anatomy.discs], axis=0))


def classify(anatomy: Anatomy, z: Floats, u: Floats, v: Floats) -> NDArray[np.intp]:
    """Name the tissue at points given in the cord's own coordinates (see `anatomy.Frame`)."""
    a, b = anatomy.semi_axes(z)
    s, t = u / a, v / b
    wide, deep = anatomy.canal
    label = np.full(z.shape, Tissue.MUSCLE, dtype=np.intp)
    body = (np.abs(u) < BODY_HALF_WIDTH) & (v > 0) & (v < deep + BODY_DEPTH)
    label[body] = Tissue.BONE
    label[body & (_disc_distance(anatomy, z) < DISC_HALF_HEIGHT)] = Tissue.DISC
    label[(u / wide) ** 2 + (v / deep) ** 2 <= 1] = Tissue.CSF
    cord = s**2 + t**2 <= 1
    label[cord] = Tissue.WHITE
    label[cord & anatomy.grey.contains(s, t)] = Tissue.GREY
    return label
