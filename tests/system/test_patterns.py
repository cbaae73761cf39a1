"""Patterns that end in time, whatever the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.language.functions import match
from spinegate.system.patterns import STEPS, compile_pattern

PIECES = st.sampled_from(
    ["a", "ab", ".", "[ab]", "(a|b)", "(a|aa)", "a*", "a+", "a?", "(a+)", "b{0,3}", "(?=a*b)", "$"]
)
AFTER = st.sampled_from(["", "", "*", "+", "?", "*?", "{2,9}", "*+"])


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "^(a|aa)+$",
        "(a?){40}a{40}",
        "a?" * 30 + "a" * 30,
        "(?=(a+)+b)a",
        "(?>(a+)+)b",
        "((a{0,9}){0,9}){0,9}b",
        ".*a.*b.*c.*d",
    ],
)
def test_what_could_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="for ever"):
        compile_pattern(pattern)
    assert match("a" * 50 + "!", pattern) is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\.nii(\.gz)?$", "sub-a_T1w.nii.gz"),
        ("^sub-[a-z]+[0-9]{2,}$", "sub-a01"),
        ("^(T1w|T2w)$", "T2w"),
        ("^(?:_[a-z]++)*+$", "_a_bc"),
        ("^.*TSE.*SPC", "t2_TSE_a_SPC"),
        ("(?i)gre|tse", "a TSE"),
        ("", ""),
    ],
)
def test_what_people_write_is_searched(pattern: str, text: str) -> None:
    assert match(text, pattern) is True
    assert match("?", pattern) is (pattern == "")


def test_a_text_that_is_too_long_for_a_pattern_is_not_determinable() -> None:
    longest = compile_pattern("a.*b").longest
    assert match("a" * longest, "a.*b") is False
    assert match("a" * (longest + 1), "a.*b") is None
    with pytest.raises(ValueError, match="longer than"):
        compile_pattern("a" * 2000)


@given(st.lists(st.tuples(PIECES, AFTER), max_size=8))
def test_an_allowed_pattern_ends_on_the_worst_of_texts(parts: list[tuple[str, str]]) -> None:
    pattern = "".join(f"(?:{piece}){after}" for piece, after in parts)
    try:
        allowed = compile_pattern(pattern)
    except ValueError:
        return
    text = "a" * min(allowed.longest - 1, STEPS // 10_000) + "!"
    assert allowed.found_in(text) is (re.search(pattern, text) is not None)
