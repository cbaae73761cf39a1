"""A cord described so that another can be laid upon it: line, discs, outline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...system.errors import SpinegateError
from ..anatomy.centerline import Centerline, centerline
from ..anatomy.curve import Curve, curve
from ..image import Image, turn

ANGLES = 72
_STEP = 0.5  # mm along the line
_RAY = 0.2  # mm along a ray
_FAR = 15.0  # mm: no cord is wider
_MOST = np.deg2rad(25)
_BLUR = 8.0  # mm along the line, for turns
_FAR_DISC = 40.0  # mm from the line

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cord:
    """A cord in world coordinates.

    Attributes
    ----------
    line
        Points every half millimetre, from below.
    lengths
        How far they are along the line, in mm.
    radii
        How far the cord's surface is from each point (points x `ANGLES`), in mm; the angle is
        counted from the plane's first axis to its second.
    turns
        By which angle the cord is turned about its line, in radians, at each point.
    discs
        Where the discs are along the line, in mm, by their numbers.
    """

    line: Curve
    lengths: Numbers
    radii: Numbers
    turns: Numbers
    discs: Mapping[int, float]


def describe(mask: Image, discs: Image, smooth: float = 20.0) -> Cord:
    """Describe a cord by its mask and the discs.

    Parameters
    ----------
    mask
        Segmentation of the cord.
    discs
        One voxel (or a few) per disc, with its number, on any grid.

    Raises
    ------
    SpinegateError
        There is too little cord, or a disc is not near it.
    """
    mask = turn(mask)
    line = fine_line(centerline(mask, smooth), mask)
    lengths = line.lengths()
    radii = outline(mask.data, mask, line)
    return Cord(line, lengths, radii, turned(radii), place_discs(discs, line, lengths))


def fine_line(found: Centerline, mask: Image) -> Curve:
    """Return a centerline in world coordinates, with a point every half millimetre or so."""
    from scipy.interpolate import CubicHermiteSpline

    ends = found.slices[0], found.slices[-1]
    count = int(np.ceil((ends[1] - ends[0]) * mask.spacing[2] / _STEP)) + 1
    at = np.linspace(*ends, count)
    x, y = (
        CubicHermiteSpline(found.slices, values, slopes)
        for values, slopes in ((found.x, found.dx), (found.y, found.dy))
    )
    points = np.column_stack([x(at), y(at), at])
    along = np.column_stack([x(at, 1), y(at, 1), np.ones(count)])
    axes = mask.affine[:3, :3].T
    return curve(points @ axes + mask.affine[:3, 3], along @ axes)


def outline(data: NDArray[Any], image: Image, line: Curve) -> Numbers:
    """Measure how far a mask reaches from a line: radii that keep the area of each sector.

    Returns
    -------
    array
        Points x angles, in mm.
    """
    from scipy.ndimage import map_coordinates

    angles = np.arange(ANGLES) * 2 * np.pi / ANGLES
    away = (np.arange(round(_FAR / _RAY)) + 0.5) * _RAY
    side = np.cos(angles)[:, None] * away
    front = np.sin(angles)[:, None] * away
    back = np.linalg.inv(image.affine)
    values = data.astype(np.float32)
    radii = np.empty((len(line.points), ANGLES))
    for at, (point, frame) in enumerate(zip(line.points, line.frames, strict=True)):
        places = point + side[..., None] * frame[:, 0] + front[..., None] * frame[:, 1]
        cells = places @ back[:3, :3].T + back[:3, 3]
        shares = map_coordinates(values, np.moveaxis(cells, -1, 0), order=1, mode="nearest")
        radii[at] = np.sqrt(2 * (np.clip(shares, 0, 1) * away).sum(1) * _RAY)
    return radii


def turned(radii: Numbers) -> Numbers:
    """Find by which angle a cord is turned: that of its longer axis, smooth along the cord."""
    from scipy.ndimage import gaussian_filter1d

    angles = np.arange(ANGLES) * 2 * np.pi / ANGLES
    # Sums over sectors of a radius r: of the area r^2/2, of places r^3/3, of their squares r^4/4.
    area = np.maximum((radii**2 / 2).sum(1), _RAY**2)
    middle = (radii**3 / 3 * np.exp(1j * angles)).sum(1) / area
    longer = (radii**4 / 4 * np.exp(2j * angles)).sum(1) / area - middle**2
    shape = longer / area  # without a size; its angle is twice that of the longer axis
    parts = (gaussian_filter1d(part, _BLUR / _STEP) for part in (shape.real, shape.imag))
    real, imaginary = parts
    found: Numbers = np.clip(np.arctan2(imaginary, real) / 2, -_MOST, _MOST)
    return found


def place_discs(discs: Image, line: Curve, lengths: Numbers) -> dict[int, float]:
    """Find where discs are along a line.

    Raises
    ------
    SpinegateError
        There are none, one is far from the line, or their order along it is wrong.
    """
    cells = np.argwhere(discs.data)
    values = discs.data[tuple(cells.T)]
    places = cells @ discs.affine[:3, :3].T + discs.affine[:3, 3]
    found: dict[int, float] = {}
    for value in sorted(set(values.tolist())):
        place = places[values == value].mean(0)
        at = int(line.nearest(place[None])[0])
        seen = line.seen_from(place[None], np.array([at]))[0]
        if np.hypot(*seen[:2]) > _FAR_DISC:
            raise SpinegateError(f"disc {value:g} is {np.hypot(*seen[:2]):.0f} mm from the cord")
        found[int(value)] = float(lengths[at] + seen[2])
    if not found:
        raise SpinegateError("there are no discs in the image of discs")
    return found
