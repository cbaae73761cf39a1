"""A metric in a label of the atlas, over some slices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .atlas import Atlas

Method = Literal["wa", "ml", "map"]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Extract:
    """What was found in a label.

    Attributes
    ----------
    value, deviation
        In the unit of the metric, NaN where nothing is known of any voxel.
    size
        Sum of the label's shares in the slices, in voxels.
    """

    value: float
    deviation: float
    size: float


def extract(
    metric: NDArray[Any], atlas: Atlas, label: int, slices: Iterable[int], method: Method = "wa"
) -> Extract:
    """Find a metric's value in a label.

    ``wa`` weighs voxels by the label's share of them. ``ml`` solves for one value per label, the
    wanted one (summed, if it is a group) and each other one. ``map`` does so around a first value
    per tissue (Spinal Cord Toolbox 7.4). The deviation is the weighted one in all three. Voxels
    without a finite value count for nothing.

    Parameters
    ----------
    metric
        x, y, z in RPI, on the atlas' grid.
    """
    at = list(slices)
    stored = metric[..., at].ravel()
    stored = stored if stored.dtype.kind == "f" else stored.astype(np.float64)
    values = stored.astype(np.float64)
    wanted = atlas.weights(label)[..., at].ravel()
    size = float(wanted.sum())
    known = np.isfinite(values)
    values, wanted = np.where(known, values, 0.0), np.where(known, wanted, 0.0)
    if not wanted.sum() > 0:
        return Extract(np.nan, np.nan, size)
    mean = np.average(values, weights=wanted)
    # In the precision of the image, as the toolbox does: in the eighth digit that is to be seen.
    away = np.where(known, stored - stored.dtype.type(mean), 0)
    deviation = float(np.sqrt(np.average(away**2, weights=wanted)))
    if method == "wa":
        return Extract(float(mean), deviation, size)
    members = atlas.list.members(label)
    others = [one for one in atlas.numbers if one not in members]
    shares = [atlas.maps[..., at, atlas.numbers.index(one)].ravel() * known for one in others]
    system = np.column_stack([wanted, *shares])
    if method == "ml":
        return Extract(float(_solve(system, values)[0]), deviation, size)
    clusters = _clusters(atlas, members, others)
    sums = np.column_stack(
        [system[:, clusters == one].sum(1) for one in range(clusters.max() + 1)]
    )
    first = _solve(sums, values)[clusters]
    rest = np.linalg.pinv(system.T @ system + np.eye(system.shape[1]))
    found = first + rest @ (system.T @ (values - system @ first))
    return Extract(float(found[0]), deviation, size)


def _solve(system: Numbers, values: Numbers) -> Numbers:
    found: Numbers = np.linalg.pinv(system.T @ system) @ (system.T @ values)
    return found


def _clusters(atlas: Atlas, members: tuple[int, ...], others: list[int]) -> NDArray[np.intp]:
    """Return the tissue of the wanted label and of each other one, counted from the wanted."""
    tissue = {one: at for at, cluster in enumerate(atlas.list.clusters) for one in cluster}
    wanted = {tissue[one] for one in members}
    named = [0 if tissue[one] in wanted else tissue[one] + 1 for one in others]
    order = {0: 0}
    return np.array([0, *(order.setdefault(one, len(order)) for one in named)])
