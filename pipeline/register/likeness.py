"""How alike the slices of two images are, and which change of the one makes them more alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 32
_EDGE = 2  # bins at either end, for the kernel's tails
_RARE = 1e-10

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How alike slices are.

    Attributes
    ----------
    shares
        Slices: mutual information in nats.
    pulls
        x, y, z: by how much that grows as the moving image grows there.
    bends
        x, y, z: how that bends; never negative.
    """

    shares: Numbers
    pulls: Numbers
    bends: Numbers


def mutual_information(fixed: Numbers, moving: Numbers, mask: NDArray[np.bool_]) -> Likeness:
    """Compare slices by mutual information, so that any value may stand for any other.

    Mattes et al. 2003 (doi:10.1109/TMI.2003.809072), with cubic kernels for both images. The bend
    is the square of the pull (Berndt et al. 1974), as for any likelihood.

    Parameters
    ----------
    fixed, moving, mask
        x, y, z; values from 0 to 1; slices are the last axis.
    """
    shares = np.zeros(mask.shape[2])
    pulls, bends = np.zeros((2, *moving.shape))
    for at in np.flatnonzero(mask.any((0, 1))):
        inside = mask[:, :, at]
        (row, ours, _), (column, theirs, rise) = (
            _kernel(data[inside, at]) for data in (fixed, moving)
        )
        places = row[:, :, None] * _BINS + column[:, None, :]
        votes = ours[:, :, None] * theirs[:, None, :] / len(ours)
        joint = np.bincount(places.ravel(), votes.ravel(), _BINS**2).reshape(_BINS, _BINS)
        one, other = joint.sum(1, keepdims=True), joint.sum(0, keepdims=True)
        logs = np.log(np.maximum(joint, _RARE) / np.maximum(one * other, _RARE))
        shares[at] = (joint * logs).sum()
        pull = np.einsum("na,nb,nab->n", ours, rise, logs.ravel()[places]) / len(ours)
        pulls[inside, at] = pull
        bends[inside, at] = pull**2 * len(ours)
    return Likeness(shares, pulls, bends)


def _kernel(values: Numbers) -> tuple[NDArray[np.intp], Numbers, Numbers]:
    """Return four bins for each value, how much it counts there, and how that changes."""
    width = _BINS - 2 * _EDGE - 1
    place = np.clip(values, 0.0, 1.0) * width + _EDGE
    low = np.floor(place).astype(np.intp)
    part = place - low
    counts = np.stack(
        [
            (1 - part) ** 3 / 6,
            2 / 3 - part**2 + part**3 / 2,
            (1 + 3 * part + 3 * part**2 - 3 * part**3) / 6,
            part**3 / 6,
        ],
        -1,
    )
    rises = np.stack(
        [
            -((1 - part) ** 2) / 2,
            1.5 * part**2 - 2 * part,
            0.5 + part - 1.5 * part**2,
            part**2 / 2,
        ],
        -1,
    )
    return low[:, None] + np.arange(-1, 3), counts, rises * width
