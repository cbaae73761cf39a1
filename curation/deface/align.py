"""Whether two images of one session lie on each other, so that one mask serves both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .coarse import shrink
from .likeness import likeness
from .search import SPACINGS
from .volume import Matrix, Volume

SHIFT = 7.0  # mm: an image that fits better here lies elsewhere
TURN = 7.0  # degrees
_LEAST_SHARED = 0.25
_LEAST_MI = 0.1
_SIGNS = (-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two images lie.

    Attributes
    ----------
    aligned
        Whether nothing speaks against using one's mask for the other.
    mi
        Mutual information as the headers place them, in nats.
    shared
        The share of the smaller image that lies in the other.
    reason
        Why they are not aligned, in words; empty where they are.
    """

    aligned: bool
    mi: float
    shared: float
    reason: str = ""


def alignment(image: Volume, reference: Volume) -> Alignment:
    """Compare the headers' placement with others nearby.

    They are taken as aligned where no shift along or turn about an axis fits better: a participant
    who moved by half of `SHIFT` or less isn't noticed.
    """
    one, other = (shrink(x.values(), x.affine, SPACINGS[0]) for x in (image, reference))
    mi, shared = likeness(one, other, np.eye(4))
    if not (image.placed and reference.placed):
        return Alignment(False, mi, shared, "a header doesn't say where its image lies")
    if shared < _LEAST_SHARED:
        return Alignment(False, mi, shared, f"they share {shared:.0%} of their fields only")
    if mi < _LEAST_MI:
        return Alignment(False, mi, shared, f"they are too unlike (mutual information {mi:.2f})")
    centre = one.points(one.inside).mean(0)
    for axis in range(3):
        for sign in _SIGNS:
            shift = np.eye(4)
            shift[axis, 3] = sign * SHIFT
            if likeness(one, other, shift)[0] > mi:
                return Alignment(False, mi, shared, f"they fit better {SHIFT:g} mm apart")
            if likeness(one, other, _turned(axis, sign * TURN, centre))[0] > mi:
                return Alignment(False, mi, shared, f"they fit better turned by {TURN:g} degrees")
    return Alignment(True, mi, shared)


def _turned(axis: int, degrees: float, centre: NDArray[np.float64]) -> Matrix:
    angle = np.deg2rad(degrees)
    first, second = [i for i in range(3) if i != axis]
    turn = np.eye(4)
    turn[first, first] = turn[second, second] = np.cos(angle)
    turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
    turn[:3, 3] = centre - turn[:3, :3] @ centre
    return turn
