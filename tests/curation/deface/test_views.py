"""Pictures before and after: what lies where, whatever the grid; nothing crashes."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spinegate.curation.deface.png import LARGEST, draw
from spinegate.curation.deface.removal import deface
from spinegate.curation.deface.search import Placement
from spinegate.curation.deface.views import KINDS, TIMES, make_views
from spinegate.system.errors import SpinegateError
from tests.curation.deface.pictures import MARK, by_name, read_png

nib: Any = importlib.import_module("nibabel")
NAMES = [f"{kind}-{time}" for kind in KINDS for time in TIMES]
DIMMER = 40  # below the marks' brightness, above the body's


def save(values: NDArray[Any], affine: NDArray[Any], path: Path) -> Path:
    image = nib.Nifti1Image(values, affine)
    image.set_sform(affine, 1)
    nib.save(image, path)
    return path


def body() -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """A block in RAS, 60 x 80 x 100 mm, with three bright marks: right, in front, on top."""
    values = np.zeros((30, 40, 50), np.int16)
    values[6:24, 8:32, 10:40] = 300
    values[19:23, 17:23, 21:29] = 1000  # right
    values[12:18, 27:31, 21:29] = 1000  # anterior
    values[12:18, 17:23, 34:39] = 1000  # superior
    return values, np.diag([2.0, 2.0, 2.0, 1.0])


def turned(axes: str) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    values, affine = body()
    turn = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(axes)
    )
    moved = nib.apply_orientation(values, turn)
    return moved, affine @ nib.orientations.inv_ornt_aff(turn, values.shape)


def views(tmp_path: Path, values: NDArray[Any], affine: NDArray[Any]) -> dict[str, Any]:
    """Picture an image of which everything bright in the middle was removed."""
    gone = values.copy()
    index = np.argwhere(np.ones(values.shape[:3], bool))
    middle = index[np.abs(index - np.array(values.shape[:3]) // 2).max(1) < 2]
    gone[tuple(middle.T)] = 0
    one = save(values, affine, tmp_path / "one.nii.gz")
    return by_name(make_views(one, save(gone, affine, tmp_path / "other.nii.gz")))


def middle_of(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """Return where the bright marks lie, as shares of the height and the width."""
    rows, columns = np.nonzero((picture > DIMMER) & (picture != MARK))
    return (rows.mean() / picture.shape[0], columns.mean() / picture.shape[1])


def test_a_defaced_head_is_pictured(image: Path, in_place: Placement, tmp_path: Path) -> None:
    out = tmp_path / "out.nii.gz"
    deface(image, out, placement=in_place)
    made = make_views(image, out)
    assert [view.name for view in made] == NAMES
    assert sum(len(view.picture) for view in made) < 150_000
    shown = by_name(made)
    for kind in KINDS:
        before, after = shown[f"{kind}-before"], shown[f"{kind}-after"]
        assert before.shape == after.shape
        assert (before != after).any()
        assert not (after == MARK).any()
    side = [(shown[f"side-{time}"] > 0)[:, : shown["side-before"].shape[1] // 2] for time in TIMES]
    assert side[1].sum() < 0.95 * side[0].sum()  # the nose is gone, at the left
    for kind in ("sagittal", "axial", "coronal"):
        assert (shown[f"{kind}-before"] == MARK).sum() > 50


@pytest.mark.parametrize("axes", ["RAS", "LPI", "PIR", "ASL", "SLA"])
def test_the_same_lies_at_the_same_place_whatever_the_axes(tmp_path: Path, axes: str) -> None:
    shown = views(tmp_path, *turned(axes))
    down, right = middle_of(shown["sagittal-after"])
    assert down < 0.45  # the mark on top
    assert right < 0.45  # the mark in front: at the left
    down, right = middle_of(shown["axial-after"])
    assert down < 0.45  # in front: above
    assert right < 0.45  # the person's right: at the left
    down, right = middle_of(shown["coronal-after"])
    assert down < 0.45
    assert right < 0.45
    front = shown["front-after"]
    assert front.any()
    if axes != "RAS":
        upright = views(tmp_path, *turned("RAS"))
        assert (np.abs(front.astype(int) - upright["front-after"]) > 8).mean() < 0.02


def test_true_proportions_of_long_voxels(tmp_path: Path) -> None:
    values = np.zeros((12, 90, 60), np.int16)
    values[1:11, 10:80, 5:55] = 500
    shown = views(tmp_path, values, np.diag([5.0, 1.0, 2.0, 1.0]))  # 60 x 90 x 120 mm
    assert shown["sagittal-before"].shape == (224, 168)
    assert shown["axial-before"].shape == (168, 112)
    assert shown["coronal-before"].shape == (224, 112)
    height, width = shown["front-before"].shape
    assert width / height == pytest.approx(60 / 120, abs=0.03)


def test_an_oblique_and_sheared_grid_lies_in_the_world(tmp_path: Path) -> None:
    values, affine = body()
    angle = np.deg2rad(30)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    turn[0, 1] = 0.1
    shown = views(tmp_path, values, turn @ affine)
    assert not shown["sagittal-before"][0, 0]  # a corner of the box that holds no image
    assert middle_of(shown["sagittal-after"])[0] < 0.45


def test_four_axes_show_the_first_volume(tmp_path: Path) -> None:
    values, affine = body()
    (tmp_path / "3d").mkdir()
    many = np.stack([values, np.roll(values, 9, 0) * 3, values * 0], -1)
    assert {
        name: picture.tobytes() for name, picture in views(tmp_path, many, affine).items()
    } == {
        name: picture.tobytes() for name, picture in views(tmp_path / "3d", values, affine).items()
    }


def test_nothing_removed_has_no_outline(image: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.nii.gz"
    copy.write_bytes(image.read_bytes())
    shown = by_name(make_views(image, copy))
    for kind in KINDS:
        assert (shown[f"{kind}-before"] == shown[f"{kind}-after"]).all()


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((5, 6, 7), np.int16),
        np.full((5, 6, 7), 9, np.uint8),
        np.full((5, 6, 7), np.nan, np.float32),
        np.full((5, 6, 7), -5, np.int16),
        np.array([[[np.inf, -np.inf, np.nan, 1e38, -1e38]]], np.float32),
        np.ones((1, 1, 1), np.float64),
        np.ones((1, 300, 1), np.int16),
        np.ones((4, 4, 4), np.complex64),
        np.random.default_rng(0).normal(0, 1e30, (9, 9, 9)).astype(np.float32),
    ],
    ids=["zero", "constant", "nan", "negative", "infinite", "voxel", "line", "complex", "huge"],
)
@pytest.mark.parametrize("edge", [1e-2, 1.0, 1e5])
def test_strange_images_are_pictured(tmp_path: Path, values: Any, edge: float) -> None:
    affine = np.diag([edge, edge, 3 * edge, 1.0])
    one = save(values, affine, tmp_path / "one.nii.gz")
    gone = values.copy()
    gone[0, 0, 0] = 0
    made = make_views(one, save(gone, affine, tmp_path / "other.nii.gz"))
    for view in made:
        assert read_png(view.picture).size <= 256 * 256


def test_another_grid_is_refused(image: Path, tmp_path: Path) -> None:
    other = save(np.ones((3, 3, 3), np.int16), np.eye(4), tmp_path / "other.nii.gz")
    with pytest.raises(SpinegateError, match="its grid isn't that of"):
        make_views(image, other)


def test_a_colour_image_is_refused(tmp_path: Path) -> None:
    colour = np.zeros((3, 3, 3), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    one = save(colour, np.eye(4), tmp_path / "one.nii.gz")
    with pytest.raises(SpinegateError, match="a colour image"):
        make_views(one, one)


def test_noise_fits_into_a_small_picture() -> None:
    noise = np.random.default_rng(1).random((256, 256), np.float32)
    content = draw(noise)
    assert len(content) <= LARGEST
    assert read_png(content).shape == (256, 256)
