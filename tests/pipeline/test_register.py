"""Cords laid upon each other by their lines, discs and outlines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spinegate.pipeline.field import after, carry
from spinegate.pipeline.image import Image, read_image, turn
from spinegate.pipeline.register.cord import Cord, describe
from spinegate.pipeline.register.lay import match, way
from spinegate.system.errors import SpinegateError

SHAPE = (44, 48, 60)
DISCS = {2: 52, 3: 40, 4: 30, 5: 18, 6: 8}


def cord(bend: float, wide: float, turned: float = 0.0) -> tuple[Image, NDArray[Any]]:
    """An elliptical cord; its shares of voxels, and where its line is in each slice."""
    x, y, z = np.indices(SHAPE)
    at = np.arange(60)
    line = np.array([22 + bend * np.sin(at / 14), 24 + bend * np.cos(at / 17)])
    u, v = x - line[0][z], y - line[1][z]
    cos, sin = np.cos(turned), np.sin(turned)
    first, second = u * cos + v * sin, v * cos - u * sin
    away = np.hypot(first / wide, second / (0.7 * wide))
    shares = np.clip((1 - away) * wide + 0.5, 0, 1)
    return Image(shares.astype(np.float32), np.diag([-1.0, 1.0, 1.5, 1.0])), line


def discs_of(line: NDArray[Any], shift: int = 0) -> Image:
    data = np.zeros(SHAPE, np.uint8)
    for disc, at in DISCS.items():
        data[round(line[0, at + shift]), round(line[1, at + shift]), at + shift] = disc
    return Image(data, np.diag([-1.0, 1.0, 1.5, 1.0]))


def described(bend: float, wide: float, turned: float = 0.0, shift: int = 0) -> tuple[Image, Cord]:
    mask, line = cord(bend, wide, turned)
    return mask, describe(mask, discs_of(line, shift))


def dice(one: NDArray[Any], other: NDArray[Any]) -> float:
    both = (one > 0.5) & (other > 0.5)
    return float(2 * both.sum() / ((one > 0.5).sum() + (other > 0.5).sum()))


def test_a_cord_lies_upon_itself() -> None:
    mask, one = described(3, 6)
    shifts = way(mask, one, one).shifts[mask.data > 0]
    assert np.nanmax(np.abs(shifts)) < 0.05


@pytest.mark.parametrize("shift", [0, 4])
def test_another_cord_takes_its_place(shift: int) -> None:
    mask, one = described(3, 6, shift=shift)
    other_mask, other = described(-4, 8, 0.2)
    laid = carry(other_mask, way(mask, one, other))
    low, high = (at + shift for at in (DISCS[6], DISCS[2]))
    assert dice(laid.data[..., low:high], mask.data[..., low:high]) > 0.97
    levels = np.zeros(SHAPE)
    for disc, at in sorted(DISCS.items()):
        levels[..., :at] = disc
    brought = carry(Image(levels, mask.affine), way(mask, one, other), 0).data
    wanted = np.roll(levels, shift, 2)
    inside = mask.data[..., low:high] > 0.5
    # Planes between levels lie across the line, not across the slices.
    assert (brought == wanted)[..., low:high][inside].mean() > 0.94


def test_the_angle_of_a_cord_is_found() -> None:
    turns = described(0, 8, 0.25)[1].turns
    straight = described(0, 8)[1].turns
    # The first axis leads to the right where the image's leads to the left.
    assert np.median(turns - straight) == pytest.approx(-0.25, abs=0.03)


def test_the_way_there_and_back_leads_back() -> None:
    mask, one = described(3, 6)
    other_mask, other = described(-4, 8, 0.2)
    shifts = after(way(mask, one, other), way(other_mask, other, one)).shifts
    inside = mask.data > 0.9
    inside[..., : DISCS[6]] = inside[..., DISCS[2] :] = False
    assert np.isfinite(shifts[inside]).all()
    assert np.percentile(np.linalg.norm(shifts[inside], axis=-1), 99) < 0.25


def test_discs_that_don_t_fit_are_told() -> None:
    mask, line = cord(3, 6)
    one = describe(mask, discs_of(line))
    few = discs_of(line)
    few.data[few.data != 0] += 20
    with pytest.raises(SpinegateError, match="none in common"):
        match(one, describe(mask, few))
    wrong = discs_of(line)
    wrong.data[wrong.data == 3] = 9
    wrong.data[wrong.data == 4] = 3
    wrong.data[wrong.data == 9] = 4
    with pytest.raises(SpinegateError, match="not in their order"):
        match(one, describe(mask, wrong))
    with pytest.raises(SpinegateError, match="no discs"):
        describe(mask, Image(np.zeros(SHAPE, np.uint8), mask.affine))
    far = Image(discs_of(line).data, mask.affine + np.array([[0, 0, 0, 90], *[[0] * 4] * 3]))
    with pytest.raises(SpinegateError, match="mm from the cord"):
        describe(mask, far)


@pytest.mark.real
def test_dice_is_no_worse_than_the_toolbox(images: Path, golden: Path) -> None:
    cord_mask = read_image(images / "t2/t2_seg-manual.nii.gz")
    folder = images / "template/template"
    template = read_image(folder / "PAM50_small_cord.nii.gz")
    one = describe(cord_mask, read_image(images / "t2/labels.nii.gz"))
    other = describe(template, read_image(folder / "PAM50_small_label_disc.nii.gz"))
    brought = carry(template, way(cord_mask, one, other)).data
    theirs = read_image(golden / "register_to_template/cord_in_anat.nii.gz").data
    assert dice(brought, cord_mask.data) > 0.99 > dice(theirs, cord_mask.data)
    back = turn(carry(cord_mask, way(template, other, one))).data
    reached = (back > 0.5).any((0, 1))
    assert dice(back[..., reached], turn(template).data[..., reached]) > 0.99
