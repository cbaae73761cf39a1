from __future__ import annotations

import numpy as np
import pytest

from spinegate.curation.deface.align import alignment
from spinegate.curation.deface.volume import Volume
from tests.curation.deface.heads import Head, Pose, View, make

T1 = Pose(pitch=9)
T2 = Pose(pitch=9, inverted=True, noise=0.04)
SLAB = View("T2w", 60, -100, 160, voxel=(4, 2.5, 2.5), axes="PIR", oblique=8, shear=0.05)


def volume(head: Head, way: object = None, placed: bool = True) -> Volume:
    affine = head.affine if way is None else np.asarray(way) @ head.affine
    return Volume(b"", head.values, affine, placed, 1, 0)


@pytest.fixture(scope="module")
def reference() -> Volume:
    return volume(make(T1, View(voxel=(3, 3, 3), bottom=-80)))


@pytest.fixture(scope="module")
def other() -> Head:
    return make(T2, SLAB)


def test_another_contrast_field_and_orientation(reference: Volume, other: Head) -> None:
    found = alignment(volume(other), reference)
    assert found.aligned, found
    assert found.reason == ""


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("shift", [-12, 12])
def test_a_participant_who_moved(axis: int, shift: float, reference: Volume, other: Head) -> None:
    way = np.eye(4)
    way[axis, 3] = shift
    found = alignment(volume(other, way), reference)
    assert not found.aligned
    assert "fit better" in found.reason


def test_a_participant_who_nodded(reference: Volume) -> None:
    found = alignment(volume(make(Pose(pitch=-8, inverted=True), SLAB)), reference)
    assert not found.aligned


def test_other_fields_of_view(reference: Volume, other: Head) -> None:
    way = np.eye(4)
    way[2, 3] = -300
    assert "share" in alignment(volume(other, way), reference).reason


def test_a_header_without_a_place(reference: Volume, other: Head) -> None:
    assert "header" in alignment(volume(other, placed=False), reference).reason


def test_noise_is_like_nothing(reference: Volume, other: Head) -> None:
    noise = np.random.default_rng(1).random(other.values.shape).astype(np.float32)
    unlike = Volume(b"", noise, other.affine, True, 1, 0)
    assert not alignment(unlike, reference).aligned
