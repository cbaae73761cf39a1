"""The page of defaced images in a headless Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spinegate.curation.deface.case import Case
from spinegate.curation.deface.page import write_page
from tests.browser.deface.desk import NO_PICKER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Open the page; whatever goes wrong in it, or leaves the file, fails the test."""
    contexts: list[Any] = []
    trouble: list[str] = []
    pages = ("file:", "data:", "blob:")

    def open_page(
        cases: list[Case],
        *,
        width: int = 1400,
        script: str = NO_PICKER,
        name: str = "",
        **more: Any,
    ) -> Page:
        write_page(cases, tmp_path / "deface.html", dataset=more.pop("dataset", "study"))
        context = browser.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith(pages) else trouble.append(f"request: {r.url}"),
        )
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto((tmp_path / "deface.html").as_uri())
        if name:
            page.locator("#name").fill(name)
            page.keyboard.press("Enter")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
