"""Text of a dataset that would be markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spinegate.validator.finding import Finding, Scope, Severity
from spinegate.validator.result import Header, make_report
from tests.browser.pages import TABS, shown
from tests.browser.reports import ORIGIN, small

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]


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
