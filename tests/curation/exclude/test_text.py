"""exclude.yml is edited by one line, and every other character stays."""

from __future__ import annotations

from difflib import ndiff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.exclude.text import add_entry, remove_entry
from spinegate.system.errors import SpinegateError
from spinegate.validator.checks.exclusions import Exclusion, read_exclusions

TEXT = """\
# who is left out
csa_t1:
- sub-a01  # Motion artifact
  # of the line below
- "sub-a#2"   # a name in quotes

mtr:
- site1  # Used different TR
"""


def entry(metric: str, name: str, reason: str = "Motion") -> Exclusion:
    return Exclusion(metric, name, reason, 0)


def changed(old: str, new: str) -> list[str]:
    diff = ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return [line for line in diff if line[0] in "+-"]


def test_a_new_entry_stands_below_the_others_of_its_metric() -> None:
    new = add_entry(TEXT, entry("csa_t1", "sub-b01"))
    assert changed(TEXT, new) == ["+ - sub-b01  # Motion\n"]
    assert new.index("sub-b01") < new.index("mtr:")


def test_a_metric_of_its_own_is_added_at_the_end() -> None:
    assert changed(TEXT, add_entry(TEXT, entry("t1", "sub-b01"))) == [
        "+ t1:\n",
        "+ - sub-b01  # Motion\n",
    ]


@pytest.mark.parametrize("empty", ["t1:", "t1:  # nobody yet", "t1: []", "t1: null"])
def test_a_metric_without_entries_gets_its_first(empty: str) -> None:
    new = add_entry(f"{TEXT}{empty}\n", entry("t1", "sub-b01"))
    assert new.splitlines()[-1] == "- sub-b01  # Motion"
    assert ("# nobody yet" in new) == ("# nobody yet" in empty)


def test_indentation_line_ends_and_a_missing_one_are_kept() -> None:
    text = "mtr:\r\n  -  a01  # x\r\nt1:\r\n  -  a02  # y"
    new = add_entry(text, entry("mtr", "a03"))
    assert new == "mtr:\r\n  -  a01  # x\r\n  -  a03  # Motion\r\nt1:\r\n  -  a02  # y\r\n"


def test_an_empty_file_gets_metric_and_entry() -> None:
    assert add_entry("", entry("mtr", "a01")) == "mtr:\n- a01  # Motion\n"


@pytest.mark.parametrize("name", ["on", "12", "a: b", "x #y", "null", "-", "é"])
def test_names_that_yaml_would_read_as_something_else_stand_in_quotes(name: str) -> None:
    new = add_entry(TEXT, entry("mtr", name, "a # b"))
    found = read_exclusions(new.encode())[0][-1]
    assert (found.name, found.reason) == (name, "a # b")


def test_an_entry_is_taken_out_with_its_reason_only() -> None:
    assert changed(TEXT, remove_entry(TEXT, "csa_t1", "sub-a01")) == [
        "- - sub-a01  # Motion artifact\n"
    ]
    with pytest.raises(SpinegateError, match="doesn't leave sub-a01 out of mtr"):
        remove_entry(TEXT, "mtr", "sub-a01")


@pytest.mark.parametrize("text", ["mtr: [a01, a02]  # coil\n", "{mtr: [a01]}\n"])
def test_other_forms_are_refused_not_spoilt(text: str) -> None:
    with pytest.raises(SpinegateError, match="line of its own"):
        add_entry(text, entry("mtr", "a03"))
    with pytest.raises(SpinegateError, match="line of its own"):
        remove_entry(text, "mtr", "a01")


def test_what_is_broken_is_named() -> None:
    with pytest.raises(SpinegateError, match="line 1: mtr holds no list"):
        add_entry("mtr: a01\n", entry("mtr", "a03"))


names = st.from_regex(r"\A[A-Za-z][A-Za-z0-9]{0,6}\Z")
reasons = st.from_regex(r"\A[A-Za-z0-9#:'\" ,()-]{0,20}[a-z]\Z").map(str.strip)


@given(st.lists(st.tuples(names, names, reasons), unique_by=lambda e: e[:2], max_size=8))
def test_what_was_added_and_taken_out_leaves_the_text(
    entries: list[tuple[str, str, str]],
) -> None:
    text = TEXT
    for metric, name, reason in entries:
        text = add_entry(text, entry(f"m_{metric}", name, reason.lstrip("# ") or "x"))
    for metric, name, _ in reversed(entries):
        text = remove_entry(text, f"m_{metric}", name)
    kept = "".join(f"m_{metric}:\n" for metric in dict.fromkeys(e[0] for e in entries))
    assert text == TEXT + kept
