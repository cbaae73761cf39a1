"""Motion of a diffusion series, found and undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.ndimage import shift

from spinegate.examples.dataset import Options, write_dataset
from spinegate.pipeline.anatomy.masks import cylinder
from spinegate.pipeline.image import Image, read_image, turn
from spinegate.pipeline.register.moco import correct_motion, estimate_motion
from spinegate.system.errors import SpinegateError

Numbers = NDArray[np.float64]
VENDORS = ("siemens", "ge", "philips")


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    write_dataset(folder, Options(sites=1, participants=1, noise=0.02))
    return folder


def series(phantom: Path, vendor: str, weighted: int = 12) -> tuple[Image, Numbers, Image]:
    """The first volumes in RPI, their b-values and a mask around the cord."""
    stem = f"sub-{vendor}A01/dwi/sub-{vendor}A01_dwi"
    values = np.loadtxt(phantom / f"{stem}.bval")
    image = turn(read_image(phantom / f"{stem}.nii.gz"))
    cord = read_image(phantom / f"derivatives/labels/{stem}_label-SC_seg.nii.gz")
    last = np.flatnonzero(values > 0)[:weighted][-1] + 1
    return image.with_data(image.data[..., :last]), values[:last], turn(cylinder(cord, 30))


def moved(image: Image, values: Numbers, most: float = 1.5) -> tuple[Image, Numbers]:
    """Move all but the targets: b = 0 by itself, the others in groups of three."""
    weighted, plain = np.flatnonzero(values > 0), np.flatnonzero(values == 0)
    rng = np.random.default_rng(0)
    along = np.linspace(-1, 1, image.grid[2])
    shifts = np.zeros((len(values), image.grid[2], 2))
    data = image.data.astype(np.float64)
    for members in [*weighted[3:].reshape(-1, 3), *plain[:-1, None]]:
        bends = rng.uniform(-1, 1, (2, 3)) * [0.3, 0.3, 0.4] * most
        shifts[members] = np.stack([np.polyval(bend, along) for bend in bends], -1)
        for volume in members:
            for at, way in enumerate(shifts[volume] / image.spacing[:2]):
                data[:, :, at, volume] = shift(data[:, :, at, volume], way, mode="nearest")
    return image.with_data(data), shifts


@pytest.mark.parametrize("vendor", VENDORS)
def test_known_motion_is_found_and_undone(phantom: Path, vendor: str) -> None:
    image, values, mask = series(phantom, vendor)
    other, shifts = moved(image, values)
    found = estimate_motion(other, values, mask)
    away = np.hypot(*np.moveaxis(found.shifts - shifts, -1, 0))
    assert away.mean(1).max() < 0.1
    assert away.max() < 0.2
    assert np.hypot(*np.moveaxis(shifts, -1, 0)).max() > 1
    assert_allclose(found.displacement, np.hypot(*np.moveaxis(shifts, -1, 0)).mean(1), atol=0.1)
    inside = mask.data > 0
    still = correct_motion(other, found).data[inside] - image.data[inside]
    before = other.data[inside] - image.data[inside]
    weighted = values > 0
    assert still[:, weighted].std() < 0.5 * before[:, weighted].std()


def test_the_orientation_on_disk_changes_nothing(phantom: Path) -> None:
    image, values, mask = series(phantom, "siemens", 6)
    other, _ = moved(image, values)
    laid = turn(other, ("S", "R", "P"))
    found, again = (
        estimate_motion(other, values, mask),
        estimate_motion(laid, values, turn(mask, ("S", "R", "P"))),
    )
    assert_array_equal(found.shifts, again.shifts)
    assert_array_equal(correct_motion(other, found).data, turn(correct_motion(laid, again)).data)


def test_a_dark_volume_moves_as_the_nearest(phantom: Path) -> None:
    image, values, mask = series(phantom, "siemens", 9)
    other, _ = moved(image, values)
    other.data[..., np.flatnonzero(values > 0)[6:]] = 0
    shifts = estimate_motion(other, values, mask).shifts
    assert_array_equal(shifts[-1], shifts[-4])
    assert np.abs(shifts[-1]).max() > 0.3


def test_series_that_don_t_fit_are_told() -> None:
    image = Image(np.ones((8, 8, 4, 3)), np.diag([-1.0, 1.0, 1.0, 1.0]))
    values = np.array([0.0, 800.0, 800.0])
    with pytest.raises(SpinegateError, match="b-values"):
        estimate_motion(image, values[:2])
    with pytest.raises(SpinegateError, match="not on the grid"):
        estimate_motion(image, values, Image(np.ones((8, 8, 5)), image.affine))
    with pytest.raises(SpinegateError, match="empty"):
        estimate_motion(image, values, Image(np.zeros((8, 8, 4)), image.affine))
    assert not estimate_motion(image, values).shifts.any()
    for only in (0.0, 800.0):
        assert not estimate_motion(image, np.full(3, only)).shifts.any()


@pytest.mark.real
def test_as_the_toolbox_finds_it(images: Path, golden: Path) -> None:
    image = read_image(images / "dmri/dmri.nii.gz")
    found = estimate_motion(image, np.loadtxt(images / "dmri/bvals.txt"))
    wanted = np.loadtxt(golden / "moco/moco_params.tsv", skiprows=1)
    assert_allclose(found.displacement, wanted, atol=0.05)
    theirs = read_image(golden / "moco/dmri_moco.nii.gz").data
    assert_array_equal(correct_motion(image, found, 0).data, theirs)
