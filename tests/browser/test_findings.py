"""The list of findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spinegate.validator.result import Header, make_report
from tests.browser.pages import TABS, choose, count, shown
from tests.browser.reports import CODE, ORIGIN, finding, small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


def test_finding_tells_all(opened: Opener) -> None:
    page = opened(small(), "at=findings")
    first = page.locator("details.finding").first
    first.locator("summary").first.click()
    first.locator("dl").wait_for()
    rows = dict(
        zip(
            first.locator("dl > dt").all_inner_texts(),
            first.locator("dl > dd").all_inner_texts(),
            strict=True,
        )
    )
    assert rows["Observed"] == "2 s"
    assert rows["Expected"] == "1.5 s ± 5 %"
    assert rows["Why it matters"] == "It sets contrast."
    assert rows["Puts in doubt"] == "csa_t2"
    assert rows["How to fix"] == "reacquire: Compare the exam card."
    assert "spine-generic" in rows["Source"]
    assert rows["File"] == "sourcedata/sub-amu01/anat/sub-amu01_T2w.nii.gz"
    assert rows["Also in"].startswith("2 files")
    assert rows["Rule"].startswith(CODE)


def test_link_to_a_finding_opens_it(opened: Opener) -> None:
    report = small()
    last = next(
        item for item in report.findings if item.location.startswith("sourcedata/sub-amu05")
    )
    page = opened(report, f"finding={last.identity}&site=milan")
    (text,) = page.locator("details.finding[open] > summary").all_inner_texts()
    assert "sub-amu05" in text
    gone = opened(report, "finding=0123456789abcdef")
    assert "may have been fixed" in gone.locator("#list").inner_text()


def test_link_of_a_finding_is_its_own(opened: Opener) -> None:
    report = small()
    page = opened(report, "at=findings&participant=sub-amu04")
    page.locator("details.finding > summary").first.click()
    page.get_by_text("Link to this finding").click()
    wanted = next(f.identity for f in report.findings if "sub-amu04" in f.location)
    assert f"finding={wanted}" in page.url


def test_ten_thousand_findings_are_paged(opened: Opener) -> None:
    many = [finding(f"sub-x{n:05}", "T1w", site="x") for n in range(10_000)]
    page = opened(small(*many), "at=findings&site=x")
    assert count(page).startswith("10,000 findings of 10,007")
    assert page.evaluate("document.querySelectorAll('#list *').length") < 1000
    page.get_by_text("Next →").first.click()
    assert "sub-x00050" in shown(page)[0]
    choose(page, "q", "sub-x09999_")
    assert len(shown(page)) == 1
    last = opened(small(*many), "at=findings&page=999999")
    assert "Page 201 of 201" in last.locator(".pager").first.inner_text()


def test_no_findings_are_good_news(opened: Opener) -> None:
    page = opened(make_report(Header("d", ORIGIN), []), "at=findings")
    assert page.locator("#list").inner_text().strip() == "✓ No findings."
    for tab in TABS:
        assert opened(make_report(Header("d", ORIGIN), []), f"at={tab}").locator("h2").count() == 4
