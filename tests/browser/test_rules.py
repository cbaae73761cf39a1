"""The table of rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.pages import shown
from tests.browser.reports import small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_rules_tell_their_blind_spots(opened: Opener) -> None:
    page = opened(small(), "at=rules")
    rows = page.locator("#table tbody tr").all_inner_texts()
    assert len(rows) == 4
    assert "no RepetitionTime in the sidecar" in rows[0]
    assert "? 3" in rows[0]
    page.get_by_text("Repetition time", exact=True).click()
    assert len(shown(page)) == 5
