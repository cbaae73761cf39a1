"""The HTML report in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from spinegate.validator.finding import Finding, Scope, Severity
from spinegate.validator.result import Header, make_report
from tests.browser.reports import CODE, ORIGIN, finding, small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]

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


def test_matrix_tells_the_outcomes_by_sign_and_number(opened: Opener) -> None:
    page = opened(small())
    assert cell(page, "amu, T2w") == "✗ 5"
    assert cell(page, "milan, T2w") == "✓"
    assert cell(page, "milan, MTon") == "▲ 1"
    assert cell(page, "ucl, T2w") == "? 2"
    assert page.locator("#matrix tbody tr").count() == 3
    title = page.locator('button.cell[title^="amu, T2w"]').get_attribute("title")
    assert title == ("amu, T2w: 5 checks not met, 0 met, 0 not determinable. 5 errors.")
    legend = page.locator("#legend").inner_text()
    for words in ("not met, with errors", "warnings only", "met", "could be determined"):
        assert words in legend


def test_waived_finding_is_no_alarm(opened: Opener) -> None:
    page = opened(small())
    assert page.locator("button.cell.error").count() == 1
    assert page.locator("button.cell.warning").count() == 1


def test_cell_opens_its_findings_and_back_returns(opened: Opener) -> None:
    page = opened(small())
    page.locator('button.cell[title^="amu, T2w"]').click()
    assert count(page).startswith("5 findings of 7: 5 errors")
    assert page.locator("#f-site").input_value() == "amu"
    page.go_back()
    assert page.locator("#matrix").is_visible()
    assert page.locator("#f-site").input_value() == ""


def test_finding_of_several_contrasts_is_found_in_each_cell(opened: Opener) -> None:
    page = opened(small())
    page.locator('button.cell[title^="milan, MTon"]').click()
    (text,) = shown(page)
    assert "MTState is missing" in text


@pytest.mark.parametrize(
    ("field", "value", "number"),
    [
        ("site", "milan", 2),
        ("participant", "sub-amu03", 1),
        ("participant", "AMU", 5),
        ("contrast", "T2w", 6),
        ("contrast", "MTon", 1),
        ("severity", "error", 5),
        ("severity", "open", 6),
        ("severity", "waived", 1),
        ("rule", CODE, 5),
        ("q", "mtstate missing", 1),
        ("q", "repetitiontime 1.5", 5),
        ("q", "b.json", 5),
        ("q", "no such words", 0),
    ],
)
def test_filter_is_in_the_link(opened: Opener, field: str, value: str, number: int) -> None:
    page = opened(small(), "at=findings")
    choose(page, field, value)
    noun = "finding" if number == 1 else "findings"
    assert count(page).startswith(f"{number} {noun} of 7")
    assert len(shown(page)) == number
    anchor = page.url.partition("#")[2]
    again = opened(small(), anchor)
    assert count(again) == count(page)
    assert again.locator(f"#f-{field}").input_value() == value


def test_filters_add_up_and_are_cleared(opened: Opener) -> None:
    page = opened(
        small(), f"at=findings&site=amu&rule={CODE}&participant=sub-amu01&severity=error"
    )
    assert count(page).startswith("1 finding of 7")
    page.locator("#f-clear").click()
    assert count(page).startswith("7 findings:")
    assert page.locator("#f-participant").input_value() == ""


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


@pytest.mark.parametrize(
    "anchor", ["at=toString", "at=__proto__&page=-3", "%%%", "page=1e9", "site=<b>"]
)
def test_broken_link_shows_something(opened: Opener, anchor: str) -> None:
    page = opened(small(), anchor)
    assert page.locator("section.shown").count() == 1


def test_matrix_is_walked_by_keyboard(opened: Opener) -> None:
    page = opened(small())
    focusable = page.locator('button.cell[tabindex="0"]')
    assert focusable.count() == 1
    focusable.focus()
    names = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        names.append(page.evaluate("document.activeElement.title.split(':')[0]"))
    # A cell with nothing to check is stepped over; at the edge one stays.
    assert names == ["amu, T1w", "amu, T1w", "amu, T2w", "milan, T2w", "milan, MTon"]
    assert focusable.count() == 1
    page.keyboard.press("Enter")
    assert page.locator("#findings").is_visible()


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


def test_rules_tell_their_blind_spots(opened: Opener) -> None:
    page = opened(small(), "at=rules")
    rows = page.locator("#table tbody tr").all_inner_texts()
    assert len(rows) == 4
    assert "no RepetitionTime in the sidecar" in rows[0]
    assert "? 3" in rows[0]
    page.get_by_text("Repetition time", exact=True).click()
    assert len(shown(page)) == 5


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


@pytest.mark.parametrize("tab", TABS)
def test_narrow_screen_needs_no_sideways_scrolling(opened: Opener, tab: str) -> None:
    long = finding("sub-amu09", message="x" * 300, suggestion="y" * 300)
    page = opened(small(long), f"at={tab}", width=500)
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
@pytest.mark.parametrize("tab", TABS)
def test_text_stands_out_in_light_and_dark(opened: Opener, scheme: str, tab: str) -> None:
    page = opened(small(), f"at={tab}", color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    if tab == "findings":
        page.locator("dl").nth(6).wait_for()
    assert page.evaluate(CONTRAST) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")


EVIL = "</script><script>pwned=1</script><img src=x onerror=pwned=1><svg onload=pwned=1>&amp;"


def test_dataset_text_is_text(opened: Opener) -> None:
    plain = small()
    evil: dict[str, Any] = dict.fromkeys(("message", "suggestion", "site", "contrast"), EVIL)
    item = Finding(
        f"EVIL{EVIL}", Severity.ERROR, f"sub-{EVIL}/a", origin=ORIGIN, scope=Scope.FILE,
        observed={EVIL: EVIL}, expected=[EVIL], fix={"op": EVIL, "path": EVIL, "to": EVIL},
        affects=(EVIL,), concerns=(EVIL,), **evil,
    )  # fmt: skip
    values = [
        value._replace(observed=EVIL, parameter=EVIL, site=EVIL, variant=EVIL, unit=EVIL,
                       path=f"sub-{EVIL}{n}", contrast=EVIL, target=EVIL, tolerance=EVIL)
        for n, value in enumerate(plain.values)
    ]  # fmt: skip
    report = make_report(
        Header(EVIL, ORIGIN, EVIL, EVIL), [item], plain.rules, values=values, sites={EVIL: 2}
    )
    for tab in TABS:
        page = opened(report, f"at={tab}&q=pwned")
        for box in page.locator("details > summary").all():
            box.click()
        assert page.evaluate("typeof pwned") == "undefined"
        assert page.locator("img, svg[onload], [onerror]").count() == 0
        assert page.title().startswith(EVIL)
        assert page.locator("h1").inner_text() == EVIL
    page = opened(report, "at=findings")
    assert EVIL in shown(page)[0]
    assert page.locator("#f-site option").nth(1).get_attribute("value") == EVIL
