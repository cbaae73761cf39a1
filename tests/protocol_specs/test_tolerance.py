"""Widths, sides, rounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.tolerance import (
    EXACT,
    Side,
    Tolerance,
    agrees,
    is_number,
    value_text,
)

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
WIDTHS = st.floats(0, 1e3, allow_nan=False)


@pytest.mark.parametrize(
    ("tolerance", "observed", "accepted"),
    [
        (EXACT, 5, True),
        (EXACT, 5.001, False),
        (Tolerance(relative=0.05), 4.75, True),
        (Tolerance(relative=0.05), 4.74, False),
        (Tolerance(relative=0.05), 5.26, False),
        (Tolerance(absolute=1), 4, True),
        (Tolerance(absolute=1), 6.01, False),
        (Tolerance(0.1, 0.05), 5.2, True),  # the wider one counts
        (Tolerance(side=Side.AT_LEAST), 900, True),
        (Tolerance(side=Side.AT_LEAST), 4.9, False),
        (Tolerance(relative=0.05, side=Side.AT_LEAST), 4.8, True),
        (Tolerance(side=Side.AT_MOST), 0.1, True),
        (Tolerance(side=Side.AT_MOST), 5.1, False),
    ],
)
def test_accepts_around_five(tolerance: Tolerance, observed: float, accepted: bool) -> None:
    assert tolerance.accepts(observed, 5) is accepted


def test_binary_rounding_is_no_deviation() -> None:
    assert 0.061 - 0.060 > 0.001
    assert Tolerance(absolute=0.001).accepts(0.061, 0.060)


def test_a_negative_target_has_a_positive_width() -> None:
    assert Tolerance(relative=0.1).accepts(-5.4, -5)


@given(NUMBERS, NUMBERS, WIDTHS, st.floats(0, 1), WIDTHS, st.floats(0, 1), st.sampled_from(Side))
def test_a_wider_tolerance_never_rejects_what_a_narrower_accepts(
    observed: float,
    target: float,
    absolute: float,
    relative: float,
    more_absolute: float,
    more_relative: float,
    side: Side,
) -> None:
    narrow = Tolerance(absolute, relative, side)
    wide = Tolerance(absolute + more_absolute, relative + more_relative, side)
    assert wide.accepts(observed, target) or not narrow.accepts(observed, target)


@given(NUMBERS, NUMBERS, WIDTHS)
def test_one_side_accepts_all_that_both_sides_do(
    observed: float, target: float, width: float
) -> None:
    if Tolerance(width).accepts(observed, target):
        for side in (Side.AT_LEAST, Side.AT_MOST):
            assert Tolerance(width, side=side).accepts(observed, target)


@pytest.mark.parametrize("value", [True, "5", None, [5], float("nan"), float("inf"), 10**400])
def test_what_is_no_number_to_compare(value: object) -> None:
    assert is_number(value) is False


@pytest.mark.parametrize(
    ("observed", "target", "answer"),
    [
        ((1.0, 2.0), (1, 2), True),
        ([1, 2.5], (1, 2), False),
        ([1, 2, 3], (1, 2), False),
        ([1, "x"], (1, 2), None),
        (1, (1, 2), None),
        (1, True, None),
        (True, True, True),
        (False, True, False),
        ("3D", "3D", True),
        ("2D", "3D", False),
        (3, "3D", None),
    ],
)
def test_agrees_by_kind_of_target(observed: object, target: object, answer: bool | None) -> None:
    assert agrees(observed, target, EXACT) is answer  # type: ignore[arg-type]


def test_values_are_written_for_people() -> None:
    assert value_text((0.5, 0.5, 5)) == "0.5 x 0.5 x 5"
    assert value_text(["a", "b"]) == "a, b"
    assert value_text(0.1 + 0.2) == "0.3"
    assert value_text(True) == "true"
