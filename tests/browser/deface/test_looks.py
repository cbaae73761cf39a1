"""The page without a mouse, on narrow screens, on paper, in light and dark; hostile names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from spinegate.curation.deface.case import Case
from tests.browser.deface.desk import (
    press,
    said,
)
from tests.browser.test_looks import CONTRAST
from tests.curation.deface.cases import case, some

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]

EVIL = "</script><script>pwned=1</script><img src=x onerror=pwned=1>"


def test_every_control_is_reached_by_tab_and_has_a_name(opened: Opener) -> None:
    page = opened(some())
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
        ring = "getComputedStyle(document.activeElement).outlineStyle"
        if page.evaluate("document.activeElement !== document.body"):
            assert (
                page.evaluate(ring) != "none"
                or page.evaluate("document.activeElement.id") == "case"
            )
    assert {"name", "load", "save", "note", "b-pass", "b-redo", "b-reject", "f-text"} <= reached
    names = page.evaluate(
        "[...document.querySelectorAll('button, input, select, img:not([alt=\"\"])')]"
        ".filter((e) => !(e.getAttribute('aria-label') || e.alt || e.textContent.trim()"
        " || (e.labels && e.labels.length))).map((e) => e.outerHTML)"
    )
    assert names == []


def test_hostile_names_are_text(opened: Opener) -> None:
    evil = Case(f"sub-{EVIL}/a.nii.gz", case(1).result, case(1).views, "redo", EVIL, EVIL, EVIL)
    page = opened([evil, case(2)], dataset=EVIL)
    press(page, "k z Escape")
    assert page.locator("#what").inner_text() == evil.path
    assert page.locator("h1").inner_text() == f"Defacing of {EVIL}"
    page.locator("#f-text").fill("pwned")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("typeof pwned") == "undefined"
    assert page.locator("[onerror], script:not([type])").count() == 5


def test_a_narrow_screen_needs_no_sideways_scrolling(opened: Opener) -> None:
    long = case(1, path="sub-" + "x" * 200 + "/anat/" + "y" * 300 + ".nii.gz")
    page = opened([long], width=420, dataset="d" * 120)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.get_by_role("button", name="Pass").click()
    assert "your name first" in said(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(opened: Opener, scheme: str) -> None:
    page = opened(some(), name="Jane", color_scheme=scheme)
    press(page, "3 2 k 1 z Escape ?")
    assert (
        page.evaluate(CONTRAST.replace('"p, h1', '"kbd, label, button, figcaption, p, h1')) == []
    )


def test_paper_tells_all_decisions(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    press(page, "3")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    rows = page.locator("#paper tbody tr").all_inner_texts()
    assert len(rows) == 4
    assert "nothing removed\trejected\tJane" in rows[0]
    for part in ("#tools", "#decide", "#overview"):
        assert not page.locator(part).is_visible()
    assert not page.locator("#said").is_visible()
