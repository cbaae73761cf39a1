"""Images of a session registered slice by slice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from spinegate.examples.dataset import Options, write_dataset
from spinegate.pipeline.anatomy.masks import cylinder
from spinegate.pipeline.field import carry
from spinegate.pipeline.image import Image, read_image, turn
from spinegate.pipeline.register.inplane import SPLINE, turn_about
from spinegate.pipeline.register.slicewise import register_slices
from spinegate.system.errors import SpinegateError

Numbers = NDArray[np.float64]


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    write_dataset(folder, Options(sites=1, participants=1, noise=0.02))
    return folder


def transfer(phantom: Path, vendor: str) -> tuple[Image, Image, Image, Image]:
    """The image weighted by T1, those without and with the pulse, a mask around the cord."""
    stems = [f"flip-{flip}_mt-{pulse}_MTS" for flip, pulse in ((2, "off"), (1, "off"), (1, "on"))]
    start = f"sub-{vendor}A01/anat/sub-{vendor}A01_"
    t1, off, on = (read_image(phantom / f"{start}{stem}.nii.gz") for stem in stems)
    cord = read_image(phantom / f"derivatives/labels/{start}{stems[0]}_label-SC_seg.nii.gz")
    return t1, off, on, cylinder(cord, 35)


def moved(image: Image, mask: Image) -> tuple[Image, Numbers, Numbers]:
    """Shift and turn slices about the mask's middle."""
    image, inside = turn(image), turn(mask).data > 0
    slices = image.grid[2]
    along = np.linspace(-1, 1, slices)
    shifts = np.stack([0.8 * along - 0.3, 0.5 - 0.9 * along**2], -1)
    angles = np.deg2rad(3 * np.sin(1.5 * along + 0.5))
    data = np.empty(image.grid)
    edges = image.spacing[:2]
    for at in range(slices):
        middle = np.argwhere(inside[:, :, at]).mean(0)
        x, y = (
            (cell - centre) * edge - way
            for cell, centre, edge, way in zip(
                np.indices(image.grid[:2]), middle, edges, shifts[at], strict=True
            )
        )
        places = turn_about(x, y, -angles[at])
        cells = [way / edge + c for way, edge, c in zip(places, edges, middle, strict=True)]
        data[:, :, at] = map_coordinates(image.data[:, :, at].astype(float), cells, mode="nearest")
    return image.with_data(data), shifts, angles


@pytest.mark.parametrize(
    ("vendor", "pulse"), [("siemens", 1), ("siemens", 0), ("ge", 1), ("philips", 1)]
)
def test_known_motion_is_found_and_undone(phantom: Path, vendor: str, pulse: int) -> None:
    t1, off, on, mask = transfer(phantom, vendor)
    image = (off, on)[pulse]
    other, shifts, angles = moved(image, mask)
    found = register_slices(t1, turn(other, image.codes), mask)
    away = np.hypot(*(found.shifts - shifts).T)
    assert away.mean() < 0.1
    assert np.rad2deg(np.abs(found.angles - angles)).mean() < 0.5
    assert (found.likeness > found.at_rest).mean() > 0.9
    was = turn(other, image.codes).data
    brought = carry(turn(other, image.codes), found.field, SPLINE).data
    inside = (mask.data > 0) & (brought != 0)  # the phantom's field of view is small
    assert inside.sum() > 0.9 * (mask.data > 0).sum()
    assert inside.any((0, 1)).all()
    assert found.field.grid == t1.grid
    assert np.std((brought - image.data)[inside]) < 0.5 * np.std((was - image.data)[inside])


def test_slices_without_signal_move_as_the_others(phantom: Path) -> None:
    t1, _, on, mask = transfer(phantom, "siemens")
    other, shifts, angles = moved(on, mask)
    other.data[:, :, [0, 9, 10]] = 0
    found = register_slices(t1, turn(other, on.codes), mask)
    assert_array_equal(np.flatnonzero(np.isnan(found.likeness)), [0, 9, 10])
    assert np.hypot(*(found.shifts - shifts).T)[9:11].max() < 0.2
    assert np.abs(np.rad2deg(found.angles - angles))[9:11].max() < 1


def test_images_that_match_stay_where_they_are(phantom: Path) -> None:
    t1, _, _, mask = transfer(phantom, "siemens")
    found = register_slices(t1, t1, mask)
    assert_allclose(found.field.shifts, 0, atol=0.02)
    noise = t1.with_data(np.random.default_rng(0).normal(size=t1.grid))
    none = register_slices(t1, t1.with_data(np.zeros(t1.grid)), mask)
    assert_allclose(none.field.shifts, 0, atol=2e-3)
    lost = register_slices(t1, noise, mask)
    assert np.nansum(lost.likeness) >= np.nansum(lost.at_rest)


def test_another_grid_is_no_hindrance(phantom: Path) -> None:
    t1, _, on, mask = transfer(phantom, "siemens")
    corner = on.affine.copy()
    corner[:3, 3] += on.affine[:3, 0]
    laid = turn(Image(on.data[1:, :-2], corner), ("P", "S", "R"))
    one, other = register_slices(t1, on, mask), register_slices(t1, laid, mask)
    inside = mask.data > 0
    assert_allclose(one.field.shifts[inside], other.field.shifts[inside], atol=0.2)


def test_what_can_t_be_registered_is_told() -> None:
    image = Image(np.ones((8, 8, 4)), np.diag([-1.0, 1.0, 1.0, 1.0]))
    with pytest.raises(SpinegateError, match="one volume"):
        register_slices(image, Image(np.ones((8, 8, 4, 2)), image.affine), image)
    with pytest.raises(SpinegateError, match="not on the grid"):
        register_slices(image, image, Image(np.ones((8, 8, 5)), image.affine))
    with pytest.raises(SpinegateError, match="empty"):
        register_slices(image, image, image.with_data(np.zeros((8, 8, 4))))


@pytest.mark.real
def test_real_images_match_where_they_correlate_most(images: Path) -> None:
    """Shifts by which each slice, smoothed by a voxel, correlates most with the other image."""
    t1, on, cord = (read_image(images / f"mt/{name}.nii.gz") for name in ("t1w", "mt1", "mt1_seg"))
    found = register_slices(t1, on, cylinder(cord, 35))
    best = [[-1.2, 0.09], [-1.05, -0.42], [-1.07, -0.86], [-0.87, -0.78], [-0.84, -0.55]]
    assert_allclose(found.shifts, best, atol=0.15)
