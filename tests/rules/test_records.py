from __future__ import annotations

import fnmatch
import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.records import (
    ANYTHING,
    KEYS,
    RECORDS,
    Patterns,
    Record,
    has_signs,
    read_about,
    read_records,
)
from spinegate.system.errors import ConfigError
from spinegate.system.yaml import parse_yaml

WORDS = st.text("ab/_.[]!-", max_size=12)
GLOBS = st.text("ab/*?[]!-^.", max_size=10)


def read(text: str, *, exact: bool = False, **defaults: Any) -> tuple[Record, ...]:
    return read_records(parse_yaml(text, "file.yml"), "r", exact=exact, defaults=defaults)


def test_a_record_says_what_it_matches_and_what_it_gives() -> None:
    text = """
r:
  - code: [A, "B*"]
    site: amu
    location: sub-*
    observed: {a: [1, 2.5, null, true]}
    severity: warning
    reason: because
    by: Jane
    issue: 12
    until: 2027-03-31
"""
    (record,) = read(text)
    assert record == Record(
        "warning",
        "because",
        code=("A", "B*"),
        site=("amu",),
        location=("sub-*",),
        observed={"a": [1, 2.5, None, True]},
        by="Jane",
        issue="12",
        until=date(2027, 3, 31),
        source="file.yml",
        line=3,
    )


def test_what_a_record_leaves_out() -> None:
    (loose,) = read("r: [{code: A, severity: ignore, reason: x}]")
    assert (loose.observed, loose.exact) == (ANYTHING, False)
    (exact,) = read("r: [{code: A, location: b, reason: x}]", exact=True)
    assert (exact.observed, exact.exact, exact.severity) == (None, True, "ignore")
    assert repr(ANYTHING) == "ANYTHING"


def test_defaults_and_a_null_that_takes_one_away() -> None:
    text = "r: [{code: A, location: b}, {code: A, location: c, by: null, until: null}]"
    one, two = read(text, exact=True, reason="x", by="Jane", until=date(2027, 1, 1))
    assert (one.reason, one.by, one.until) == ("x", "Jane", date(2027, 1, 1))
    assert (two.reason, two.by, two.until) == ("x", "", None)


def test_no_list_is_an_empty_one() -> None:
    assert read("r:") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("r: {}", "r: must be a list of records"),
        ("r: [x]", r"r\.0: a record is a mapping"),
        ("r: [{kode: A}]", r"r\.0\.kode: no such key; did you mean 'code'"),
        ("r: [{severity: ignore, reason: x}]", "says of nothing what it matches"),
        ("r: [{code: A, reason: x}]", "severity: one of error, warning, ignore"),
        ("r: [{code: A, reason: x, severity: [ignore]}]", "severity: one of"),
        ("r: [{code: A, severity: ignore}]", "needs a reason"),
        ("r: [{code: A, severity: ignore, reason: '  '}]", "needs a reason"),
        ("r: [{code: A, severity: ignore, reason: 1}]", r"reason: must be text"),
        ("r: [{code: A, severity: ignore, reason: x, issue: true}]", "issue: must be text"),
        ("r: [{code: 1, severity: ignore, reason: x}]", r"code: must be text"),
        ("r: [{code: [], severity: ignore, reason: x}]", r"code: names nothing"),
        ("r: [{code: null, severity: ignore, reason: x}]", r"code: must be text"),
        ("r: [{code: [[A]], severity: ignore, reason: x}]", r"code\.0: must be text"),
        ("r: [{code: A, severity: ignore, reason: x, until: soon}]", "until: must be a date"),
        ("r: [{code: A, severity: ignore, reason: x, until: 20270101}]", "until: must be text"),
        ("r: [{code: A, severity: ignore, reason: x, until: '20270101'}]", "must be a date"),
        ("r: [{code: A, severity: ignore, reason: x, until: 2027-02-30}]", "must be a date"),
        (f"r: [{{code: {'A' * 5000}, severity: ignore, reason: x}}]", "longer than 4,096"),
        (f"r: [{{code: A, severity: ignore, reason: {'x' * 5000}}}]", "longer than 4,000"),
    ],
)
def test_a_fault_is_named_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read(text)
    assert (caught.value.file, caught.value.line) == ("file.yml", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("r: [{location: A, reason: x}]", "code is missing"),
        ("r: [{code: A, reason: x}]", "location is missing"),
        ("r: [{code: [A, B], location: c, reason: x}]", "a baseline names one"),
    ],
)
def test_a_record_of_a_baseline_names_one_finding(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(text, exact=True)


def test_a_file_of_endless_records_is_refused() -> None:
    many = "r:\n" + "- {code: A, severity: ignore, reason: x}\n" * (RECORDS + 1)
    with pytest.raises(ConfigError, match="more than 2,000 records"):
        read(many)
    wide = "r:\n- {code: A, severity: ignore, reason: x, location: [" + "a," * 20_001 + "]}\n"
    with pytest.raises(ConfigError, match="more than 20,000 patterns"):
        read(wide)


def test_defaults_are_read_alone() -> None:
    document = parse_yaml("{reason: x, until: 2027-01-01}", "f")
    assert read_about(document, document.value) == {"reason": "x", "until": date(2027, 1, 1)}


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_value_is_a_record_or_a_fault(value: Any) -> None:
    for key in KEYS:
        entry = {"code": "A", "severity": "ignore", "reason": "x", key: value}
        with suppress(ConfigError):  # any other error is a fault of ours
            assert len(read(f"r: [{json.dumps(entry)}]")) == 1


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("A", "A", True),
        ("A", "a", False),
        ("A", "AB", False),
        ("A*", "AB", True),
        ("*/anat/*", "sub-1/anat/x.json", True),
        ("sub-*", "sub-1/anat/x.json", True),
        ("sub-?/x", "sub-1/x", True),
        ("sub-?/x", "sub-12/x", False),
        ("[ab]", "a", False),
        ("[ab]*", "[ab]c", True),
        ("a*a", "a", False),
        ("ab*ba", "aba", False),
        ("**", "", True),
        ("", "", True),
        ("", "a", False),
        ("*.nii*", "a.nii.gz", True),
    ],
)
def test_patterns(pattern: str, text: str, expected: bool) -> None:
    assert Patterns((pattern,)).match(text) is expected


def test_no_pattern_matches_everything_and_any_of_several_will_do() -> None:
    assert Patterns(()).match("x")
    assert Patterns(("a", "b*")).match("bc")
    assert not Patterns(("a", "b*")).match("c")
    assert Patterns(("a",)).literal
    assert not Patterns(("a", "b*")).literal


@given(GLOBS, WORDS)
def test_patterns_match_as_fnmatch_does_with_two_signs(pattern: str, text: str) -> None:
    known = pattern.replace("[", "[[]")
    assert Patterns((pattern,)).match(text) == fnmatch.fnmatchcase(text, known)


@given(WORDS)
def test_a_text_without_signs_is_itself(text: str) -> None:
    assert not has_signs(text)
    assert Patterns((text,)).match(text)


@pytest.mark.parametrize("sign", ["*a", "a*", "*?", "?*", "*a?"])
def test_no_pattern_takes_long(sign: str) -> None:
    # A search that goes back would never end.
    assert not Patterns((sign * 400 + "b",)).match("a" * 4000 + "c")


def test_a_record_holds_on_its_last_day() -> None:
    record = Record("ignore", "x", until=date(2026, 1, 1))
    assert not record.expired(date(2026, 1, 1))
    assert record.expired(date(2026, 1, 2))
    assert not Record("ignore", "x").expired(date.max)
