"""YAML entries become parameters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.parameter import Place
from spinegate.protocol_specs.tolerance import Side, number_text
from spinegate.protocol_specs.values import as_fraction, build_parameter

DEFAULT = {"unit": "s", "relative": "5 %", "level": "warning"}


def test_a_bare_target_takes_the_defaults() -> None:
    parameter = build_parameter("EchoTime", 0.12, DEFAULT, "P")
    assert (parameter.target, parameter.relative, parameter.unit) == (0.12, 0.05, "s")
    assert (parameter.source, parameter.level) == ("P", "warning")


def test_an_own_tolerance_replaces_the_general_one_whole() -> None:
    parameter = build_parameter("EchoTime", {"target": 0.12, "absolute": 0.001}, DEFAULT)
    assert (parameter.absolute, parameter.relative) == (0.001, 0)


@pytest.mark.parametrize(
    ("key", "side"),
    [("target", Side.BOTH), ("at_least", Side.AT_LEAST), ("at_most", Side.AT_MOST)],
)
def test_three_ways_to_give_the_target(key: str, side: Side) -> None:
    parameter = build_parameter("EchoTime", {key: 0.12}, {})
    assert parameter.target == 0.12
    assert parameter.tolerance.side is side


def test_lists_and_the_rest() -> None:
    entry = {"list": [0.1, 0.2], "where": "header", "source": "D", "text": 5, "level": "error"}
    parameter = build_parameter("VoxelSize", entry, DEFAULT, "P", "warning")
    assert parameter.values == (0.1, 0.2)
    assert parameter.where is Place.HEADER
    assert (parameter.source, parameter.text, parameter.level) == ("D", "5", "error")


def test_a_list_as_target_is_a_vector() -> None:
    assert build_parameter("VoxelSize", {"target": [1, 1, 1]}, {}).target == (1, 1, 1)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"target": 1, "at_least": 2}, "only one of target, at_least"),
        ({"at_least": "x"}, "at_least needs a number"),
        ({"minimum": 2, "maximum": 1}, "minimum 2 lies above maximum 1"),
        ({"target": "abc", "unit": "s"}, "'abc' is a text where a number belongs"),
        ({"target": "abc", "relative": "5 %"}, "'abc' is a text where a number belongs"),
        ({"target": [1, "2"], "absolute": 1}, "'2' is a text where a number belongs"),
        ({"list": [1, "b"], "minimum": 1}, "'b' is a text where a number belongs"),
        ({"target": 1, "absolute": -1}, "can't be negative"),
        ({"pattern": "("}, "not a regular expression"),
        ({"target": 1, "relative": "much"}, "not a number or a percentage"),
    ],
)
def test_contradictions_are_named(entry: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_parameter("X", entry, {})


@given(st.floats(0, 100).map(lambda share: float(f"{share:.6g}")))
def test_percentages_are_read_as_they_are_written(share: float) -> None:
    if "e" not in number_text(share):
        assert as_fraction(f"{number_text(share)} %") == pytest.approx(share / 100)
    assert as_fraction(share) == share
