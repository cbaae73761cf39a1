"""The voxels hold the true areas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spinegate.examples.grids import Grid, make_grid
from spinegate.examples.participants import Participant, draw
from spinegate.examples.protocol import VENDORS
from spinegate.examples.tissues import Composition, Tissue, compose
from spinegate.examples.truth import level_means

CASES = [("siemens", "T1w"), ("ge", "T2w"), ("philips", "T2star"), ("siemens", "MTon")]


def slice_areas(
    one: Participant, grid: Grid, inside: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return height and orthogonal area (mm2) of each slice of a mask or a map of shares."""
    normal = grid.affine[:3, 2] / np.linalg.norm(grid.affine[:3, 2])
    heights, areas = [], []
    for k in range(grid.shape[2]):
        weights = inside[:, :, k].astype(float)
        where = np.argwhere(weights > 0)
        middle = np.average(where, axis=0, weights=weights[weights > 0])
        z = float((grid.affine @ np.array([*middle, k, 1.0]))[2])
        slant = float(one.anatomy.axes(np.array([z])).tangent[0] @ normal)
        heights.append(z)
        areas.append(weights.sum() * grid.spacing[0] * grid.spacing[1] * slant)
    return np.array(heights), np.array(areas)


@pytest.fixture(params=CASES, ids="-".join)
def composed(request: pytest.FixtureRequest) -> tuple[Participant, Grid, Composition]:
    vendor, contrast = request.param
    one = draw(VENDORS[vendor], 1, 1, 5)
    grid = make_grid(one.vendor, contrast, one.tilt)
    return one, grid, compose(one.anatomy, grid)


def test_shares_add_up(composed: tuple[Participant, Grid, Composition]) -> None:
    _, _, parts = composed
    assert np.allclose(parts.share.sum(axis=0), 1, atol=1e-5)
    assert parts.share.min() >= 0


def test_the_areas_of_levels_are_true(composed: tuple[Participant, Grid, Composition]) -> None:
    one, grid, parts = composed
    heights, areas = slice_areas(one, grid, parts.cord)
    _, grey = slice_areas(one, grid, parts.share[Tissue.GREY])
    for first, last in ((2, 3), (3, 4)):
        true = level_means(one.anatomy, first, last)
        bottom, top = true["z"][1], true["z"][0]
        here = (heights > bottom) & (heights < top)
        assert abs(areas[here].mean() / true["area"] - 1) < 0.005
        # The grey matter is a quarter the size: thick voxels are allowed more.
        assert abs(grey[here].mean() / true["grey_area"] - 1) < 0.02


def test_a_mask_of_half_full_voxels_has_the_area_too(
    composed: tuple[Participant, Grid, Composition],
) -> None:
    one, grid, parts = composed
    heights, areas = slice_areas(one, grid, (parts.cord >= 0.5).astype(np.float32))
    true = level_means(one.anatomy, 2, 4)
    here = (heights > true["z"][1]) & (heights < true["z"][0])
    assert abs(areas[here].mean() / true["area"] - 1) < 0.01


def test_every_tissue_but_air_is_in_a_sagittal_image() -> None:
    one = draw(VENDORS["siemens"], 0, 0, 0)
    parts = compose(one.anatomy, make_grid(one.vendor, "T2w", 0))
    present = {tissue for tissue in Tissue if (parts.share[tissue] > 0.99).any()}
    assert present == set(Tissue) - {Tissue.AIR}


def test_the_full_matrix_reaches_the_air() -> None:
    one = draw(VENDORS["ge"], 0, 0, 0)
    grid = make_grid(one.vendor, "dwi", 0, "full")
    wide = Grid((96, 240, 2), grid.affine, grid.plane)
    assert grid.shape == (96, 48, 15)
    assert (compose(one.anatomy, wide).share[Tissue.AIR] == 1).any()
