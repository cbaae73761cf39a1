from __future__ import annotations

import io

import pytest

from spinegate.validator.finding import Finding, Origin, Scope, Severity
from spinegate.validator.report.markdown import escape, write_markdown
from spinegate.validator.result import Header, make_report

ORIGIN = Origin("spinegate", "1")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b*c", r"a\_b\*c"),
        ("<script>&amp;", "&lt;script>&amp;amp;"),
        ("[x](y) `z` | ~", r"\[x\](y) \`z\` \| \~"),
        ("@someone", "@\u2060someone"),
        ("me@x.org #12 GH-3", "me@\u2060x.org #\u206012 GH-\u20603"),
        ("https://x.org www.x.org", "https:\u2060//x.org www\u2060.x.org"),
        ("# a", "\u2060# a"),
        ("- a", "\u2060- a"),
        ("12. a", "\u206012. a"),
        ("1.5 s", "1.5 s"),
        ("---", "\u2060---"),
        ("> a", "\u2060> a"),
        ("a\n\nb", r"a\\n\\nb"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_summary_stays_below_githubs_limit() -> None:
    found = [
        Finding(f"R{n:04}", Severity.ERROR, f"f{n}", "é" * 5000, ORIGIN, Scope.FILE)
        for n in range(2000)
    ]
    stream = io.StringIO()
    write_markdown(make_report(Header("d", ORIGIN), found), stream)
    text = stream.getvalue()
    assert 900_000 < len(text.encode()) < 2**20
    assert text.count("<details") == text.count("</details>") > 50
    assert text.endswith(" more parts did not fit; the json report has them all.\n")


def test_long_group_is_cut_and_counted() -> None:
    found = [
        Finding("A", Severity.ERROR, f"f{n}", f"{n}, {n}", ORIGIN, Scope.FILE, site=f"s{n}")
        for n in range(60)
    ]
    stream = io.StringIO()
    write_markdown(make_report(Header("d", ORIGIN), found), stream)
    assert "- … and 35 more\n" in stream.getvalue()
