"""What a reader of the page sees and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

TABS = ("sites", "findings", "plots", "rules")


def cell(page: Page, words: str) -> str:
    return page.locator(f'button.cell[title^="{words}"]').inner_text().strip()


def count(page: Page) -> str:
    return page.locator("#count").inner_text()


def shown(page: Page) -> list[str]:
    return page.locator("details.finding > summary").all_inner_texts()


def choose(page: Page, field: str, value: str) -> None:
    """Set a filter and wait until the page has followed."""
    entry = page.locator(f"#f-{field}")
    if field in {"q", "participant"}:
        entry.fill(value)
    else:
        entry.select_option(value)
    wait(page, field, value)


def wait(page: Page, field: str, value: str) -> None:
    there = "([key, text]) => new URLSearchParams(location.hash.slice(1)).get(key) === text"
    page.wait_for_function(there, arg=[field, value])
