"""Where two affines put a volume's corners."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.checks.headers import corner_distance

SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=4)
NUMBERS = st.floats(-500, 500)
AFFINES = st.lists(st.lists(NUMBERS, min_size=4, max_size=4), min_size=3, max_size=3)
IDENTITY: list[list[float]] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]


@given(SIZES, AFFINES)
def test_an_affine_lies_where_it_lies(shape: list[int], affine: list[list[float]]) -> None:
    assert corner_distance(shape, affine, affine) == 0


@given(SIZES, AFFINES, AFFINES)
def test_it_is_symmetric(shape: list[int], a: list[list[float]], b: list[list[float]]) -> None:
    assert math.isclose(corner_distance(shape, a, b), corner_distance(shape, b, a))


@given(SIZES, st.tuples(NUMBERS, NUMBERS, NUMBERS))
def test_a_shift_moves_every_corner(shape: list[int], shift: tuple[float, ...]) -> None:
    moved: list[list[float]] = [
        [*row[:3], row[3] + step] for row, step in zip(IDENTITY, shift, strict=True)
    ]
    assert math.isclose(
        corner_distance(shape, IDENTITY, moved), math.hypot(*shift), rel_tol=1e-6, abs_tol=1e-9
    )


def test_a_small_angle_counts_by_how_far_it_moves_the_far_corner() -> None:
    turn = 0.001
    turned: list[list[float]] = [
        [math.cos(turn), -math.sin(turn), 0, 0],
        [math.sin(turn), math.cos(turn), 0, 0],
        [0, 0, 1, 0],
    ]
    assert corner_distance((11, 11, 5), IDENTITY, turned) < 0.1
    assert corner_distance((320, 320, 5), IDENTITY, turned) > 0.1
