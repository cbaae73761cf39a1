from __future__ import annotations

import numpy as np
import pytest

from spinegate.curation.deface.coarse import shrink
from spinegate.curation.deface.register import register
from spinegate.curation.deface.search import starts
from tests.curation.deface.heads import Head, Pose, View, make


def test_a_known_turn_is_found_again_and_again(upright: Head) -> None:
    way = np.eye(4)
    angle = np.deg2rad(6)
    way[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    way[:3, 3] = 4, -6, 5
    still = shrink(upright.values, upright.affine, 6)
    turned = shrink(upright.values, way @ upright.affine, 6)
    found = [register(still, turned, np.eye(4), "Rigid", (40, 20)) for _ in range(2)]
    assert (found[0] == found[1]).all()
    corner = np.array([0, 60, 0, 1])
    assert np.abs((found[0] - way) @ corner).max() < 1.5


@pytest.mark.parametrize("axes", ["RAS", "LPS", "PIR", "SAL"])
def test_a_coarse_copy_lies_where_the_image_does(axes: str) -> None:
    views = [View(voxel=(3, 4, 5), axes=x, oblique=11, shear=0.1) for x in ("RAS", axes)]
    copies = [shrink(h.values, h.affine, 6) for h in (make(Pose(noise=0), v) for v in views)]
    assert copies[0].values.shape == copies[1].values.shape
    np.testing.assert_allclose(copies[0].origin, copies[1].origin, atol=1e-6)
    np.testing.assert_allclose(copies[0].values, copies[1].values, atol=1e-4)
    assert np.linalg.det(copies[1].frame) == pytest.approx(1)


def test_starts_hold_one_that_is_near(upright: Head) -> None:
    ways = starts(shrink(upright.values, upright.affine, 4))
    apart = [np.abs(way[:3, 3]).max() for way in ways if np.allclose(way[:3, :3], np.eye(3))]
    assert min(apart) < 25
    assert starts(shrink(np.zeros((9, 9, 9), np.float32), np.eye(4), 4)) == []
