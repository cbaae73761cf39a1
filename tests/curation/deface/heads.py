"""Heads made from the template: neck, shoulders, pose, contrast, field of view; truth included."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinegate.curation.deface.template import CORD, read_template

nib: Any = importlib.import_module("nibabel")
ndimage: Any = importlib.import_module("scipy.ndimage")
NECK = 110  # mm of neck and shoulders below the template
_PIVOT = np.array([88.0, 104.0, 40.0])  # about the first vertebrae, in template voxels
_CORD_RADIUS = 6.0
_MARGINS = np.array([40, 20, NECK], float)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a head is changed; degrees, mm."""

    pitch: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0
    scale: float = 1.0
    build: tuple[float, float, float] = (1.0, 1.0, 1.0)
    bend: float = 0.0
    warp: float = 2.0
    bias: float = 0.2
    inverted: bool = False
    noise: float = 0.02
    seed: int = 1


@dataclass(frozen=True, slots=True)
class View:
    """A field of view: mm left-right around the middle, rows of the template from and to.

    Row 0 is the template's lowest, 208 the top of the head, about 105 the eyes' upper rim.
    """

    name: str = "whole head"
    width: float = 180.0
    bottom: float = -20.0
    top: float = 225.0
    front: float = 256.0
    voxel: tuple[float, float, float] = (2.0, 2.0, 2.0)
    oblique: float = 0.0
    shear: float = 0.0
    axes: str = "RAS"
    header: str = "true"


VIEWS = (
    View(),
    View("long slab, whole head", bottom=-100, top=225, voxel=(2, 2, 2), axes="PIR"),
    View("top at mid-brain", bottom=-100, top=150, voxel=(2, 2, 2), axes="LPS"),
    View("top at the eyes", bottom=-100, top=112, voxel=(2, 2, 2)),
    View("52 mm slab, top at mid-brain", 52, -100, 150, voxel=(1.6, 1.6, 1.6), axes="AIL"),
    View("52 mm slab, top at the eyes", 52, -100, 112, voxel=(1.6, 1.6, 1.6), oblique=10),
    View("thick slices, oblique", bottom=-60, top=225, voxel=(1.6, 1.6, 5), oblique=12, shear=0.1),
    View("face cut in front", bottom=-100, top=200, front=200, voxel=(2, 2, 2)),
    View("top at the nose", bottom=-100, top=75, voxel=(2, 2, 2)),
    View("top at the mouth", bottom=-100, top=45, voxel=(2, 2, 2)),
    View("neck only", bottom=-105, top=10, voxel=(2, 2, 2)),
)

HEADERS = {
    "true": np.eye(3),
    "front is back": np.diag([1.0, -1.0, 1.0]),
    "top is bottom": np.diag([1.0, 1.0, -1.0]),
    "lying": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
}
"""What a header may wrongly say of where the axes point."""


@dataclass(frozen=True, slots=True)
class Head:
    """An image and the truth about it, in its grid."""

    values: NDArray[np.float32]
    affine: NDArray[np.float64]
    face: NDArray[np.bool_] = field(repr=False)
    brain: NDArray[np.bool_] = field(repr=False)
    cord: NDArray[np.bool_] = field(repr=False)

    def save(self, path: Path, dtype: type = np.int16) -> Path:
        """Write the image; integers hold 0 to 1000."""
        image = nib.Nifti1Image((self.values * 1000).astype(dtype), self.affine)
        image.header.set_xyzt_units("mm", "sec")
        image.set_sform(self.affine, 1)
        image.set_qform(self.affine, 1)
        nib.save(image, path)
        return path

    def save_part(self, name: str, path: Path) -> Path:
        """Write the truth about a part."""
        nib.save(nib.Nifti1Image(getattr(self, name).astype(np.uint8), self.affine), path)
        return path


@cache
def _body() -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Intensities and parts (1 face, 2 brain, 4 cord) with neck and shoulders; 1 mm or so."""
    known = read_template()
    values = known.values / np.percentile(known.values, 99.5)
    lateral = (slice(24, -24), slice(0, 256), slice(4, None))
    parts = known.face[lateral].astype(np.uint8)
    brain = np.repeat(np.repeat(np.repeat(known.brain, 2, 0), 2, 1), 2, 2)
    parts[brain[: parts.shape[0], : parts.shape[1], : parts.shape[2]] > 0] |= 2
    body = np.pad(values, ((40, 40), (20, 0), (NECK, 0)))
    parts = np.pad(parts, ((40, 40), (20, 0), (NECK, 0)))
    x, y = np.meshgrid(np.arange(body.shape[0]) - 128, np.arange(body.shape[1]), indexing="ij")
    low = ndimage.gaussian_filter(values[:, :, 12], 2)
    texture = np.pad(low, ((40, 40), (20, 0)))
    for row in range(NECK + 14):
        below = NECK + 12 - row  # mm below the template's twelfth row
        slim = 1 - 0.25 * min(below, 30) / 30 + 1.3 * max(0, below - 70) / 40
        wide, deep = 72 * slim, min(70 * max(slim, 0.8), 90)
        inside = (x / wide) ** 2 + ((y - 122) / deep) ** 2 < 1
        inside &= np.abs(x) < 126
        tissue = 0.35 + 0.25 * np.roll(texture, row // 3, 1)
        fat = inside & ~ndimage.binary_erosion(inside, iterations=6)
        bone = ((x / 17) ** 2 + ((y - 146) / 14) ** 2 < 1) * (0.15 * (row % 22 < 18) - 0.05)
        fade = min(1.0, below / 12)
        plane = np.where(inside, np.where(fat, 0.85, tissue + bone), 0.0)
        body[:, :, row] = fade * plane + (1 - fade) * body[:, :, row]
    line = np.array(CORD, float)
    for row in range(NECK + 76):
        here = [np.interp(row - NECK, line[:, 2], line[:, axis]) for axis in (0, 1)]
        cord = (x - here[0] + 88) ** 2 + (y - 20 - here[1]) ** 2 < _CORD_RADIUS**2
        parts[:, :, row][cord] |= 4
        if row < NECK + 20:
            body[:, :, row][cord] = 0.6
    return body.astype(np.float32), parts


def make(pose: Pose, view: View) -> Head:
    """Make a head."""
    known = read_template()
    body, parts = _body()
    rng = np.random.default_rng(pose.seed)
    affine, shape = _grid(view)
    voxels = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 3).astype(np.float32)
    points = voxels @ affine[:3, :3].T + affine[:3, 3]  # mm of the upright head
    back = np.linalg.inv(known.affine)
    at = _posed(points @ back[:3, :3].T + back[:3, 3], pose)
    if pose.warp:
        knots = rng.normal(0, pose.warp * 2, (3, 7, 7, 9))
        where = ((at + _MARGINS) / [256, 276, 366] * [6, 6, 8]).T
        at += np.stack(
            [ndimage.map_coordinates(k, where, order=1, mode="nearest") for k in knots], 1
        )
    where = (at + _MARGINS).T
    values = ndimage.map_coordinates(body, where, order=1).reshape(shape)
    truth = ndimage.map_coordinates(parts, where, order=0).reshape(shape)
    tissue = values > 0.12
    if pose.inverted:
        values = np.where(tissue, 1.05 - np.clip(values, 0, 1), values)
    centre = (points - points.mean(0)) / 150
    field_ = np.exp(pose.bias * (centre @ rng.normal(0, 1, 3))).reshape(shape)
    values = values * field_
    values = np.hypot(values + rng.normal(0, pose.noise, shape), rng.normal(0, pose.noise, shape))
    said = np.eye(4)
    said[:3, :3] = HEADERS[view.header]
    return Head(
        np.clip(values, 0, 30).astype(np.float32),
        said @ affine,
        ((truth & 1) > 0) & tissue,
        (truth & 2) > 0,
        (truth & 4) > 0,
    )


def _grid(view: View) -> tuple[NDArray[np.float64], tuple[int, int, int]]:
    """Affine and shape of a field of view, turned to the axes it asks for."""
    known = read_template()
    centre = np.array([88.0, (view.front - 20) / 2, (view.bottom + view.top) / 2])
    middle = known.affine[:3, :3] @ centre + known.affine[:3, 3]
    extent = np.array([view.width, view.front + 20, view.top - view.bottom])
    shape = np.maximum(1, np.round(extent / view.voxel)).astype(int)
    angle = np.deg2rad(view.oblique)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    skew = np.eye(3)
    skew[1, 2] = view.shear
    affine = np.eye(4)
    affine[:3, :3] = turn @ skew @ np.diag(view.voxel)
    affine[:3, 3] = middle - affine[:3, :3] @ ((shape - 1) / 2)
    ornt = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(view.axes)
    )
    affine = affine @ nib.orientations.inv_ornt_aff(ornt, tuple(shape))
    turned = [0, 0, 0]
    for source, (target, _) in enumerate(ornt):
        turned[int(target)] = int(shape[source])
    return affine, (turned[0], turned[1], turned[2])


def _posed(at: NDArray[np.float64], pose: Pose) -> NDArray[np.float64]:
    """Template voxels that stand at points of the posed body: the head turns, shoulders don't."""
    apart = at - _PIVOT
    share = np.clip((at[:, 2] + 70) / 90, 0, 1)
    share = share * share * (3 - 2 * share)
    for axis, degrees in ((0, pose.pitch), (1, pose.roll), (2, pose.yaw)):
        if degrees:
            angle = -np.deg2rad(degrees) * share
            first, second = [i for i in range(3) if i != axis]
            u, v = apart[:, first].copy(), apart[:, second].copy()
            apart[:, first] = np.cos(angle) * u - np.sin(angle) * v
            apart[:, second] = np.sin(angle) * u + np.cos(angle) * v
    if pose.bend:
        below = np.minimum(apart[:, 2] + 20, 0)
        apart[:, 1] += pose.bend * below**2 / 2000
    posed: NDArray[np.float64] = apart / (pose.scale * np.array(pose.build)) + _PIVOT
    return posed


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    first, second, third = (float(x) for x in values)
    return first, second, third


def draw(count: int, seed: int = 7) -> list[tuple[Pose, View]]:
    """Draw poses for all fields of view in turn."""
    rng = np.random.default_rng(seed)
    drawn = []
    for number in range(count):
        pose = Pose(
            pitch=float(rng.uniform(-25, 25)),
            roll=float(rng.uniform(-12, 12)),
            yaw=float(rng.uniform(-12, 12)),
            scale=float(rng.uniform(0.9, 1.1)),
            build=_three(rng.uniform(0.93, 1.07, 3)),
            bend=float(rng.uniform(-6, 6)),
            warp=float(rng.uniform(0, 3)),
            bias=float(rng.uniform(0, 0.8)),
            inverted=bool((number + number // len(VIEWS)) % 2),
            noise=float(rng.uniform(0.01, 0.12)),
            seed=1000 + number,
        )
        drawn.append((pose, VIEWS[number % len(VIEWS)]))
    return drawn


def draw_hard(count: int, seed: int = 7) -> list[tuple[Pose, View]]:
    """Draw heads that a registration may well miss: wrong headers, much noise, much nodding."""
    rng = np.random.default_rng(seed + 1)
    drawn = []
    for number, (pose, view) in enumerate(draw(2 * count, seed + 1)[::2]):
        match number % 4:
            case 0:
                worse = replace(pose, noise=float(rng.uniform(0.3, 0.6)), inverted=True)
                drawn.append((worse, replace(view, name="much noise")))
            case 1:
                pitch = float(rng.choice([-1, 1]) * rng.uniform(35, 50))
                drawn.append((replace(pose, pitch=pitch), replace(view, name="much nodding")))
            case 2:
                header = list(HEADERS)[1 + number // 4 % 3]
                drawn.append((pose, replace(view, name="wrong header", header=header)))
            case _:
                build = _three(rng.uniform(0.75, 1.25, 3))
                worse = replace(pose, build=build, warp=8.0)
                drawn.append((worse, replace(view, name="odd shape")))
    return drawn
