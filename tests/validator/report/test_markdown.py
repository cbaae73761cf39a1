from __future__ import annotations

import io
from typing import Any

import pytest

from spinegate.validator.finding import Finding, Origin, Scope, Severity, Status
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


def _written(*findings: Finding, base: str = "", limit: int = 1_000_000, **more: Any) -> str:
    stream = io.StringIO()
    header = Header("d", ORIGIN, base=base)
    write_markdown(make_report(header, findings, **more), stream, limit)
    return stream.getvalue()


def _finding(code: str = "A", severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    return Finding(code, severity, "f", "bad", ORIGIN, Scope.FILE, **more)


@pytest.mark.parametrize(
    ("levels", "base", "title"),
    [
        ((Severity.ERROR, Severity.ERROR), "main", "## ✗ 2 new errors: d"),
        ((Severity.WARNING,), "main", "## ✓ no new error, 1 new warning: d"),
        ((), "main", "## ✓ nothing new: d"),
        ((Severity.ERROR,), "", "## ✗ 1 error: d"),
        ((Severity.WARNING,), "", "## ✓ no error, 1 warning: d"),
        ((), "", "## ✓ no error, no warning: d"),
    ],
)
def test_heading_is_the_verdict(levels: tuple[Severity, ...], base: str, title: str) -> None:
    found = [_finding(severity=level, status=Status.NEW) for level in levels]
    assert _written(*found, base=base).splitlines()[0] == title


def test_old_findings_are_not_among_the_new() -> None:
    text = _written(_finding("OLD_ONE", status=Status.OLD), base="main")
    table, _, folded = text.partition("<details>")
    assert "OLD" not in table
    assert "<summary>1 finding there before: not counted (1 error, 0 warnings)</summary>" in folded


@pytest.mark.parametrize("command", ["git push", "```", "a ````` b", "~~~", "</details> @x #1"])
def test_no_command_ends_its_fence(command: str) -> None:
    lines = _written(_finding(command=command)).splitlines()
    at = lines.index(command)
    fence = lines[at - 1].removesuffix("sh")
    assert lines[at + 1] == fence
    assert set(fence) == {"`"}
    assert fence not in command


def test_command_that_cannot_be_shown_is_left_out() -> None:
    text = _written(_finding(command="rm 'a\u202eb'"), _finding(command="git push"))
    assert "rm" not in text
    assert "… and 1 more command\n" in text


@pytest.mark.parametrize("limit", [300, 2000, 65_000])
def test_comment_stays_below_its_limit(limit: int) -> None:
    long: Any = {"command": "`é" * 3000, "message": "x"}
    rest = [_finding(f"C{n}", status=Status.OLD) for n in range(500)]
    gone = [_finding(f"é{n}" * 300, status=Status.FIXED) for n in range(500)]
    waived = [
        _finding(severity=Severity.IGNORE, policy={"reason": "é" * 9999, "by": str(n)})
        for n in range(100)
    ]
    found = [Finding(f"R{n}", Severity.ERROR, "f", origin=ORIGIN, scope=Scope.FILE, **long)
             for n in range(99)]  # fmt: skip
    text = _written(*found, *rest, *waived, base="é" * 9999, limit=limit, fixed=gone)
    assert len(text.encode()) <= limit
    assert text.count("<details") == text.count("</details>")
    assert "parts did not fit" in text
