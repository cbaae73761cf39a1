"""A headless Chromium, and reports as pages in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spinegate.validator.report.html import write_html
from spinegate.validator.result import Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, Request

    Opener = Callable[..., Page]

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    api = pytest.importorskip(
        "playwright.sync_api",
        reason="playwright (PyPI) drives the browser: pip install playwright",
    )
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Open a report's page; whatever goes wrong in it, or leaves the file, fails the test."""
    contexts = []
    trouble: list[str] = []

    def watch(page: Page, address: str) -> None:
        def failed(error: Error) -> None:
            trouble.append(f"error: {error}")

        def said(message: ConsoleMessage) -> None:
            trouble.append(f"console: {message.text}")

        def asked(dialog: Dialog) -> None:
            trouble.append("a dialog")
            dialog.dismiss()

        def loaded(request: Request) -> None:
            if request.url.partition("#")[0] != address:
                trouble.append(f"request: {request.url}")

        page.on("pageerror", failed)
        page.on("console", said)
        page.on("dialog", asked)
        page.on("request", loaded)

    def open_page(report: Report, anchor: str = "", width: int = 1400, **options: Any) -> Page:
        path = tmp_path / "report.html"
        with path.open("w", encoding="ascii") as stream:
            write_html(report, stream)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        watch(page, path.as_uri())
        page.goto(f"{path.as_uri()}#{anchor}")
        page.wait_for_selector("section.shown")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
