"""The page on narrow screens, on paper, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import TABS
from tests.browser.reports import changed, finding, small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


@pytest.mark.parametrize("tab", TABS)
def test_narrow_screen_needs_no_sideways_scrolling(opened: Opener, tab: str) -> None:
    long = finding("sub-amu09", message="x" * 300, suggestion="y" * 300)
    page = opened(small(long), f"at={tab}", width=500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 500


def test_long_command_needs_no_sideways_scrolling(opened: Opener) -> None:
    report = small(finding("sub-milan09", command="git mv " + "x" * 900))
    page = opened(report, "at=findings&q=milan09", width=500)
    page.locator("details.finding > summary").first.click()
    page.locator(".command").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 500


def test_print_opens_every_finding_and_hides_the_controls(opened: Opener) -> None:
    page = opened(
        small(*(finding(f"sub-x{n:02}", "T1w", site="x") for n in range(70))), "at=findings"
    )
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details.finding[open]").count() == 77
    assert page.locator("dl").count() == 77
    assert not page.locator("nav, form, .pager").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.finding").count() == 50


def test_print_says_the_filter(opened: Opener) -> None:
    page = opened(small(), "at=findings&site=amu&q=exam")
    assert not page.locator("#active").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#active").inner_text() == "Filter: search “exam”, site amu"


CONTRAST = """() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[0-9.]+/g).map((n) => n / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const low = [];
  const texts = "p, h1, h2, h3, a, th, td, .cell, .badge, dt, dd, summary";
  for (const e of document.querySelectorAll(texts)) {
    if (!e.textContent.trim() || !e.checkVisibility() || e.classList.contains("unknown")) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(e.outerHTML.slice(0, 80));
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", [*TABS, "findings&status=all"])
def test_text_stands_out_in_light_and_dark(opened: Opener, scheme: str, tab: str) -> None:
    page = opened(changed() if "status" in tab else small(), f"at={tab}", color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    if "findings" in tab:
        page.locator("dl").nth(6).wait_for()
    assert page.evaluate(CONTRAST) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
