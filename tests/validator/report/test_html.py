from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.validator.finding import Finding, Origin, Outcome, Remedy, Scope, Severity, Status
from spinegate.validator.report.html import embedded, write_html
from spinegate.validator.report.html_data import page_data
from spinegate.validator.report.html_finding import told
from spinegate.validator.report.load import load_jsonl
from spinegate.validator.report.stream import write_jsonl
from spinegate.validator.result import Header, Report, RuleCount, Tally, Value, make_report

ORIGIN = Origin("spinegate", "1", "spine-generic", "2025")
EVIL = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "-->",
    "<!--data-->",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "\"'",
    "\u2028\u2029",
    "\n\x1b[2J\u202e",
    "\ud800",
    "__proto__",
]
TEXT = st.lists(st.sampled_from(EVIL) | st.text(max_size=3), max_size=3).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
COUNT = st.integers(0, 2**40)
FOUND = st.builds(
    Finding,
    code=TEXT,
    severity=st.sampled_from(Severity),
    location=TEXT,
    message=TEXT,
    origin=st.builds(Origin, TEXT, TEXT),
    scope=st.just(Scope.FILE),
    observed=JSON,
    expected=JSON,
    suggestion=TEXT,
    fix=st.none() | st.fixed_dictionaries({"op": TEXT, "path": TEXT, "key": TEXT, "value": JSON}),
    remedy=st.none() | st.sampled_from(Remedy),
    affects=st.lists(TEXT, max_size=3).map(tuple),
    line=st.none() | st.integers(0, 2**70),
    site=TEXT,
    contrast=TEXT,
    concerns=st.lists(TEXT, max_size=2).map(tuple),
    status=st.sampled_from([None, Status.NEW, Status.OLD]),
    policy=st.none() | st.fixed_dictionaries({"reason": TEXT, "by": TEXT, "until": TEXT}),
    command=TEXT,
)
GONE = FOUND.map(lambda found: replace(found, status=Status.FIXED))
RULE = st.builds(
    RuleCount,
    TEXT,
    COUNT,
    COUNT,
    COUNT,
    title=TEXT,
    why=TEXT,
    breakdown=st.dictionaries(st.tuples(TEXT, TEXT), st.builds(Tally, COUNT, COUNT, COUNT)),
    reasons=st.dictionaries(TEXT, COUNT, max_size=2),
    source=TEXT,
)
VALUE = st.builds(
    Value, TEXT, TEXT, JSON, JSON, TEXT, st.sampled_from(Outcome), TEXT, TEXT, TEXT, TEXT,
    st.none() | st.floats(), st.none() | st.floats(), st.booleans(),
)  # fmt: skip
REPORT = st.builds(
    make_report,
    st.builds(Header, TEXT, st.builds(Origin, TEXT, TEXT), TEXT, TEXT, base=st.just("") | TEXT),
    st.lists(FOUND, max_size=4),
    st.lists(RULE, max_size=2),
    fixed=st.lists(GONE, max_size=3),
    values=st.lists(VALUE, max_size=4),
    sites=st.dictionaries(TEXT, st.integers(0, 9), max_size=2),
)


class Page(HTMLParser):
    """What a browser makes of the page, as far as it matters: elements, scripts, policy."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[int, str] = {}
        self.closed = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.closed = False

    def handle_endtag(self, tag: str) -> None:
        self.closed = True

    def handle_data(self, data: str) -> None:
        at = len(self.tags) - 1
        if not self.closed:
            self.inside[at] = self.inside.get(at, "") + data

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [
            (attributes, self.inside.get(at, ""))
            for at, (name, attributes) in enumerate(self.tags)
            if name == tag
        ]

    @property
    def data(self) -> dict[str, Any]:
        (text,) = [text for attributes, text in self.all("script") if attributes.get("id")]
        value = json.loads(text)
        assert isinstance(value, dict)
        return value


def written(report: Report) -> str:
    stream = io.StringIO()
    write_html(report, stream)
    return stream.getvalue()


def finding(code: str = "A", location: str = "sub-01/a.json", **more: Any) -> Finding:
    values: dict[str, Any] = {"severity": Severity.ERROR, "message": "wrong", **more}
    return Finding(code, location=location, origin=ORIGIN, scope=Scope.FILE, **values)


def data_of(*findings: Finding, **more: Any) -> dict[str, Any]:
    return page_data(make_report(Header("d", ORIGIN), findings, **more))


@settings(max_examples=60, deadline=None)
@given(report=REPORT)
def test_whatever_a_dataset_says_the_page_has_the_same_elements(report: Report) -> None:
    text = written(report)
    assert text.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    page, plain = Page(text), Page(written(make_report(Header("d", ORIGIN), [])))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert len(page.data["findings"]) == len(report.findings) + len(report.fixed)
    for shown in json.dumps(page.data, ensure_ascii=False):
        assert shown.isprintable()


def test_only_the_pages_own_parts_may_run(report: Report) -> None:
    page = Page(written(report))
    (policy,) = [a["content"] for a, _ in page.all("meta") if a.get("http-equiv")]
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'"
    scripts = [text for attributes, text in page.all("script") if not attributes.get("id")]
    styles = [text for _, text in page.all("style")]
    assert len(scripts) == 6
    for name, texts in (("script-src", scripts), ("style-src", styles)):
        hashes = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in texts]
        assert rules[name].split() == [f"'sha256-{value}'" for value in hashes]


def test_page_loads_nothing(report: Report) -> None:
    page = Page(written(report))
    for tag, attributes in page.tags:
        assert not {"src", "srcset", "style", "onclick"} & set(attributes)
        assert tag not in {"link", "img", "iframe", "object", "base"}
        assert (attributes.get("href") or "#").startswith("#")
    scripts = [text for attributes, text in page.all("script") if not attributes.get("id")]
    code = "".join([*scripts, *(text for _, text in page.all("style"))])
    shown = code.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttp|innerHTML =|eval\(", shown)


def test_saved_report_gives_the_same_page(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        write_jsonl(report, stream)
    assert written(load_jsonl(path)) == written(report)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_encoding_can_say_it(report: Report, encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    write_html(report, stream)
    stream.seek(0)
    assert stream.read() == written(report)


def test_embedded_json_holds_no_markup() -> None:
    value = {"a": "</script><!--&\u2028\u2029é"}
    text = embedded(value)
    assert not set("<>&\u2028\u2029é") & set(text)
    assert json.loads(text) == value


def test_reader_without_scripts_sees_the_summary(report: Report) -> None:
    text = written(report)
    assert "<title>spine-generic</title>" in text
    assert '<p id="summary">14 errors, 27 warnings, 1 waived in 13 participants' in text


def test_findings_hold_what_a_reader_needs() -> None:
    rule = RuleCount("A", 1, 1, 0, ("mtr",), "Angle", "It matters.")
    item = finding(
        observed=8, expected="9 degree", suggestion="Write 9.", remedy=Remedy.EDIT, line=4,
        fix={"op": "set", "path": "a.json", "key": "FlipAngle", "value": 9},
    )  # fmt: skip
    data = data_of(item, rules=[rule])
    (shown,) = data["findings"]
    assert (shown["observed"], shown["expected"]) == ("8", "9 degree")
    assert (shown["advice"], shown["remedy"], shown["line"]) == ("Write 9.", "edit", 4)
    assert shown["fix"] == "set FlipAngle = 9 in a.json"
    assert shown["id"] == item.identity
    assert data["paths"][shown["at"]] == "sub-01/a.json"
    assert data["rules"][shown["rule"]]["why"] == "It matters."
    assert data["meta"]["standard"] == "spine-generic 2025"


def test_rules_name_their_source() -> None:
    rules = [RuleCount("A", source="BIDS 1.10, anatomy"), RuleCount("B")]
    data = data_of(finding("A"), rules=rules)
    assert [rule["source"] for rule in data["rules"]] == ["BIDS 1.10, anatomy", ""]


def test_errors_stand_before_warnings_and_the_waived_last() -> None:
    levels = (Severity.IGNORE, Severity.WARNING, Severity.ERROR)
    data = data_of(*(finding(level.value, severity=level) for level in levels))
    codes = [data["rules"][item["rule"]]["code"] for item in data["findings"]]
    assert codes == ["error", "warning", "ignore"]


def test_finding_of_several_contrasts_is_found_by_each() -> None:
    cells = {("amu", "MTon"): Tally(0, 3, 0), ("amu", "T2w"): Tally(3, 0, 0)}
    data = data_of(finding(site="amu"), rules=[RuleCount("A", breakdown=cells)])
    assert data["findings"][0]["among"] == ["MTon"]
    assert data["contrasts"] == ["MTon", "T2w", ""]


def test_long_lists_are_bounded_and_counted() -> None:
    data = data_of(finding(affects=tuple(f"f{n}" for n in range(500)), message="x" * 10_000))
    (shown,) = data["findings"]
    assert len(shown["affects"]) == 100
    assert shown["more"] == 400
    assert len(shown["text"]) == 2000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("a\nb", "a\\nb"),
        (True, "true"),
        (0.5, "0.5"),
        ([], "[]"),
        ([1, "a"], "1, a"),
        ([[1], 2], "[[1],2]"),
        ({"MTon": 1.5, "MToff": [1, 2]}, "MTon: 1.5; MToff: 1, 2"),
        ({}, "{}"),
    ],
)
def test_values_are_told_for_people(value: Any, text: str) -> None:
    assert told(value) == text
