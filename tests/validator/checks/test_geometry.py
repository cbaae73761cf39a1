"""Corners of images, and positions where there are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from spinegate.validator.checks.geometry import apart, check, corners
from spinegate.validator.finding import Outcome
from tests.strategies import JSON_VALUES

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
KEY = "ImagePositionPatientDICOM"
IDENTITY = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 5, -10]]


def test_corners_are_the_centres_of_the_outermost_voxels() -> None:
    found = corners({"affine": IDENTITY, "shape": [3, 2, 4, 7]})
    assert found is not None
    assert found[0] == [0, 0, -10]
    assert found[-1] == [2, 1, 5]
    assert len(found) == 8


@pytest.mark.parametrize(
    "header", [{"affine": None, "shape": [2, 2, 2]}, {"affine": IDENTITY, "shape": [2, 2]}]
)
def test_without_an_affine_or_a_third_axis_there_are_none(header: dict[str, Any]) -> None:
    assert corners(header) is None


def test_apart_is_the_longest_way() -> None:
    assert apart([[0, 0, 0], [0, 0, 0]], [[0, 0, 1], [0, 3, 4]]) == 5


@pytest.mark.parametrize(("shift", "outcome"), [(0.4, Outcome.MET), (0.6, Outcome.NOT_MET)])
def test_first_slices_stand_in_for_headers(exam: Any, shift: float, outcome: Outcome) -> None:
    (verdict,) = check(exam({"*": {KEY: [1, 2, 3]}, "GRE-T1w": {KEY: [1, 2, 3 + shift]}}))
    assert verdict.outcome is outcome
    if outcome is Outcome.NOT_MET:
        assert verdict.concerns == ("mtsat", "t1")


def test_without_headers_and_positions_it_is_not_determinable(exam: Any) -> None:
    (verdict,) = check(exam({"MTon": {KEY: [1, 2, 3]}}))
    assert verdict.outcome is Outcome.NOT_DETERMINABLE


@LENIENT
@given(JSON_VALUES, JSON_VALUES)
def test_any_value_is_survived(exam: Any, one: Any, other: Any) -> None:
    assert len(list(check(exam({"*": {KEY: one}, "MToff": {KEY: other}})))) == 1
