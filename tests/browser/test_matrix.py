"""The table of sites and contrasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.pages import cell, count, shown
from tests.browser.reports import small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_matrix_tells_the_outcomes_by_sign_and_number(opened: Opener) -> None:
    page = opened(small())
    assert cell(page, "amu, T2w") == "✗ 5"
    assert cell(page, "milan, T2w") == "✓"
    assert cell(page, "milan, MTon") == "▲ 1"
    assert cell(page, "ucl, T2w") == "? 2"
    assert page.locator("#matrix tbody tr").count() == 3
    title = page.locator('button.cell[title^="amu, T2w"]').get_attribute("title")
    assert title == ("amu, T2w: 5 checks not met, 0 met, 0 not determinable. 5 errors.")
    legend = page.locator("#legend").inner_text()
    for words in ("not met, with errors", "warnings only", "met", "could be determined"):
        assert words in legend


def test_waived_finding_is_no_alarm(opened: Opener) -> None:
    page = opened(small())
    assert page.locator("button.cell.error").count() == 1
    assert page.locator("button.cell.warning").count() == 1


def test_cell_opens_its_findings_and_back_returns(opened: Opener) -> None:
    page = opened(small())
    page.locator('button.cell[title^="amu, T2w"]').click()
    assert count(page).startswith("5 findings of 7: 5 errors")
    assert page.locator("#f-site").input_value() == "amu"
    page.go_back()
    assert page.locator("#matrix").is_visible()
    assert page.locator("#f-site").input_value() == ""


def test_finding_of_several_contrasts_is_found_in_each_cell(opened: Opener) -> None:
    page = opened(small())
    page.locator('button.cell[title^="milan, MTon"]').click()
    (text,) = shown(page)
    assert "MTState is missing" in text


def test_matrix_is_walked_by_keyboard(opened: Opener) -> None:
    page = opened(small())
    focusable = page.locator('button.cell[tabindex="0"]')
    assert focusable.count() == 1
    focusable.focus()
    names = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        names.append(page.evaluate("document.activeElement.title.split(':')[0]"))
    # A cell with nothing to check is stepped over; at the edge one stays.
    assert names == ["amu, T1w", "amu, T1w", "amu, T2w", "milan, T2w", "milan, MTon"]
    assert focusable.count() == 1
    page.keyboard.press("Enter")
    assert page.locator("#findings").is_visible()
