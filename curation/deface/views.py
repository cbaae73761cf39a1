"""Pictures of an image before and after its defacing, for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from .extra import need
from .png import draw
from .removal import tissue
from .surface import surfaces
from .volume import Volume, inverse, read_volume

KINDS = ("front", "side", "sagittal", "axial", "coronal")
TIMES = ("before", "after")
_PIXELS = 224  # along the longest edge
_GAMMA = 0.75  # dark parts are shown brighter
_BRIGHTEST = 99.5  # percentile shown white
# The axis a plane lies across, the axes that go down and to the right in it, against their sense:
# the person's right is at the left of a picture, the face at the left of a sagittal one.
_PLANES = {"sagittal": (0, 2, 1), "axial": (2, 1, 0), "coronal": (1, 2, 0)}

Mask = NDArray[np.bool_]
Box = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """One picture.

    Attributes
    ----------
    name
        One of `KINDS` and one of `TIMES`, as "front-before"; fit for a file's name.
    picture
        PNG.
    """

    name: str
    picture: bytes


def make_views(original: Path, defaced: Path) -> tuple[View, ...]:
    """Picture an image before and after its defacing; of images with time the first volume.

    The skin from the front and from the left side, and the planes through the middle of what was
    removed, in true proportions whatever the grid; what was removed is outlined in "before".

    Parameters
    ----------
    original, defaced
        NIfTI files of one grid.

    Raises
    ------
    SpinegateError
        A file can't be read, or the grids differ.
    """
    before, after = read_volume(original), read_volume(defaced)
    if before.stored.shape != after.stored.shape:
        raise SpinegateError(f"{defaced}: its grid isn't that of {original}")
    if before.stored.dtype.fields is not None:
        raise SpinegateError(f"{original}: a colour image can't be shown")
    shown = before.values(), after.values()
    gone = shown[0] != shown[1]
    box = _box(before)
    extent = float((box[1] - box[0]).max())
    pictures: dict[str, bytes] = {}
    for time, (front, side) in zip(TIMES, surfaces(*shown, before.affine, extent), strict=True):
        pictures[f"front-{time}"], pictures[f"side-{time}"] = draw(front), draw(side)
    low = min(float(shown[0].min()), 0.0)
    span = max(float(np.percentile(shown[0], _BRIGHTEST)) - low, 1e-6)
    middle = _middle(before, gone)
    for kind, axes in _PLANES.items():
        at = _pixels(box, extent, middle, axes) @ inverse(before.affine).T
        greys = [np.clip((_sample(x, at) - low) / span, 0, 1) ** _GAMMA for x in shown]
        edge = _edge(_sample(gone.astype(np.float32), at))
        pictures[f"{kind}-before"] = draw(greys[0], edge)
        pictures[f"{kind}-after"] = draw(greys[1])
    names = (f"{kind}-{time}" for kind in KINDS for time in TIMES)
    return tuple(View(name, pictures[name]) for name in names)


def _box(volume: Volume) -> Box:
    """Return the least and the greatest mm along the header's axes."""
    ends = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in volume.grid])).reshape(3, -1).T
    corners = ends @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    return np.stack((corners.min(0), corners.max(0)))


def _middle(volume: Volume, gone: Mask) -> NDArray[np.float64]:
    """Return the middle, in mm, of the tissue that was removed; without any, of all tissue."""
    body = tissue(volume)
    for part in (gone & body, gone, body):
        if part.any():
            break
    else:
        part = np.ones(volume.grid, bool)
    index = [_mean(part.sum((1, 2))), _mean(part.sum((0, 2))), _mean(part.sum((0, 1)))]
    return np.asarray(volume.affine[:3, :3] @ index + volume.affine[:3, 3], np.float64)


def _mean(counts: NDArray[np.int64]) -> float:
    return float((counts * np.arange(counts.size)).sum() / counts.sum())


def _pixels(
    box: Box, extent: float, middle: NDArray[np.float64], axes: tuple[int, int, int]
) -> NDArray[np.float64]:
    """Return the points of a plane's pixels in mm: rows x columns x 4, the last 1."""
    across, down, right = axes
    step = extent / _PIXELS
    size = np.maximum(1, np.rint((box[1] - box[0]) / step)).astype(int)
    points = np.ones((size[down], size[right], 4))
    points[..., across] = middle[across]
    points[..., down] = (box[1, down] - (np.arange(size[down]) + 0.5) * step)[:, None]
    points[..., right] = (box[1, right] - (np.arange(size[right]) + 0.5) * step)[None, :]
    return points


def _sample(values: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Read an image at voxel indices; a plane of one voxel is as thick as it says."""
    ndimage = need("scipy.ndimage")

    where = np.moveaxis(at[..., :3], -1, 0)
    limits = np.array(values.shape).reshape(3, 1, 1)
    inside = ((where >= -0.5) & (where <= limits - 0.5)).all(0)
    sampled = ndimage.map_coordinates(values, where, order=1, mode="nearest")
    return np.where(inside, sampled, np.float32(0))


def _edge(share: NDArray[np.float32]) -> Mask:
    """Return the outline of what was removed: its outermost pixels, without noise's holes."""
    ndimage = need("scipy.ndimage")

    part = ndimage.gaussian_filter(share, 1.0, mode="nearest") > 0.5
    part = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(part, 3), iterations=3))
    edge: Mask = (part & ~ndimage.binary_erosion(part))[3:-3, 3:-3]
    return edge
