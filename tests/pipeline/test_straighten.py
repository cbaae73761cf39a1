"""A cord made straight and bent again."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from spinegate.pipeline.anatomy.centerline import middles
from spinegate.pipeline.anatomy.straighten import Straightening, straighten
from spinegate.pipeline.field import after, carry, read_field, write_field
from spinegate.pipeline.image import Image, read_image, turn

RADIUS = 5.0


def sine_cord(shape: tuple[int, int, int] = (48, 56, 80)) -> Image:
    """A round cord along a sine; the grid is oblique and its axes aren't those of the body."""
    x, y, z = np.indices(shape)
    middle = shape[0] / 2 + 3 * np.sin(z / 13), shape[1] / 2 + 5 * np.sin(z / 19)
    data = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2 <= RADIUS**2) & (z > 4) & (z < 75)
    angle = np.deg2rad(12)
    affine = np.diag([-1.0, 1.0, 1.0, 1.0])
    affine[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    affine[:3, 3] = 20, -30, 7
    return turn(Image(data.astype(np.uint8), affine), ("P", "S", "R"))


@pytest.fixture(scope="module")
def ways() -> tuple[Image, Straightening]:
    cord = sine_cord()
    return cord, straighten(cord)


def test_the_middle_of_a_straightened_cord_is_a_straight_line(
    ways: tuple[Image, Straightening],
) -> None:
    cord, way = ways
    slices, x, y = middles(carry(cord, way.straight).data > 0.5)
    assert len(slices) > 60
    for values in (x[3:-3], y[3:-3]):
        assert np.abs(values - np.median(values)).max() < 0.5


def test_the_way_back_brings_it_where_it_was(ways: tuple[Image, Straightening]) -> None:
    cord, way = ways
    bent = carry(carry(cord, way.straight), way.curved).data > 0.5
    was = np.pad(turn(cord).data > 0, [(0, 0), (0, 0), _more(way, cord)])
    inner = was & bent
    assert 2 * inner.sum() / (was.sum() + bent.sum()) > 0.94
    for one, other in zip(middles(bent)[1:], middles(was)[1:], strict=True):
        assert np.abs(one[3:-3] - other[3:-3]).max() < 0.5


def _more(way: Straightening, cord: Image) -> tuple[int, int]:
    more = (way.curved.grid[2] - turn(cord).grid[2]) // 2
    return more, more


def test_both_ways_after_each_other_lead_back(ways: tuple[Image, Straightening]) -> None:
    cord, way = ways
    there_and_back = after(way.straight, way.curved).shifts
    inside = carry(cord, way.straight).data > 0.9
    away = np.linalg.norm(there_and_back[inside], axis=-1)
    away = away[np.isfinite(away)]
    assert len(away) > 0.9 * inside.sum()
    assert np.percentile(away, 95) < 1  # the plane that is nearest may be the next one


def test_a_field_is_written_as_itk_has_it(
    ways: tuple[Image, Straightening], tmp_path: Path
) -> None:
    field = ways[1].straight
    field.shifts[0, 0, 0] = np.nan
    write_field(field, tmp_path / "warp.nii.gz")
    again = read_field(tmp_path / "warp.nii.gz")
    np.testing.assert_allclose(again.shifts, field.shifts, atol=1e-4)
    stored = np.asarray(nib.nifti1.load(tmp_path / "warp.nii.gz").dataobj)
    assert stored.shape == (*field.grid, 1, 3)
    np.testing.assert_allclose(stored[5, 5, 5, 0], field.shifts[5, 5, 5] * [-1, -1, 1], atol=1e-4)


@pytest.mark.real
def test_as_the_toolbox_straightens(images: Path, golden: Path) -> None:
    """Its line is a NURBS there, ours a B-spline, so they lie up to 0.09 mm apart."""
    cord = read_image(images / "t2/t2_seg-manual.nii.gz")
    way = straighten(cord)
    inside = carry(cord, way.straight).data > 0.5
    wanted = read_field(golden / "straighten/warp_curve2straight.nii.gz")
    assert way.straight.grid == wanted.grid
    np.testing.assert_allclose(way.straight.affine, wanted.affine, atol=1e-5)
    away = np.linalg.norm(way.straight.shifts - wanted.shifts, axis=-1)[inside]
    away = away[np.isfinite(away)]
    assert np.median(away) < 0.06
    assert np.percentile(away, 95) < 0.1
