from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.mask import Mask
from spinegate.curation.deface.removal import deface, record
from spinegate.curation.deface.search import Placement
from spinegate.curation.deface.volume import read_volume
from spinegate.system.errors import SpinegateError
from tests.curation.deface.heads import Head, Pose, View, make


def gone(before: Path, after: Path) -> Mask:
    removed: Mask = (read_volume(before).stored != 0) & (read_volume(after).stored == 0)
    return removed


def test_a_face_in_a_known_place(
    image: Path, upright: Head, in_place: Placement, tmp_path: Path
) -> None:
    cord = upright.save_part("cord", tmp_path / "cord.nii.gz")
    out = tmp_path / "out.nii.gz"
    result = deface(image, out, cord=cord, placement=in_place)
    assert result.verdict is Verdict.FACE_GONE
    assert (result.method, result.borrowed, result.note) == ("ants", False, "")
    removed = gone(image, out)
    assert not (upright.face & ~removed).any()
    assert not (removed & (upright.brain | upright.cord)).any()
    said = record(result)
    assert said["AutomaticTest"] == "face gone"
    assert said["FromOtherContrast"] is False


def test_the_original_is_never_overwritten(
    image: Path, in_place: Placement, tmp_path: Path
) -> None:
    before = image.read_bytes()
    (tmp_path / "link.nii.gz").symlink_to(image)
    for output in (image, tmp_path / "link.nii.gz"):
        with pytest.raises(SpinegateError, match="the original would be overwritten"):
            deface(image, output, placement=in_place)
    assert image.read_bytes() == before


def test_a_mask_beside_the_head_is_no_success(
    image: Path, in_place: Placement, tmp_path: Path
) -> None:
    away = np.eye(4)
    away[2, 3] = 1e4
    spoilt = replace(in_place, forward=away, backward=away)
    result = deface(image, tmp_path / "out.nii.gz", placement=spoilt)
    assert result.verdict is Verdict.NOTHING
    assert read_volume(tmp_path / "out.nii.gz").stored.any()


def test_a_head_without_a_place_is_doubtful(
    upright: Head, in_place: Placement, tmp_path: Path
) -> None:
    image = upright.save(tmp_path / "a.nii")
    stored = bytearray(image.read_bytes())
    stored[252:256] = bytes(4)  # qform and sform codes
    image.write_bytes(stored)
    result = deface(image, tmp_path / "out.nii", placement=in_place)
    assert result.verdict in (Verdict.DOUBTFUL, Verdict.NOTHING, Verdict.CORD_CUT)
    assert "doesn't say where" in result.note


@pytest.mark.parametrize("values", [0, 7])
@pytest.mark.parametrize("shape", [(12, 12, 12), (1, 9, 9)])
def test_an_image_that_shows_nothing(
    values: int, shape: tuple[int, int, int], tmp_path: Path
) -> None:
    blank = Head(np.full(shape, values / 1000, np.float32), np.eye(4), *([np.zeros(1, bool)] * 3))
    result = deface(blank.save(tmp_path / "a.nii"), tmp_path / "out.nii")
    assert result.verdict is not Verdict.FACE_GONE


@pytest.mark.slow
def test_a_head_that_nods_and_its_other_contrast(tmp_path: Path) -> None:
    """Found, the same bytes again; the T2w image takes the T1w's mask."""
    pose = Pose(pitch=14, roll=5, scale=0.95, bend=4)
    head = make(pose, View(voxel=(3, 3, 3), bottom=-60))
    image = head.save(tmp_path / "T1w.nii.gz")
    first = deface(image, tmp_path / "first.nii.gz")
    assert first.verdict is Verdict.FACE_GONE
    removed = gone(image, tmp_path / "first.nii.gz")
    assert (removed & head.face).sum() > 0.95 * head.face.sum()
    assert (removed & head.brain).sum() <= 0.002 * head.brain.sum()
    assert not (removed & head.cord).any()
    slab = View("T2w", 60, -60, 170, voxel=(4, 3, 3), axes="PIR", oblique=9, shear=0.05)
    other = make(replace(pose, inverted=True), slab)
    t2w = other.save(tmp_path / "T2w.nii.gz", np.float32)
    second = deface(t2w, tmp_path / "second.nii.gz", reference=image)
    assert second.borrowed
    assert second.mi == first.mi  # the search repeats exactly
    assert second.verdict is Verdict.FACE_GONE
    removed = gone(t2w, tmp_path / "second.nii.gz")
    assert (removed & other.face).sum() > 0.95 * other.face.sum()
    assert not (removed & other.cord).any()


@pytest.mark.slow
def test_a_neck_has_no_face_to_remove(tmp_path: Path) -> None:
    neck = make(Pose(noise=0.03), View(bottom=-105, top=5, voxel=(4, 4, 4)))
    result = deface(neck.save(tmp_path / "a.nii"), tmp_path / "out.nii")
    assert result.verdict is not Verdict.FACE_GONE


@pytest.mark.slow
def test_the_phantom_has_no_face(phantom: Path, tmp_path: Path) -> None:
    image = phantom / "sub-geA01" / "anat" / "sub-geA01_T1w.nii.gz"
    result = deface(image, tmp_path / "out.nii.gz", method="ants")
    assert result.verdict is not Verdict.FACE_GONE


@pytest.mark.real
def test_real_necks_have_no_face(shared_data: Path, tmp_path: Path) -> None:
    for name in ("t1/t1w", "t2/t2"):
        image = shared_data / "sct_testing_data" / f"{name}.nii.gz"
        cord = image.with_name(image.name.replace(".nii", "_seg-manual.nii"))
        out = tmp_path / image.name
        result = deface(image, out, cord=cord, method="ants")
        assert result.verdict is not Verdict.FACE_GONE
        inside = read_volume(cord).stored > 0
        assert (read_volume(out).stored[inside] == read_volume(image).stored[inside]).all()
