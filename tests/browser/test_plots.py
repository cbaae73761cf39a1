"""The values of all scans as plots."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from spinegate.validator.result import make_report
from tests.browser.pages import shown
from tests.browser.reports import small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_plots_show_every_scan_and_the_band(opened: Opener) -> None:
    page = opened(small(), "at=plots")
    titles = page.locator("figure h3").all_inner_texts()
    assert titles == ["T2w: RepetitionTime (s)", "T2w: ImageType"]
    svg = page.locator("figure svg").first
    path = {name: svg.locator(f"path.{name}").get_attribute("d") or "" for name in
            ("met", "failed", "unknown")}  # fmt: skip
    assert path["met"].count("h0") == 3
    assert path["failed"].count("l8 8") == 5
    assert path["unknown"].count("v7") == 2
    assert svg.locator("rect.band").count() == 2
    vendors = svg.locator("text.name").all_text_contents()
    assert "Siemens" in vendors
    assert "5 of 10 not met" in page.locator("figcaption").first.inner_text()


def test_band_lies_around_its_target(opened: Opener) -> None:
    page = opened(small(), "at=plots&site=milan")
    svg = page.locator("figure svg").first
    band = svg.locator("rect.band").bounding_box()
    dots = svg.locator("path.met").bounding_box()
    assert band is not None
    assert dots is not None
    middle = dots["y"] + dots["height"] / 2
    assert band["y"] + band["height"] / 2 == pytest.approx(middle, abs=1)


def test_plot_is_read_by_keyboard(opened: Opener) -> None:
    page = opened(small(), "at=plots")
    figure = page.locator("figure").first
    figure.locator("svg").focus()
    page.keyboard.press("Home")
    read = figure.locator("output")
    assert read.inner_text() == (
        "sub-ucl01 (ucl, ge): no value; asked for 1.5 s ± 5 %; not determinable"
    )
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert read.inner_text().startswith("sub-milan02 (milan, siemens-prisma): 1.5 s;")


def test_plot_leads_to_the_participants_findings(opened: Opener) -> None:
    page = opened(small(), "at=plots&site=amu")
    svg = page.locator("figure svg").first
    svg.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert len(shown(page)) == 1
    assert "sub-amu01" in shown(page)[0]


def test_one_sided_band_reaches_the_edge(opened: Opener) -> None:
    plain = small()
    values = [value._replace(high=None) for value in plain.values]
    page = opened(make_report(plain.header, [], plain.rules, values=values), "at=plots&site=milan")
    svg = page.locator("figure svg").first
    band = svg.locator("rect.band").bounding_box()
    ground = svg.locator("rect.stripe").bounding_box()
    assert band is not None
    assert ground is not None
    assert band["y"] == pytest.approx(ground["y"], abs=1)


def test_older_version_of_the_protocol_has_its_own_mark(opened: Opener) -> None:
    plain = small()
    values = [value._replace(excused=value.site == "amu") for value in plain.values]
    page = opened(make_report(plain.header, [], plain.rules, values=values), "at=plots")
    figure = page.locator("figure").first
    assert (figure.locator("path.excused").get_attribute("d") or "").count("z") == 5
    assert "5 right by an older version" in figure.locator("figcaption").inner_text()
    figure.locator("svg").focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "by the version of the protocol of its day" in figure.locator("output").inner_text()
