"""Regions around the cord."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..image import Image, turn


def cylinder(mask: Image, size: float) -> Image:
    """Return a disc around the cord in each slice that has cord (Spinal Cord Toolbox 7.4).

    Parameters
    ----------
    mask
        The cord; the middle is that of its values' mass.
    size
        Diameter in mm.
    """
    turned = turn(mask)
    data = turned.data.astype(np.float64)
    x, y = np.mgrid[: data.shape[0], : data.shape[1]]
    radii = [np.ceil((round(size / edge) - 1) / 2) for edge in turned.spacing[:2]]
    found = np.zeros(turned.grid, np.uint8)
    for at in np.flatnonzero(data.any((0, 1))):
        share = data[:, :, at] / data[:, :, at].sum()
        middle = (share * x).sum(), (share * y).sum()
        away = sum(
            ((grid - centre) / radius) ** 2
            for grid, centre, radius in zip((x, y), middle, radii, strict=True)
        )
        found[:, :, at] = away <= 1
    return turn(replace(turned, data=found), mask.codes)
