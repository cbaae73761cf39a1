"""What was decided is not lost: in the browser, in files, in two windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from spinegate.curation.deface.case import Case
from spinegate.curation.deface.page import write_page
from tests.browser.deface.desk import (
    NO_PICKER,
    press,
    progress,
    said,
    saved,
    until_said,
    until_saved,
    what,
)
from tests.curation.deface.cases import case, some

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]

PICKER = """window.wrote = []; window.showSaveFilePicker = async (options) => {
  if (window.cancels) throw new DOMException("", "AbortError");
  window.asked = (window.asked || 0) + 1;
  return {name: "mine.tsv", createWritable: async () => {
    if (window.broken) throw new DOMException("", "NoModificationAllowedError");
    return {write: async (text) => window.wrote.push(text), close: async () => {}};
  }};
};"""


def test_reload_keeps_decisions_notes_and_name(opened: Opener, tmp_path: Path) -> None:
    page = opened(some(), name="Jane Doe")
    press(page, "3 j n")
    page.keyboard.type("a draft")
    page.reload()
    assert progress(page) == "1 of 4 decided, 1 change not saved in a file"
    assert page.locator("#name").input_value() == "Jane Doe"
    assert what(page) == "sub-a04"
    press(page, "j")
    assert page.locator("#note").input_value() == "a draft"
    assert b"sub-a03/anat/sub-a03_T1w.nii.gz\treject\tJane Doe\t" in saved(page, tmp_path)


def test_an_image_that_was_defaced_anew_is_undecided(opened: Opener, tmp_path: Path) -> None:
    page = opened([case(1), case(2)], name="Jane")
    press(page, "1 1")
    again = Case(case(1).path, case(1).result, case(9).views)
    write_page([again, case(2)], tmp_path / "deface.html", dataset="study")
    page.reload()
    assert progress(page).startswith("1 of 2 decided")
    assert what(page) == "sub-a01"


def test_leaving_with_unsaved_decisions_is_asked_about(opened: Opener, tmp_path: Path) -> None:
    page = opened(some(), name="Jane")
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.reload()
    assert asked == []
    press(page, "3")
    page.reload()
    assert asked == ["beforeunload"]
    saved(page, tmp_path)
    until_saved(page)
    press(page, "j")
    page.reload()
    assert asked == ["beforeunload"]


def test_former_decisions_are_taken_in(opened: Opener, tmp_path: Path) -> None:
    page = opened(some(), name="Jane")
    press(page, "3")
    former = tmp_path / "former.tsv"
    former.write_text(
        "\ufeffdecision\tpath\tby\tnote\tdate\r\n"
        "pass\tsub-a03/anat/sub-a03_T1w.nii.gz\tJoe\tno face\t2026-01-02\r\n"
        "Redo\tsub-a04/anat/sub-a04_T1w.nii.gz\tJoe\tn/a\t2026-01-02\r\n"
        "pass\tsub-a02/anat/sub-a02_T1w.nii.gz\tJoe\tn/a\t2026-01-02\r\n"
        "pass\tsub-a01/anat/sub-a01_T1w.nii.gz\t\t\t\r\n"
        "pass\tsub-zz/anat/sub-zz_T1w.nii.gz\tJoe\t\t2026-01-02\r\n",
        encoding="utf-8",
    )
    page.locator("#load").set_input_files(former)
    until_said(page, "taken in")
    assert said(page) == (
        "1 decision taken in; 1 image decided here already, left as they are; 2 rows without a "
        "decision, a name, or a note that is needed; 1 row of images that aren't on this page."
    )
    content = saved(page, tmp_path).decode()
    assert "sub-a04/anat/sub-a04_T1w.nii.gz\tredo\tJoe\t2026-01-02\t\t" in content
    assert "sub-a03/anat/sub-a03_T1w.nii.gz\treject\tJane\t" in content
    (tmp_path / "other.tsv").write_text("participant_id\tage\nsub-01\t3\n")
    page.locator("#load").set_input_files(tmp_path / "other.tsv")
    until_said(page, "no file")


def test_a_file_that_was_chosen_is_written_again(opened: Opener) -> None:
    page = opened(some(), name="Jane", script=PICKER)
    page.evaluate("window.cancels = true")
    press(page, "3 s")
    until_said(page, "no file was")
    assert "1 change not saved" in progress(page)
    page.evaluate("window.cancels = false")
    press(page, "s")
    page.wait_for_function("() => window.wrote.length === 1")
    press(page, "2 s")
    page.wait_for_function("() => window.wrote.length === 2")
    assert page.evaluate("window.asked") == 1
    assert page.evaluate("window.wrote[1]").count("\n") == 3
    until_said(page, "mine.tsv")
    page.evaluate("window.broken = true")
    press(page, "3")
    with page.expect_download() as waiting:
        page.keyboard.press("s")
    assert waiting.value.suggested_filename == "defacing.tsv"


def test_another_window_s_decisions_are_not_lost(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    other = page.context.new_page()
    other.goto(page.url)
    press(other, "3")
    page.wait_for_function(
        "() => document.getElementById('progress').textContent.startsWith('1 of 4')"
    )
    press(page, "j 2")
    page.reload()
    assert progress(page).startswith("2 of 4 decided")


def test_a_browser_that_keeps_nothing_says_so(opened: Opener) -> None:
    broken = f"{NO_PICKER}; Storage.prototype.setItem = () => {{ throw new Error('full'); }}"
    page = opened(some(), name="Jane", script=broken)
    press(page, "3")
    assert progress(page).startswith("1 of 4 decided")
    assert "keeps nothing" in page.locator("#warning").inner_text()


def test_a_decision_holds_for_what_was_looked_at(opened: Opener, tmp_path: Path) -> None:
    page = opened([case(1), case(2)], name="Jane")
    press(page, "1 1")
    saved(page, tmp_path)
    again = Case(case(1).path, case(1).result, case(9).views)
    other = opened([again, case(2)])
    other.locator("#load").set_input_files(tmp_path / "defacing.tsv")
    until_said(other, "taken in")
    assert said(other) == (
        "1 decision taken in; 1 row of images that were defaced anew since: look again."
    )
    assert what(other) == "sub-a01"
