"""Where the template's head is in an image, found twice: forwards and backwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .coarse import Coarse, shrink
from .likeness import likeness
from .register import register
from .template import read_template
from .volume import Matrix, Volume, inverse

SPACINGS = (4.0, 3.0)
PITCHES = (0.0, 20.0, -15.0)
LEVELS = (208, 180, 152, 124, 96, 68, 40)  # the template's rows that may be the image's top
_BACK, _TOP_ROW, _MIDDLE = 30, 208, 88  # back and middle of the template's head, voxels
_BEST = 3
_NOWHERE = np.array([[1, 0, 0, 1e6], [0, 1, 0, 1e6], [0, 0, 1, 1e6], [0, 0, 0, 1]], float)
_SAME = 6.0  # mm: ways that lie nearer are one
_LAST = (20, 10)
_LEAST = 0.10  # of the smaller image that must lie in the other
_TISSUE = 0.15
_BALANCE = (0.02, 0.98)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the template's head lies.

    Attributes
    ----------
    forward, backward
        Two findings of the way from mm of the image's header to mm of the template.
    mi
        Mutual information of image and template in the template's field, in nats; of the worse.
    shared
        The share of the smaller of the two that lies in the other.
    """

    forward: Matrix
    backward: Matrix
    mi: float
    shared: float


@cache
def _templates() -> tuple[Coarse, Coarse]:
    known = read_template()
    first, second = (shrink(known.values, known.affine, spacing) for spacing in SPACINGS)
    return first, second


def locate(volume: Volume) -> Placement:
    """Find the template's head in an image.

    Raises
    ------
    SpinegateError
        Where antspyx or pydeface isn't installed.
    """
    values = volume.values()
    coarse, fine = (shrink(values, volume.affine, spacing) for spacing in SPACINGS)
    begun = starts(coarse)
    if not begun:
        return Placement(_NOWHERE, _NOWHERE, 0.0, 0.0)
    rough, sharp = _templates()
    tried = [register(coarse, rough, start, "Rigid", (40, 0)) for start in begun]
    tried.sort(key=lambda way: -_rank(coarse, rough, way))
    best = _apart(tried, coarse)
    forward = _best(coarse, rough, best)
    backward = inverse(_best(rough, coarse, [inverse(way) for way in best]))
    forward = register(fine, sharp, forward, "Similarity", _LAST)
    backward = inverse(register(sharp, fine, inverse(backward), "Similarity", _LAST))
    return _measured(fine, forward, backward)


def measured(volume: Volume, forward: Matrix, backward: Matrix) -> Placement:
    """Say how well two ways to the template fit an image."""
    return _measured(shrink(volume.values(), volume.affine, SPACINGS[1]), forward, backward)


def _measured(fine: Coarse, forward: Matrix, backward: Matrix) -> Placement:
    _, sharp = _templates()
    ends = [likeness(fine, sharp, way) for way in (forward, backward)]
    return Placement(forward, backward, min(mi for mi, _ in ends), min(part for _, part in ends))


def _best(fixed: Coarse, moving: Coarse, ways: list[Matrix]) -> Matrix:
    """Let the scale go as well, and take the best way."""
    found = [register(fixed, moving, way, "Similarity", (40, 0)) for way in ways]
    return max(found, key=lambda way: _rank(fixed, moving, way))


def _apart(ways: list[Matrix], image: Coarse) -> list[Matrix]:
    """Take the first few that differ from each other."""
    points = image.points(image.values > _TISSUE)[::200]
    kept: list[Matrix] = []
    for way in ways:
        moved = points @ way[:3, :3].T + way[:3, 3]
        if all(
            np.abs(moved - points @ other[:3, :3].T - other[:3, 3]).max() > _SAME for other in kept
        ):
            kept.append(way)
        if len(kept) == _BEST:
            break
    return kept


def _rank(fixed: Coarse, moving: Coarse, way: Matrix) -> float:
    mi, shared = likeness(fixed, moving, way)
    return mi if shared >= _LEAST else mi * shared / _LEAST


def starts(image: Coarse) -> list[Matrix]:
    """Rigid ways to begin with: the heights at which an image's top may cut a head, and pitches.

    The back of the head is laid on the back of the image, for the face may be cut off.
    """
    known = read_template()
    points = image.points(image.values > _TISSUE)
    if len(points) == 0:
        return []
    left, right = np.quantile(points[:, 0], _BALANCE)
    top = np.quantile(points[:, 2], 0.995)
    upper = points[points[:, 2] > top - 120]
    back = np.quantile(upper[:, 1], 0.01)
    target = np.array([(left + right) / 2, back, top])
    result = []
    for level in LEVELS:
        for pitch in PITCHES:
            angle = np.deg2rad(pitch)
            turn = np.array(
                [
                    [1, 0, 0],
                    [0, np.cos(angle), -np.sin(angle)],
                    [0, np.sin(angle), np.cos(angle)],
                ]
            )
            row = np.array([_MIDDLE, _BACK, level], float)
            anchor = known.affine[:3, :3] @ row + known.affine[:3, 3]
            way = np.eye(4)
            way[:3, :3] = turn
            way[:3, 3] = anchor - turn @ target
            result.append(way)
    return result
