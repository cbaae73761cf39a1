"""The list of images, and many of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spinegate.curation.deface.check import Verdict
from tests.browser.deface.desk import (
    press,
    progress,
    what,
)
from tests.curation.deface.cases import case, some

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_filter_and_list(opened: Opener) -> None:
    page = opened(some(), name="Jane")
    rows = page.locator("#list li")
    assert rows.count() == 4
    press(page, "3")
    page.locator("#f-decision").select_option("open")
    assert rows.count() == 3
    page.locator("#f-text").fill("a02 doubtful")
    assert rows.count() == 1
    assert what(page) == "sub-a02"
    page.locator("#f-text").fill("nowhere")
    assert what(page) == "No imag"
    press(page, "Escape 1 2 j k u z")  # nothing to decide on: nothing happens but undo
    page.locator("#f-text").fill("")
    page.locator("#f-decision").select_option("")
    page.locator("#f-verdict").select_option("face gone")
    assert what(page) == "sub-a01"
    assert page.locator("#count").inner_text() == "1 image of 4"


def test_list_is_walked_by_arrows_and_has_one_tab_stop(opened: Opener) -> None:
    page = opened(some())
    assert page.locator('#list button[tabindex="0"]').count() == 1
    page.locator('#list button[tabindex="0"]').focus()
    press(page, "ArrowDown ArrowDown ArrowUp")
    assert what(page) == "sub-a04"
    assert page.evaluate("document.activeElement.title").startswith("sub-a04")


def test_of_300_images_few_are_decoded(opened: Opener) -> None:
    page = opened([case(n, agreement=0.9 + n / 10_000) for n in range(300)], name="Jane")
    assert page.locator("#list li").count() == 300
    page.wait_for_function("() => document.querySelectorAll('#list img').length > 5")
    small = "document.querySelectorAll('img').length"
    assert page.evaluate(small) < 60
    press(page, "1 " * 12)
    assert progress(page).startswith("12 of 300 decided")
    page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    last = "document.querySelector('#list li:last-child img') !== null"
    page.wait_for_function(f"() => {last}")
    first = "document.querySelector('#list li:first-child img') === null"
    page.wait_for_function(f"() => {first}")
    assert page.evaluate(small) < 60
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#list li')).contentVisibility")
        == "auto"
    )


def test_a_page_without_images_says_so(opened: Opener) -> None:
    page = opened([], name="Jane")
    assert "no defaced images" in page.locator("#case").inner_text()
    press(page, "1 j z u s")
    assert progress(page) == "0 of 0 decided"


def test_the_name_of_verdicts_is_that_of_the_test(opened: Opener) -> None:
    page = opened([case(n, verdict) for n, verdict in enumerate(Verdict)])
    badges = page.locator("#list .words .badge").all_inner_texts()
    assert sorted(badges) == sorted(map(str, Verdict))
