from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from spinegate.validator.recorded import recorded
from tests.strategies import JSON_VALUES


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (2.5, 2.5),
        ("text", "text"),
        ((1, (2, 3)), [1, [2, 3]]),
        ({1: "a"}, {"1": "a"}),
        (float("inf"), "inf"),
        (2**64, "0x10000000000000000"),
        ("\udc80", "\\udc80"),
    ],
)
def test_plain_values(observed: Any, expected: Any) -> None:
    assert recorded(observed) == expected


def test_large_and_deep_values_are_told_by_a_hash() -> None:
    assert recorded("x" * 5000).startswith("sha256:")
    assert recorded(["x" * 600, "y" * 600]) != recorded(["x" * 600, "z" * 600])
    deep: Any = []
    for _ in range(50):
        deep = [deep]
    assert recorded(deep) != recorded([deep, 1])
    assert len(json.dumps(recorded(deep))) < 1000


@given(JSON_VALUES)
def test_every_value_can_be_written_and_stays_the_same(value: Any) -> None:
    once = recorded(value)
    assert len(json.dumps(once)) < 8000
    assert recorded(once) == once
    assert json.loads(json.dumps(once)) == once
