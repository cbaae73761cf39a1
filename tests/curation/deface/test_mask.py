from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spinegate.curation.deface.mask import FaceMask, face_mask
from spinegate.curation.deface.search import Placement
from spinegate.curation.deface.volume import Matrix
from tests.curation.deface.heads import VIEWS, Head, Pose, View, make


def of(head: Head, placement: Placement, **more: object) -> FaceMask:
    return face_mask(placement, head.affine, head.values.shape, **more)  # type: ignore[arg-type]


def moved(x: float = 0, y: float = 0, z: float = 0) -> Matrix:
    way = np.eye(4)
    way[:3, 3] = x, y, z
    return way


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_the_face_goes_and_brain_and_cord_stay(view: View, in_place: Placement) -> None:
    first, second, third = view.voxel
    head = make(Pose(warp=0), replace(view, voxel=(2 * first, 2 * second, 2 * third)))
    mask = of(head, in_place)
    assert not (mask.removed & head.brain).any()
    assert not (mask.removed & head.cord).any()
    assert (head.face & ~mask.removed).sum() <= 0.001 * head.face.sum()
    assert (mask.agreement, mask.brain_cut, mask.cord_cut) in ((1, 0, 0), (0, 0, 0))


def test_two_findings_that_differ_agree_less(upright: Head) -> None:
    masks = [of(upright, Placement(np.eye(4), moved(y=shift), 1, 1)) for shift in (0, 8, 25, 400)]
    agreement = [mask.agreement for mask in masks]
    assert agreement == sorted(agreement, reverse=True)
    assert agreement[0] == 1
    assert masks[1].removed.sum() > masks[0].removed.sum()


def test_a_mask_over_the_brain_says_so(upright: Head) -> None:
    mask = of(upright, Placement(np.eye(4), moved(z=-60), 1, 1))
    assert mask.brain_cut > 0.01
    assert mask.agreement < 0.92


def test_a_mask_over_the_cord_stops_before_it(upright: Head) -> None:
    behind = moved(y=80)  # a face where the neck is
    cord = np.argwhere(upright.cord) @ upright.affine[:3, :3].T + upright.affine[:3, 3]
    mask = of(upright, Placement(behind, behind, 1, 1), cord=cord)
    assert mask.cord_cut > 0
    assert mask.kept >= mask.cord_cut
    assert not (mask.removed & upright.cord).any()
    blind = of(upright, Placement(behind, behind, 1, 1))
    assert (blind.removed & upright.cord).any()


def test_the_template_knows_the_cord_too(upright: Head) -> None:
    behind = moved(y=80)
    mask = of(upright, Placement(np.eye(4), behind, 1, 1))
    assert mask.cord_cut > 0
    assert not (mask.removed & upright.cord).any()


def test_nothing_where_the_template_is_not(upright: Head) -> None:
    mask = of(upright, Placement(moved(z=1e6), moved(z=1e6), 1, 1))
    assert not mask.removed.any()
    assert mask.agreement == 0


def test_a_face_found_otherwise_is_held_against_the_findings(
    upright: Head, in_place: Placement
) -> None:
    own = of(upright, in_place).removed
    assert of(upright, in_place, own=own).agreement > 0.85
    assert of(upright, in_place, own=np.roll(own, 12, 1)).agreement < 0.8
    assert (of(upright, in_place, own=own).removed == own).all()
    assert of(upright, in_place, own=np.zeros_like(own)).missed == 1
