from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.examples.butterfly import Butterfly

SHAPES = st.builds(
    Butterfly,
    offset=st.floats(0.31, 0.35),
    width=st.floats(0.14, 0.16),
    height=st.floats(0.50, 0.56),
    shear=st.floats(0, 0.18),
    bulge=st.floats(0, 0.35),
    bridge=st.floats(0.08, 0.11),
)


@settings(max_examples=20, deadline=None)
@given(SHAPES)
def test_the_share_is_the_area_of_the_points_inside(shape: Butterfly) -> None:
    edge = (np.arange(1200) + 0.5) / 600 - 1
    s, t = np.meshgrid(edge, edge)
    counted = shape.contains(s, t).mean() * 4 / np.pi
    assert abs(counted / shape.share() - 1) < 2e-3


@settings(max_examples=20, deadline=None)
@given(SHAPES)
def test_it_lies_within_the_cord_and_is_symmetric(shape: Butterfly) -> None:
    edge = (np.arange(200) + 0.5) / 100 - 1
    s, t = np.meshgrid(edge, edge)
    inside = shape.contains(s, t)
    assert (s[inside] ** 2 + t[inside] ** 2 < 1).all()
    assert (inside == inside[:, ::-1]).all()
