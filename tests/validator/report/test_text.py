from __future__ import annotations

import io
import os
from typing import Any

import pytest

from spinegate.validator.finding import Finding, Origin, Remedy, Scope, Severity, Status
from spinegate.validator.report.layout import Page, page_for
from spinegate.validator.report.text import render_text, write_text
from spinegate.validator.result import Header, Report, RuleCount, VariantUse, make_report

ORIGIN = Origin("spinegate", "1")


class Terminal(io.StringIO):
    """A stream that says it is a terminal of 93 columns."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 7


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((93, 20)))


def test_terminal_has_its_own_width_and_colours() -> None:
    assert page_for(Terminal()) == Page(93, True, "utf-8")


def test_file_has_neither(report: Report) -> None:
    assert page_for(io.StringIO()) == Page(100, False, "utf-8")
    stream = io.StringIO()
    write_text(report, stream)
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert not page_for(Terminal()).colour


@pytest.mark.parametrize(
    ("columns", "width"), [("70", 70), ("3", 40), ("100000", 140), ("x", 100), ("٣", 40)]
)
def test_columns_are_heeded(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert page_for(io.StringIO()).width == width


def test_terminal_that_does_not_know_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> Any:
        raise OSError

    monkeypatch.setattr(os, "get_terminal_size", fail)
    assert page_for(Terminal()).width == 100


def test_encoding_of_the_stream_is_heeded(report: Report) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    write_text(report, stream)
    stream.seek(0)
    assert "expected 1.5 s +- 5 %" in stream.read()


def _made(count: int, **more: Any) -> Report:
    found = [
        Finding(
            f"RULE_{n % 2}",
            Severity.ERROR,
            f"f{n:05}",
            f"{n} is, {n}",
            ORIGIN,
            Scope.FILE,
            site=f"site{n}",
        )
        for n in range(count)
    ]
    return make_report(Header("d", ORIGIN), found, **more)


def test_long_groups_are_cut_and_counted() -> None:
    text = render_text(_made(60))
    assert text.count("… and 20 findings more at 20 sites (--format json shows all)") == 2


def test_last_line_is_not_replaced_by_its_own_count() -> None:
    assert "more" not in render_text(_made(22))


def test_many_blind_rules_are_cut_and_counted() -> None:
    rules = [RuleCount(f"R{n:02}", 1, 0, n) for n in range(30)]
    text = render_text(_made(0, rules=rules))
    assert "R29: 29 of 30\n" in text
    assert "… and 13 more rules" in text
    assert "R01" not in text


def test_rules_blind_for_one_reason_stand_together() -> None:
    rules = [RuleCount(code, 0, 0, 9, reasons={"no content": 9}) for code in ("A", "B")]
    assert "  A, B: all, everywhere: no content\n" in render_text(_made(0, rules=rules))


def test_participants_without_a_variant_stand_first() -> None:
    uses = [VariantUse(f"sub-a0{n}", "a", "ge" if n else "", "") for n in range(5)]
    text = render_text(_made(0, variants=uses, sites={"a": 5}))
    assert "    1  no variant: sub-a00\n    4  ge: sub-a01-04\n" in text


def test_long_word_is_broken() -> None:
    report = make_report(Header("x" * 150, ORIGIN), [])
    assert max(map(len, render_text(report, Page(40)).splitlines())) == 40


def test_nothing_checked_is_not_praised_with_numbers() -> None:
    text = render_text(make_report(Header("d", ORIGIN), []), Page(80))
    assert text.splitlines()[-2:] == [
        "✓ No error, no warning.",
        "0 errors, 0 warnings in 0 files, 0 scans, 0.00 s",
    ]


def test_shared_reasons_and_long_advice_stand_once() -> None:
    advice = "Compare the exam card with the protocol, and correct it before the next exam. " * 2
    advice = advice.strip()
    found = [
        Finding(
            code,
            Severity.ERROR,
            "f",
            "bad",
            ORIGIN,
            Scope.FILE,
            remedy=Remedy.REACQUIRE,
            suggestion=advice,
        )
        for code in ("TE", "TR")
    ]
    rules = [
        RuleCount(code, concerns=(f"of {code}",), why="Sites differ.") for code in ("TE", "TR")
    ]
    text = render_text(make_report(Header("d", ORIGIN), found, rules), Page(140))
    assert text.count("Sites differ.") == 1
    assert text.count("Compare the exam card") == 2
    assert "    why: Puts in doubt: of TR.\n    do: reacquire: as for TE above\n" in text


def test_command_stands_on_a_line_of_its_own_uncut() -> None:
    command = f"git mv {'a' * 200} {'b' * 200}"
    found = Finding("A", Severity.ERROR, "f", "bad", ORIGIN, Scope.FILE, command=command)
    text = render_text(make_report(Header("d", ORIGIN), [found]), Page(60))
    assert f"\n    type: {command}\n" in text


def test_commands_stand_with_their_places() -> None:
    found = [
        Finding(
            "A",
            Severity.ERROR,
            f"f{n}",
            f"{n} is, {n}",
            ORIGIN,
            Scope.FILE,
            site="ab"[n > 0],
            command=f"git add f{n}",
        )
        for n in range(6)
    ]
    lines = render_text(make_report(Header("d", ORIGIN), found)).splitlines()
    at = lines.index("        type: git add f0")
    assert "f0" in lines[at - 1]
    assert sum("type: " in line for line in lines) > 1


def test_command_that_cannot_be_shown_is_not_shown_otherwise() -> None:
    found = Finding("A", Severity.ERROR, "f", "bad", ORIGIN, Scope.FILE, command="unlink 'é\x1b'")
    text = render_text(make_report(Header("d", ORIGIN), [found]))
    assert "unlink" not in text
    assert "… and 1 more command (--format json shows all)" in text
    plain = Finding("A", Severity.ERROR, "f", "bad", ORIGIN, Scope.FILE, command="unlink 'é'")
    ascii_page = Page(100, encoding="ascii")
    assert "unlink" not in render_text(make_report(Header("d", ORIGIN), [plain]), ascii_page)


def test_what_does_not_count_is_told_in_few_lines() -> None:
    found = [
        Finding(
            f"RULE_{n % 20:02}",
            Severity.WARNING,
            f"f{n}",
            "bad",
            ORIGIN,
            Scope.FILE,
            status=Status.OLD,
        )
        for n in range(2000)
    ]
    report = make_report(Header("d", ORIGIN, base="main"), found)
    lines = render_text(report, Page(80)).splitlines()
    assert len(lines) < 12
    assert lines[3].startswith("Already there before: 0 errors, 2,000 warnings (not counted): ")
    assert "and 12 more rules" in "".join(lines)
    assert lines[-2:] == [
        "0 new errors, 0 new warnings, 0 fixed, 2,000 old, 0 waived in 0 files, 0 scans,",
        "  0.00 s",
    ]
