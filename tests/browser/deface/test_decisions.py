"""Decisions by keyboard: signed, with a note where one is needed, undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spinegate.curation.deface.decisions import read_file
from spinegate.validator.checks.decisions import read_decisions
from spinegate.validator.table import parse_table
from tests.browser.deface.desk import (
    pass_with_note,
    press,
    progress,
    said,
    saved,
    until_saved,
    what,
)
from tests.curation.deface.cases import case, some

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_decisions_by_keyboard_are_saved_as_the_rule_reads_them(
    opened: Opener, tmp_path: Path
) -> None:
    page = opened(some(), name="Jane Doe")
    assert what(page) == "sub-a03"
    press(page, "3")
    assert what(page) == "sub-a04"
    press(page, "r")
    pass_with_note(page, "=1+1\tis all right")
    press(page, "p")
    assert progress(page) == "4 of 4 decided, 4 changes not saved in a file"
    assert "All images are decided" in said(page)
    content = saved(page, tmp_path)
    table = parse_table(content)
    assert table.faults == ()
    assert table.columns == ("path", "decision", "by", "date", "note", "result")
    rows = {row.path[:7]: (row.decision, row.by) for row in read_decisions(table)}
    assert rows == {
        "sub-a03": ("reject", "Jane Doe"), "sub-a04": ("redo", "Jane Doe"),
        "sub-a02": ("pass", "Jane Doe"), "sub-a01": ("pass", "Jane Doe"),
    }  # fmt: skip
    assert table.column("date") == [date.today().isoformat()] * 4
    assert table.column("note") == ["", "", "'=1+1 is all right", ""]
    identities = {one.path: one.identity for one in some()}
    assert table.column("result") == [identities[path] for path in table.column("path") or ()]
    read = read_file(tmp_path / "defacing.tsv")
    assert {path[:7]: item.note for path, item in read.items()} == {
        "sub-a01": "", "sub-a02": "=1+1 is all right", "sub-a03": "", "sub-a04": "",
    }  # fmt: skip
    until_saved(page)
    assert "--accept defacing.tsv" in said(page)


def test_nothing_is_decided_without_a_name(opened: Opener) -> None:
    page = opened(some())
    press(page, "1")
    assert "your name first" in said(page)
    assert page.evaluate("document.activeElement.id") == "name"
    page.keyboard.type("1pxr")  # letters for the name, no decisions
    page.keyboard.press("Enter")
    assert progress(page) == "0 of 4 decided"
    press(page, "x")
    assert progress(page).startswith("1 of 4 decided")


@pytest.mark.parametrize(("skips", "suggested"), [("", "no face in view"), ("j", ""), ("j j", "")])
def test_a_pass_against_the_test_needs_a_note(opened: Opener, skips: str, suggested: str) -> None:
    page = opened(some(), name="Jane")
    press(page, skips)
    here = what(page)
    press(page, "1")
    assert "Why is it all right" in said(page)
    assert page.evaluate("document.activeElement.id") == "note"
    assert page.locator("#note").input_value() == suggested
    page.locator("#note").fill("   ")
    press(page, "Enter")
    assert what(page) == here
    assert progress(page) == "0 of 4 decided"
    pass_with_note(page, "looked at all slices")
    assert progress(page).startswith("1 of 4 decided")
    assert what(page) != here


def test_a_pass_counts_no_more_when_its_note_is_taken_away(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    pass_with_note(page, "neck only")
    press(page, "k n Control+a Delete Escape")
    assert progress(page).startswith("0 of 4 decided")
    assert page.locator("#standing").inner_text() == "· undecided"


def test_escape_leaves_a_pass_undecided(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    press(page, "1 Escape")
    assert progress(page) == "0 of 4 decided"
    assert what(page) == "sub-a03"


def test_undo_takes_back_one_after_the_other(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    press(page, "3 2 k 3")
    assert progress(page).startswith("2 of 4 decided")
    press(page, "u")
    assert what(page) == "sub-a04"
    assert page.locator("#standing").inner_text().startswith("↻ to be redone by Jane")
    press(page, "u u")
    assert progress(page) == "0 of 4 decided"
    assert what(page) == "sub-a03"
    press(page, "u")
    assert said(page) == "There is nothing to undo."


def test_decisions_that_are_given_are_shown(opened: Opener) -> None:
    given = case(1, decision="pass", by="Joe", date="2026-01-02")
    page = opened([given, case(2)])
    assert progress(page) == "1 of 2 decided"
    assert what(page) == "sub-a02"
    press(page, "ArrowLeft")
    assert page.locator("#standing").inner_text() == "✓ passed by Joe, 2026-01-02"


def test_pictures_are_made_larger(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    press(page, "z")
    dialog = page.locator("#larger")
    assert dialog.locator("h2").inner_text().startswith("Skin, from the front")
    press(page, "1 z")
    assert dialog.locator("h2").inner_text().startswith("Skin, from the left")
    press(page, "Escape")
    assert progress(page) == "0 of 4 decided"
    page.get_by_label("Axial plane, after defacing: larger").click()
    assert dialog.locator("h2").inner_text().startswith("Axial")
    assert dialog.locator("img").evaluate_all("all => all.every((x) => x.naturalWidth === 20)")


def test_keys_are_told(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    press(page, "?")
    assert page.locator("#help").is_visible()
    press(page, "1 Escape")
    assert not page.locator("#help").is_visible()
    assert progress(page) == "0 of 4 decided"


def test_what_the_test_stumbled_upon_is_said(opened: Opener) -> None:
    page = opened(some())
    press(page, "j j")
    text = page.locator("#case").inner_text()
    assert "registration doubtful" in text
    assert "Agreement of two searches for the face: 0.61 (asked: at least 0.92)." in text
    assert page.locator("#numbers tr.failed").count() == 1
