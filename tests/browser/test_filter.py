"""The filter, and links that hold it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import choose, count, shown
from tests.browser.reports import CODE, small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


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


@pytest.mark.parametrize(
    "anchor", ["at=toString", "at=__proto__&page=-3", "%%%", "page=1e9", "site=<b>"]
)
def test_broken_link_shows_something(opened: Opener, anchor: str) -> None:
    page = opened(small(), anchor)
    assert page.locator("section.shown").count() == 1
