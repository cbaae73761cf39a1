"""The page without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.pages import shown, wait
from tests.browser.reports import finding, small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_every_control_is_reached_by_tab(opened: Opener) -> None:
    page = opened(small(), "at=findings")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"f-q", "f-site", "f-participant", "f-contrast", "f-severity", "f-rule"} <= reached
    assert {"A", "SUMMARY"} <= reached


def test_slash_leads_to_the_search(opened: Opener) -> None:
    page = opened(small())
    page.keyboard.press("/")
    page.keyboard.type("mtstate")
    wait(page, "q", "mtstate")
    assert page.locator("#f-q").input_value() == "mtstate"
    page.locator("#tabs a", has_text="Findings").click()
    assert len(shown(page)) == 1


def test_keyboard_goes_on_where_it_was(opened: Opener) -> None:
    many = [finding(f"sub-x{n:02}", "T1w", site="x") for n in range(70)]
    page = opened(small(*many), "at=findings&site=x")
    within = "document.activeElement.closest('main, nav') !== null"
    page.get_by_text("Next →").first.focus()
    page.keyboard.press("Enter")
    assert "Page 2" in page.locator(".pager").first.inner_text()
    assert page.evaluate(within)
    page.locator("#tabs a").first.focus()
    page.keyboard.press("Enter")
    page.locator("#matrix").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Sites"
    assert "site=x" in page.url


def test_skip_link_keeps_the_filter(opened: Opener) -> None:
    page = opened(small(), "at=findings&site=amu")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.url.endswith("#at=findings&site=amu")
