"""Bounds of values: the same as in the rules that people read."""

from __future__ import annotations

import pytest
from hypothesis import given

from spinegate.rules.loader import load_rules
from spinegate.validator.units import BOUNDS, is_plausible
from tests.strategies import JSON_VALUES

RULES = {
    "EchoTime": "ECHO_TIME_NOT_IN_SECONDS",
    "RepetitionTime": "REPETITION_TIME_NOT_IN_SECONDS",
    "InversionTime": "INVERSION_TIME_NOT_IN_SECONDS",
    "FlipAngle": "FLIP_ANGLE_NOT_IN_DEGREES",
}


@pytest.mark.parametrize("key", BOUNDS)
def test_bounds_are_those_of_the_rules(key: str) -> None:
    (rule,) = (rule for rule in load_rules() if rule.code == RULES[key])
    low, high = BOUNDS[key]
    assert rule.checks[0].source == f"sidecar.{key} >= {low} && sidecar.{key} <= {high}"
    for edge in (low, high):
        assert is_plausible(key, edge)
    assert not is_plausible(key, high * 1.01)
    assert not is_plausible(key, low * 0.99)


def test_the_mt_series_is_short() -> None:
    assert is_plausible("RepetitionTime", 1.5, "T2w")
    assert not is_plausible("RepetitionTime", 1.5, "MTS")


def test_no_inversion_is_no_wrong_unit() -> None:
    assert is_plausible("InversionTime", 0)


@given(JSON_VALUES)
def test_anything_has_an_answer(value: object) -> None:
    assert all(isinstance(is_plausible(key, value), bool) for key in (*BOUNDS, "SAR"))
