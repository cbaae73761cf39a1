"""Neither an arbitrary text nor an arbitrary context makes anything but the foreseen happen."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.rules.language import Check, Context, Expression, Selector
from spinegate.rules.language.table import FUNCTIONS, WORDS
from spinegate.rules.outcome import Outcome
from spinegate.system.errors import ConfigError

OPERATORS = ("&&", "||", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "**")
BRACKETS = ("[", "]", "(", ")", "{", "}", ",", ".", "!")
VALUES = ("sidecar.A", "sidecar.B", "spec.A", "suffix", "null", "true", "1", "-2", "1e9", "'MT'")
CALLS = tuple(f"{name}(" for name in FUNCTIONS)

words = st.sampled_from((*OPERATORS, *BRACKETS, *VALUES, *CALLS))
texts = st.one_of(st.text(max_size=60), st.lists(words, max_size=25).map(" ".join))

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just(10**400)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=7), st.dictionaries(st.sampled_from("AB"), inner)
    ),
    max_leaves=12,
)
operand = st.sampled_from(["sidecar.A", "sidecar.B", "spec.A", "null", "1", '"MT"', "[1, null]"])
binary = st.sampled_from(OPERATORS)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    def call(name: str) -> str:
        if name in WORDS:
            return f"{name}({draw(operand)}, '{draw(st.sampled_from(WORDS[name]))}')"
        count = draw(st.integers(FUNCTIONS[name].least, min(FUNCTIONS[name].most, 3)))
        return f"{name}({', '.join(draw(operand) for _ in range(count))})"

    left = draw(st.one_of(operand, st.sampled_from(sorted(FUNCTIONS)).map(call)))
    place = draw(st.sampled_from(["", "[0]", "[1]", "[-1]", ".A", "[sidecar.B]"]))
    return f"({left}){place} {draw(binary)} {draw(operand)}"


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_text_is_an_expression_or_a_config_error(text: str) -> None:
    for make in (Expression.of, Check.of, Selector.of):
        with suppress(ConfigError):
            make(text)


@settings(max_examples=500, deadline=None)
@given(expressions(), st.dictionaries(st.sampled_from(["sidecar", "spec", "suffix"]), values))
def test_any_context_gives_an_outcome(source: str, names: dict[str, Any]) -> None:
    context = Context(names)
    Expression.of(source).evaluate(context)
    assert Check.of(source).evaluate(context) in Outcome
    assert Selector.of(source).applies(context) in (True, False)


@settings(deadline=None)
@given(st.sampled_from(["T1w", "T2w", "dwi"]), st.sampled_from(["raw", "derivative"]))
def test_dispatch_never_hides_a_match(suffix: str, stage: str) -> None:
    context = Context(suffix=suffix, stage=stage)
    for source in (
        "suffix == 'T1w' || stage == 'raw' && suffix in ['T2w', 'dwi']",
        "!(suffix == 'T1w') && (stage == 'raw' || stage == 'derivative')",
        "(suffix == 'dwi' && stage == 'raw') || (suffix == 'dwi' && stage == 'derivative')",
    ):
        selector = Selector.of(source)
        if selector.applies(context):
            for key, allowed in selector.dispatch.items():
                assert context[key] in allowed
