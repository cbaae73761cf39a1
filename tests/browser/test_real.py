"""The page of the real multi-subject dataset, and of the phantom with its faults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]

# What every cell that reports a fault leads to: [cell, number of findings].
LEADS = """() => [...document.querySelectorAll("button.error, button.warning")].map((cell) => {
  const [site, contrast] = cell.title.split(":")[0].split(", ");
  state = {...state, site, contrast};
  const found = chosen().length;
  state = {...state, site: "", contrast: ""};
  return [cell.title, found];
})"""


@pytest.fixture(scope="module")
def real(bundle: Path) -> Report:
    return validate(Options(dataset=bundle))


@pytest.mark.real
def test_every_fault_in_the_matrix_leads_to_findings(opened: Opener, real: Report) -> None:
    page = opened(real)
    leads = page.evaluate(LEADS)
    assert len(leads) > 100
    assert [title for title, found in leads if not found] == []


@pytest.mark.real
def test_page_counts_what_the_report_counts(opened: Opener, real: Report) -> None:
    page = opened(real, "at=findings")
    summary = real.summary
    assert f"{summary.errors:,} errors, {summary.warnings:,} warnings" in (
        page.locator("#count").inner_text()
    )
    total = [sum(getattr(rule, key) for rule in real.rules) for key in ("met", "not_met")]
    cells = page.evaluate("[...tallies().values()].reduce((a, b) => a.map((n, at) => n + b[at]))")
    assert cells[:2] == total


@pytest.mark.real
def test_every_plot_can_be_drawn(opened: Opener, real: Report) -> None:
    page = opened(real, "at=plots")
    page.evaluate("for (const figure of [...pending.keys()]) drawPending(figure)")
    figures = page.locator("figure").count()
    assert figures == len(
        {(v.parameter, v.contrast) for v in real.values if v.observed is not None}
    )
    assert page.locator("figure svg").count() == figures
    shapes = (
        "[...document.querySelectorAll('figure path')].map((p) => p.getAttribute('d')).join('')"
    )
    assert "NaN" not in page.evaluate(shapes)
    marks = page.evaluate(f"({shapes}).match(/h0|l8 8|h6v6|v7/g).length")
    assert 10_000 < marks <= len(real.values)
