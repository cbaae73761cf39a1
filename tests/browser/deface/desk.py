"""What a person sees and does on the page of defaced images.

In the page's order the cases of `some` are: nothing removed (sub-a03), cord cut (04), doubtful
(02), face gone (01).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

NO_PICKER = "delete window.showSaveFilePicker"


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def said(page: Page) -> str:
    return page.locator("#said").inner_text()


def what(page: Page) -> str:
    return page.locator("#what").inner_text()[:7]


def progress(page: Page) -> str:
    return page.locator("#progress").inner_text()


def saved(page: Page, folder: Path) -> bytes:
    with page.expect_download() as waiting:
        page.keyboard.press("s")
    assert waiting.value.suggested_filename == "defacing.tsv"
    waiting.value.save_as(folder / "defacing.tsv")
    return (folder / "defacing.tsv").read_bytes()


def pass_with_note(page: Page, note: str) -> None:
    page.keyboard.press("1")
    page.keyboard.type(note)
    page.keyboard.press("Enter")


def until_saved(page: Page) -> None:
    there = "() => !document.getElementById('progress').textContent.includes('not saved')"
    page.wait_for_function(there)


def until_said(page: Page, words: str) -> None:
    there = "(words) => document.getElementById('said').textContent.includes(words)"
    page.wait_for_function(there, arg=words)
