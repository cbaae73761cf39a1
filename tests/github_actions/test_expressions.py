"""The evaluator of the fake runner: it must not be kinder than GitHub."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github_actions.expressions import Evaluator, UnknownError
from tests.github_actions.runner import read_commands, read_outputs

CONTEXT = {"inputs": {"a": "x", "none": ""}, "github": {"event": {"number": 7}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.a", "x"),
        ("inputs.none || 'python3'", "python3"),
        ("inputs.a == 'x' && 2 || 0", 2),
        ("inputs.a != 'x' && 2 || 0", 0),
        ("!(inputs.a == 'x')", False),
        ("contains(fromJSON('[\"x\"]'), inputs.a)", True),
        ("'it''s'", "it's"),
        ("github.event.number", 7),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert Evaluator(CONTEXT).value(text) == value


@pytest.mark.parametrize(
    "text", ["inputs.b", "matrix.os", "hashFiles('x')", "inputs.a ~ 1", "inputs.a inputs.a", "("]
)
def test_what_is_unknown_fails(text: str) -> None:
    with pytest.raises(UnknownError):
        Evaluator(CONTEXT).value(text)


@pytest.mark.parametrize(
    ("condition", "failed", "runs"),
    [
        (None, False, True),
        (None, True, False),
        ("inputs.a == 'x'", True, False),
        ("${{ always() }}", True, True),
        ("${{ !cancelled() && inputs.none != '' }}", False, False),
    ],
)
def test_conditions(condition: str | None, failed: bool, runs: bool) -> None:
    assert Evaluator(CONTEXT, failed=failed).holds(condition) is runs


def test_outputs() -> None:
    assert read_outputs("a=1\nb<<end\nx=2\ny\nend\n") == {"a": "1", "b": "x=2\ny"}


def test_commands() -> None:
    log = "a\n::stop-commands::t\n::error::no\n##[error]no\n::t::\n  ::error file=f::yes\nx ##[x]y"
    assert read_commands(log) == [("error", {"file": "f"}, "yes"), ("##[x]", {}, "y")]
