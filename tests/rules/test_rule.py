from __future__ import annotations

from typing import Any

import pytest

from spinegate.rules.language import Check, Context
from spinegate.rules.outcome import Outcome
from spinegate.rules.rule import Rule, render
from spinegate.validator import finding


def rule(*checks: str) -> Rule:
    texts = {"code": "A", "group": "g", "scope": "scan", "level": "error", "message": "m"}
    return Rule(**texts, why="w", source="s", checks=tuple(map(Check.of, checks)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("checks", "outcome"),
    [
        (["1 == 1"], "met"),
        (["1 == 1", "1 == 2"], "not_met"),
        (["1 == 1", "path == 'x'"], "not_determinable"),
        # what fails for certain is not hidden by what can't be told
        (["path == 'x'", "1 == 2"], "not_met"),
        (["path == 'x'", "1 == 1"], "not_determinable"),
        ([], "met"),
    ],
)
def test_the_outcome_of_several_checks(checks: list[str], outcome: str) -> None:
    assert rule(*checks).evaluate(Context()) is Outcome(outcome)


def test_the_outcomes_are_those_of_findings() -> None:
    assert finding.Outcome is Outcome


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (2.0, "2"),
        (3, "3"),
        (True, "true"),
        (None, "n/a"),
        ("a {b}", "a {b}"),
        ([1, 2.5, None], "1, 2.5, n/a"),
        (["a", ["b"]], "a, b"),
    ],
)
def test_render(value: Any, text: str) -> None:
    assert render("is {observed}!", {"observed": value}) == f"is {text}!"


def test_render_knows_every_placeholder() -> None:
    assert render("{site} {contrast}", {}) == "n/a n/a"
