"""Checks, selectors and their outcomes."""

from __future__ import annotations

from typing import Any

import pytest

from spinegate.rules.language import Check, Context, Expression, Selector
from spinegate.rules.language.parser import MAX_TOKENS
from spinegate.rules.outcome import Outcome
from spinegate.system.errors import ConfigError

MET, NOT_MET, UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_DETERMINABLE


class Target:
    """What a parameter of a protocol looks like from here."""

    def __init__(self, value: float) -> None:
        self.value = value

    def accepts(self, observed: Any) -> bool:
        return abs(float(observed) - self.value) < 0.1

    def get(self, key: str) -> Any:
        return getattr(self, key, None)


@pytest.mark.parametrize(
    ("source", "sidecar", "outcome"),
    [
        ("sidecar.A > 1", {"A": 2}, MET),
        ("sidecar.A > 1", {"A": 1}, NOT_MET),
        ("sidecar.A > 1", {}, UNKNOWN),
        ("sidecar.A > 1", {"A": None}, UNKNOWN),
        ("sidecar.A > 1", {"A": "2"}, NOT_MET),
        # null among what is read decides, whatever the rest would say
        ("true || sidecar.A == 1", {}, UNKNOWN),
        ("!sidecar.A", {}, UNKNOWN),
        ("sidecar.A == sidecar.B", {"A": 1}, UNKNOWN),
        # but not what is tested for null
        ("sidecar.A == null", {}, MET),
        ("null != sidecar.A", {}, NOT_MET),
        ("sidecar.A == null || sidecar.A > 1", {}, MET),
        ('"A" in sidecar', {}, NOT_MET),
        ('"A" in sidecar && sidecar.A > 1', {}, NOT_MET),
        ('"A" in sidecar', {"A": 0}, MET),
        ('type(sidecar.A) == "number"', {}, NOT_MET),
        ("first(sidecar.A, sidecar.B) == 2", {"B": 2}, MET),
        ("contains(first(sidecar.A, sidecar.B), 'x')", {}, UNKNOWN),
        ("sidecar.A == null && sidecar.B > 1", {}, UNKNOWN),
        ('sidecar["A"] == 1', {"A": 1}, MET),
        ("sidecar.A[0] == 1", {"A": [1]}, MET),
        ("sidecar.A[3] == 1", {"A": [1]}, NOT_MET),
    ],
)
def test_outcome(source: str, sidecar: dict[str, Any], outcome: Outcome) -> None:
    assert Check.of(source).evaluate(Context(sidecar=sidecar)) is outcome


def test_a_missing_object_is_not_determinable() -> None:
    assert Check.of('"A" in sidecar').evaluate(Context()) is UNKNOWN
    assert Check.of("nifti_header.shape[3] == 6").evaluate(Context()) is UNKNOWN


def test_reads_and_tested() -> None:
    check = Check.of('same(series.sidecar.A) || "B" in sidecar && sidecar.C[spec.D] != null')
    assert check.reads == {
        ("series", "sidecar", "A"),
        ("sidecar",),
        ("sidecar", "C"),
        ("spec", "D"),
    }
    assert check.tested == {("sidecar", "B")}


def test_within_asks_the_parameter() -> None:
    check = Check.of("within(sidecar.A, spec.A)")
    context = Context(sidecar={"A": 2.05}, spec={"A": Target(2)})
    assert check.evaluate(context) is MET
    assert check.evaluate(Context(context, sidecar={"A": 3})) is NOT_MET
    assert check.evaluate(Context(context, sidecar={})) is UNKNOWN
    assert Expression.of("spec.A.value").evaluate(context) == 2
    assert Expression.of("spec.A.other").evaluate(context) is None


def test_lazy_context_is_asked_only_for_what_is_read() -> None:
    asked: list[str] = []

    class Lazy(Context):
        def __missing__(self, key: str) -> Any:
            asked.append(key)
            return {"shape": [1]}

    assert (
        Check.of("suffix == 'T1w' && nifti_header.shape[0] == 1").evaluate(Lazy(suffix="T1w"))
        is MET
    )
    assert asked == ["nifti_header"]


def test_exists_asks_the_context() -> None:
    class Tree(Context):
        def exists(self, path: str, rule: str) -> bool:
            return (path, rule) == ("README", "dataset")

    exists = Expression.of('exists(["README", "CHANGES"], "dataset")')
    assert exists.evaluate(Tree()) == 1
    assert exists.evaluate(Context()) == 0


def test_selector_is_true_only_where_all_are() -> None:
    selector = Selector.of("suffix == 'T1w'", "sidecar.A > 1")
    assert selector.applies(Context(suffix="T1w", sidecar={"A": 2})) is True
    assert selector.applies(Context(suffix="T1w", sidecar={})) is False
    assert selector.applies(Context(suffix="T2w", sidecar={"A": 2})) is False
    assert Selector.of().applies(Context()) is True


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["suffix == 'T1w'"], {"suffix": {"T1w"}}),
        (["'T1w' == suffix"], {"suffix": {"T1w"}}),
        (["contrast in ['MTon', 'MToff']"], {"contrast": {"MTon", "MToff"}}),
        (["suffix == 'a' || suffix == 'b'"], {"suffix": {"a", "b"}}),
        (["suffix == 'a' || stage == 'raw'"], {}),
        (["suffix == 'a' || suffix == 'b' && stage == 'raw'"], {"suffix": {"a", "b"}}),
        (["suffix in ['a', 'b']", "suffix in ['b', 'c']"], {"suffix": {"b"}}),
        (["suffix == 'a' && stage == 'raw'"], {"suffix": {"a"}, "stage": {"raw"}}),
        (["!(suffix == 'a')", "suffix != 'b'", "match(suffix, 'T')"], {}),
        (["suffix in [contrast]", "suffix == null", "suffix in [1]"], {}),
        (["site == 'amu'"], {}),
    ],
)
def test_dispatch(sources: list[str], expected: dict[str, set[str]]) -> None:
    assert Selector.of(*sources).dispatch == expected


def test_the_longest_expressions_compile() -> None:
    chain = "+".join(["1"] * (MAX_TOKENS // 2))
    assert Expression.of(chain).evaluate(Context()) == MAX_TOKENS // 2
    assert Check.of("sidecar" + ".a" * (MAX_TOKENS // 2 - 1)).evaluate(Context()) is UNKNOWN


def test_nothing_of_python_can_be_reached() -> None:
    for source in ("__builtins__", "c", "UNKNOWN", "f_match"):
        assert Expression.of(source).evaluate(Context()) is None
    assert Expression.of("path.__class__").evaluate(Context(path="x")) is None


def test_a_constant_stands_for_itself() -> None:
    assert Expression.constant([1, 2]).evaluate(Context()) == [1, 2]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("wihtin(1, 2)", r"no function 'wihtin' \(column 1\); did you mean 'within'"),
        ("1 + same()", r"same\(\) takes 1 to 2 arguments, not 0 \(column 5\)"),
        ("length(1, 2)", r"length\(\) takes 1 arguments, not 2"),
        ("match(path, '(')", "not a pattern"),
        ("exists('a', 'datset')", "exists.. knows no 'datset'.*'dataset'"),
        ("sorted([], 'number')", "sorted.. knows no 'number'"),
    ],
)
def test_a_wrong_call_is_refused(source: str, message: str) -> None:
    for make in (Expression.of, Check.of, Selector.of):
        with pytest.raises(ConfigError, match=message):
            make(source)
