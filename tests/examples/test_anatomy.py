from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.examples.participants import draw
from spinegate.examples.protocol import SIEMENS

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_point_is_found_again_from_its_own_coordinates(seed: int) -> None:
    anatomy = draw(SIEMENS, 0, 0, seed).anatomy
    rng = np.random.default_rng(seed)
    points = rng.uniform((-28, -36, -90), (28, 36, 90), (200, 3))
    frame = anatomy.frame(points)
    axes = anatomy.axes(frame.z)
    again = anatomy.centre(frame.z) + frame.u[:, None] * axes.right
    again += frame.v[:, None] * axes.anterior
    assert np.abs(again - points).max() < 1e-8


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_the_axes_are_orthonormal_and_follow_the_centreline(seed: int) -> None:
    anatomy = draw(SIEMENS, 0, 0, seed).anatomy
    z = np.linspace(-80, 80, 50)
    axes = anatomy.axes(z)
    frames = np.stack([axes.right, axes.anterior, axes.tangent], axis=1)
    products = np.einsum("nij,nkj->nik", frames, frames)
    assert np.abs(products - np.eye(3)).max() < 1e-12
    assert np.allclose(np.linalg.det(frames), 1)
    step = (anatomy.centre(z + 1e-4) - anatomy.centre(z - 1e-4)) / 2e-4
    assert np.allclose(step, axes.tangent * axes.speed[:, None], atol=1e-7)


def test_the_section_has_the_area_of_its_ellipse() -> None:
    anatomy = draw(SIEMENS, 0, 0, 0).anatomy
    z = np.linspace(-60, 60, 7)
    a, b = anatomy.semi_axes(z)
    assert np.allclose(np.pi * a * b, anatomy.section(z))
    assert np.allclose(a / b, anatomy.ratio)
    assert anatomy.section(np.array([anatomy.swelling_z]))[0] > anatomy.area


def test_the_tip_of_a_disc_is_the_front_of_the_canal_at_its_height() -> None:
    anatomy = draw(SIEMENS, 0, 0, 0).anatomy
    for number, height in enumerate(anatomy.discs, start=1):
        frame = anatomy.frame(anatomy.disc_tip(number)[None])
        assert np.allclose([frame.z[0], frame.u[0], frame.v[0]], [height, 0, anatomy.canal[1]])
    assert list(anatomy.discs) == sorted(anatomy.discs, reverse=True)
