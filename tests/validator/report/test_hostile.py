"""Arbitrary dataset text in a report: no format crashes, none lets a control character through."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.validator.finding import Finding, Origin, Outcome, Remedy, Scope, Severity, Status
from spinegate.validator.report.formats import FORMATS
from spinegate.validator.report.layout import Page
from spinegate.validator.report.letter import write_letter
from spinegate.validator.report.load import load_jsonl
from spinegate.validator.report.text import render_text
from spinegate.validator.report.visible import columns
from spinegate.validator.result import (
    Header,
    Report,
    RuleCount,
    Tally,
    Value,
    VariantUse,
    make_report,
)

EVIL = st.sampled_from(
    [
        "\n",
        "\r\n::error::x",
        "\x1b[2J",
        "\u202e",
        "\ud800",
        "%0A",
        "</details>",
        "|",
        "`",
        ", ",
        "2 s",
    ]
)
ANY = st.lists(EVIL | st.text(st.characters(codec=None, exclude_categories=[])), max_size=3)
TEXT = ANY.map("".join)
SAFE = st.text(max_size=5)  # what JSON can hold
FEW = settings(max_examples=40, deadline=None)
COUNT = st.integers(0, 2**40)
KEYS = st.sampled_from(["severity", "reason", "by", "until", "issue", "source"])


def json_values(text: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    plain = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | text
    numbers = plain | st.floats(allow_nan=False, allow_infinity=False)
    lists = st.lists(numbers, max_size=3)
    return numbers | lists | st.dictionaries(text, lists, max_size=2)


def reports(text: st.SearchStrategy[str]) -> st.SearchStrategy[Report]:
    value = json_values(text)
    texts = st.lists(text, max_size=2).map(tuple)
    origin = st.builds(Origin, text, text, text, text)
    path = text | st.builds(
        "sub-{}0{}/anat/x_T2w.json".format, st.sampled_from("ab"), st.integers(1, 9)
    )
    finding = st.builds(
        Finding,
        code=text | st.just("A"),
        severity=st.sampled_from(Severity),
        location=path,
        message=text,
        origin=origin,
        scope=st.sampled_from(Scope),
        sub_code=text,
        observed=value,
        expected=value,
        suggestion=text,
        fix=st.none() | st.fixed_dictionaries({"op": st.just("rename"), "path": text, "to": text}),
        remedy=st.none() | st.sampled_from(Remedy),
        rule=text,
        affects=st.lists(path, max_size=2).map(tuple),
        line=st.none() | COUNT,
        site=text | st.just("site"),
        contrast=text,
        concerns=texts,
        status=st.sampled_from([None, Status.NEW, Status.OLD]),
        policy=st.none() | st.dictionaries(KEYS | text, text, max_size=3),
        command=text | path,
    )
    gone = finding.map(lambda found: replace(found, status=Status.FIXED))
    tally = st.builds(Tally, COUNT, COUNT, COUNT)
    breakdown = st.dictionaries(st.tuples(text, text), tally, max_size=3)
    reasons = st.dictionaries(text, COUNT, max_size=2)
    rule = st.builds(
        RuleCount, text, COUNT, COUNT, COUNT, texts, text, text, breakdown, reasons, text
    )
    outcome = st.sampled_from(Outcome)
    end = st.none() | st.floats(-1e9, 1e9)
    judged = st.builds(
        Value, path, text, value, value, text, outcome, text, text, text, text, end, end,
        st.booleans(),
    )  # fmt: skip
    options = st.dictionaries(text, value, max_size=2)
    return st.builds(
        make_report,
        st.builds(Header, text, origin, text, text, options, st.just("") | text),
        st.lists(finding, max_size=8),
        st.lists(rule, max_size=3),
        fixed=st.lists(gone, max_size=3),
        values=st.lists(judged, max_size=3),
        variants=st.lists(st.builds(VariantUse, text, text, text, text), max_size=3),
        sites=st.dictionaries(text, st.integers(0, 9), max_size=3),
        files=COUNT,
        scans=COUNT,
        seconds=st.floats(0, 1e6),
    )


def controls(text: str) -> set[str]:
    """Return what may act on a terminal; U+2060 is our own, in Markdown."""
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in bad} - {"\n", "\u2060"}


@FEW
@given(reports(TEXT), st.sampled_from([40, 80, 140]), st.sampled_from(["utf-8", "ascii"]))
def test_text_is_safe_and_fits(report: Report, width: int, encoding: str) -> None:
    text = render_text(report, Page(width, colour=False, encoding=encoding))
    assert not controls(text)
    text.encode(encoding)
    for line in text.split("\n"):
        assert columns(line) <= width or line.lstrip().startswith("type: ")
        assert line == line.rstrip(" ")


@FEW
@given(reports(TEXT))
def test_colours_are_the_only_difference(report: Report) -> None:
    coloured = render_text(report, Page(100, colour=True))
    assert re.sub(r"\x1b\[[0-9;]+m", "", coloured) == render_text(report, Page(100))


@pytest.mark.parametrize("name", ["json", "jsonl", "github", "markdown"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@FEW
@given(report=reports(TEXT))
def test_formats_are_safe(name: str, encoding: str, report: Report) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    FORMATS[name](report, stream)
    stream.seek(0)
    written = stream.read()
    if name in {"github", "markdown"}:  # JSON may hold them raw but for those below 0x20
        assert not controls(written)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", written)


@FEW
@given(reports(TEXT))
def test_every_line_of_workflow_commands_is_ours(report: Report) -> None:
    stream = io.StringIO()
    FORMATS["github"](report, stream)
    lines = stream.getvalue().splitlines()
    assert all(re.match(r"::(error|warning|notice) title=[^:]*::", line) for line in lines)


@FEW
@given(reports(TEXT))
def test_letters_are_safe(report: Report) -> None:
    for site in {*report.sites, *(finding.site for finding in report.findings)} - {""}:
        assert not controls(write_letter(report, site, site))


@FEW
@given(report=reports(SAFE))
def test_stream_round_trip(report: Report, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("stream") / "report.jsonl"
    assert load_jsonl(_saved(report, path)) == report


@FEW
@given(report=reports(TEXT))
def test_arbitrary_text_comes_back_as_what_json_can_hold(
    report: Report, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("stream") / "report.jsonl"
    once = load_jsonl(_saved(report, path))
    assert load_jsonl(_saved(once, path)) == once
    assert len(once.findings) == len(report.findings)


def _saved(report: Report, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        FORMATS["jsonl"](report, stream)
    return path
