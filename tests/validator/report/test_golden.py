"""Every format of a known report, byte for byte.

After a wanted change: SPINEGATE_REGENERATE=1 pytest tests/validator/report, and look at the diff.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.validator.report.formats import FORMATS
from spinegate.validator.report.layout import Page
from spinegate.validator.report.letter import write_letter
from spinegate.validator.report.text import render_text
from spinegate.validator.result import Report

GOLDEN = Path(__file__).parent / "golden"


def _written(name: str) -> Callable[[Report], str]:
    def write(report: Report) -> str:
        stream = io.StringIO()
        FORMATS[name](report, stream)
        return stream.getvalue()

    return write


CASES: dict[str, Callable[[Report], str]] = {
    "text-80": lambda report: render_text(report, Page(80)),
    "text-140": lambda report: render_text(report, Page(140)),
    "text-colour": lambda report: render_text(report, Page(100, colour=True)),
    "text-ascii": lambda report: render_text(report, Page(100, encoding="ascii")),
    "json": _written("json"),
    "jsonl": _written("jsonl"),
    "github": _written("github"),
    "markdown": _written("markdown"),
    "letter-amu": lambda report: write_letter(report, "amu", "Dr Example"),
    "letter-milan": lambda report: write_letter(report, "milan"),
    "letter-ucl": lambda report: write_letter(report, "ucl"),
}


CHANGED = ("text-80", "text-colour", "text-ascii", "json", "jsonl", "github", "markdown")


def _check(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("SPINEGATE_REGENERATE"):
        path.write_text(text, encoding="utf-8", newline="")
    with path.open(encoding="utf-8", newline="") as file:
        assert text == file.read()


@pytest.mark.parametrize("name", CASES)
def test_report_is_the_golden_one(name: str, report: Report) -> None:
    _check(name, CASES[name](report))


@pytest.mark.parametrize("name", ["text-80", "github", "markdown"])
def test_clean_report_is_the_golden_one(name: str, clean: Report) -> None:
    _check(f"clean-{name}", CASES[name](clean))


@pytest.mark.parametrize("name", CHANGED)
def test_report_of_a_change_is_the_golden_one(name: str, changed: Report) -> None:
    _check(f"changed-{name}", CASES[name](changed))


def test_every_golden_file_belongs_to_a_case() -> None:
    changed = {f"changed-{name}" for name in CHANGED}
    known = {*CASES, *changed, "clean-text-80", "clean-github", "clean-markdown"}
    assert {path.stem for path in GOLDEN.iterdir()} == known
