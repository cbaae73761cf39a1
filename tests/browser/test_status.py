"""What a change has brought, mended, and left as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from spinegate.validator.finding import Status
from spinegate.validator.result import make_report
from tests.browser.pages import cell, choose, count, shown
from tests.browser.reports import COMMAND, changed, finding, small

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    Opener = Callable[..., Page]


def chips(page: Page) -> list[str]:
    return page.locator("#statuses button").all_inner_texts()


def opened_body(page: Page) -> Locator:
    page.locator("details.finding > summary").first.click()
    body = page.locator("details.finding dl").first
    body.wait_for()
    return body


def test_new_findings_alone_are_shown_at_first(opened: Opener) -> None:
    page = opened(changed(), "at=findings")
    (text,) = shown(page)
    assert "new" in text
    assert "MTState is missing" in text
    assert count(page).startswith("1 finding of 9: 1 warning")
    assert chips(page) == ["new 1", "old 5", "fixed 2", "waived 1", "all 9"]
    assert "Findings (1 new)" in page.locator("#tabs").inner_text()
    assert "Compared with origin/master" in page.locator("#facts").inner_text()


@pytest.mark.parametrize(
    ("status", "number"), [("old", 5), ("fixed", 2), ("waived", 1), ("all", 9)]
)
def test_other_statuses_are_one_click_away(opened: Opener, status: str, number: int) -> None:
    page = opened(changed(), "at=findings")
    page.locator("#statuses button", has_text=status).click()
    assert len(shown(page)) == number
    assert f"status={status}" in page.url
    assert page.locator("#f-status").input_value() == status
    assert page.locator('#statuses [aria-pressed="true"]').inner_text().startswith(status)
    assert page.evaluate("document.activeElement.textContent").startswith(status)
    again = opened(changed(), page.url.partition("#")[2])
    assert shown(again) == shown(page)


def test_choice_of_a_status_is_a_filter_like_others(opened: Opener) -> None:
    page = opened(changed(), "at=findings")
    choose(page, "status", "all")
    choose(page, "site", "amu")
    assert chips(page) == ["new 0", "old 5", "fixed 0", "waived 0", "all 5"]
    page.locator("#f-clear").click()
    assert len(shown(page)) == 1


def test_without_a_base_there_is_no_status(opened: Opener) -> None:
    page = opened(small(), "at=findings&status=fixed")
    assert len(shown(page)) == 7
    assert not page.locator("#f-status").is_visible()
    assert chips(page) == []
    assert page.locator(".badge.status").count() == 0


def test_nothing_new_is_good_news_with_a_way_to_the_rest(opened: Opener) -> None:
    plain = changed()
    old = [replace(item, status=Status.OLD) for item in plain.findings]
    report = make_report(plain.header, old, plain.rules, sites=plain.sites)
    page = opened(report, "at=findings")
    assert page.locator("#list").inner_text().startswith("✓ Nothing new.")
    page.get_by_text("Look among all 7 findings").click()
    assert len(shown(page)) == 7


def test_page_of_a_change_opens_with_what_is_new(opened: Opener) -> None:
    page = opened(changed())
    assert page.locator("#findings").is_visible()
    assert len(shown(page)) == 1
    page.locator("#tabs a", has_text="Sites").click()
    assert page.locator("#matrix").is_visible()


def test_matrix_tells_findings_of_the_status_that_is_looked_at(opened: Opener) -> None:
    page = opened(changed(), "at=sites")
    assert cell(page, "milan, MTon") == "▲ 1"
    assert cell(page, "amu, T2w") == "○"
    assert "not met, but not new" in page.locator("#legend").inner_text()
    assert "findings of the status new" in page.locator("#n-sites").inner_text()
    choose(page, "status", "old")
    assert cell(page, "amu, T2w") == "✗ 5"
    assert cell(page, "milan, MTon") == "○"
    page.locator('button.cell[title^="amu, T2w"]').click()
    assert "status=old" in page.url
    assert len(shown(page)) == 5


def test_cell_leads_to_what_it_counts(opened: Opener) -> None:
    page = opened(changed(), "at=sites")
    title = page.locator('button.cell[title^="milan, MTon"]').get_attribute("title")
    assert title is not None
    assert title.endswith("1 warning, 1 of them new.")
    page.locator('button.cell[title^="amu, T2w"]').click()
    assert len(shown(page)) == 5
    page.go_back()
    page.locator('button.cell[title^="milan, MTon"]').click()
    assert "status" not in page.url
    assert len(shown(page)) == 1


def test_mended_findings_are_counted_nowhere(opened: Opener) -> None:
    page = opened(changed(), "at=sites")
    assert page.locator('button.cell.error[title^="ucl, T2w"]').count() == 0
    assert page.locator('button.cell[title^="ucl, T1w"]').count() == 0
    rules = opened(changed(), "at=rules").locator("#table tbody tr").all_inner_texts()
    assert "\t5\t" in next(row for row in rules if "REPETITION" in row)


def test_link_to_an_old_finding_opens_it(opened: Opener) -> None:
    report = changed()
    old = next(item for item in report.findings if item.status is Status.OLD)
    page = opened(report, f"finding={old.identity}")
    (text,) = page.locator("details.finding[open] > summary").all_inner_texts()
    assert "old" in text
    gone = opened(report, f"finding={report.fixed[0].identity}-fixed")
    (text,) = gone.locator("details.finding[open] > summary").all_inner_texts()
    assert "fixed" in text


def test_waiver_is_told_with_its_reason(opened: Opener) -> None:
    body = opened_body(opened(changed(), "at=findings&status=waived"))
    text = body.inner_text()
    assert "known coil · by J. Doe · until 2027-01-01 (else error, .spinegate.yml)" in text


def test_command_is_copied_by_keyboard(opened: Opener) -> None:
    page = opened(changed(), "at=findings", permissions=["clipboard-read", "clipboard-write"])
    body = opened_body(page)
    assert body.locator(".command").inner_text() == COMMAND
    body.get_by_role("button", name="Copy the command").focus()
    page.keyboard.press("Enter")
    body.get_by_text("copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == COMMAND


def test_command_is_selected_where_copying_is_refused(opened: Opener) -> None:
    page = opened(changed(), "at=findings")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    body = opened_body(page)
    body.get_by_role("button", name="Copy the command").click()
    body.get_by_text("press Ctrl+C").wait_for()
    assert page.evaluate("getSelection().toString()") == COMMAND


def test_command_that_cannot_be_shown_is_not_offered(opened: Opener) -> None:
    evil = finding("sub-milan03", site="milan", contrast="T1w")
    report = changed(evil)
    found = [replace(item, command="rm 'a\u202eb'") for item in report.findings]
    page = opened(make_report(report.header, found, report.rules), "at=findings")
    body = opened_body(page)
    assert body.locator(".command").count() == 0
    assert "the json report has it" in body.inner_text()


def test_print_says_the_status_and_the_command(opened: Opener) -> None:
    page = opened(changed(), "at=findings")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#active").inner_text() == "Filter: status new"
    assert page.locator(".command").is_visible()
    assert not page.locator(".copy").is_visible()
    assert not page.locator("#statuses").is_visible()


def test_ten_thousand_old_findings_do_not_slow_the_new(opened: Opener) -> None:
    many = [finding(f"sub-x{n:05}", "T1w", site="x") for n in range(10_000)]
    page = opened(changed(*many), "at=findings")
    assert chips(page)[-1] == "all 10,009"
    assert len(shown(page)) == 1
    page.locator("#statuses button", has_text="all").click()
    assert page.evaluate("document.querySelectorAll('#list *').length") < 1000
