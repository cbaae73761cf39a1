"""The standard's own cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from bidsschematools.schema import load_schema

from spinegate.rules.language import Context, Expression

CASES = load_schema().to_dict()["meta"]["expression_tests"]


@pytest.mark.parametrize("case", CASES, ids=[case["expression"] for case in CASES])
def test_golden_case(case: Mapping[str, Any]) -> None:
    value = Expression.of(case["expression"]).evaluate(Context(sidecar={}))
    expected = case["result"]
    assert value == expected
    assert type(value) is type(expected)


def test_there_are_cases() -> None:
    assert len(CASES) > 70
