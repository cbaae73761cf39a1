"""The one table of report formats; a new format is a module with one function, listed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TextIO

from ..result import Report
from .github import write_github
from .html import write_html
from .markdown import write_markdown
from .sarif import write_sarif
from .stream import write_json, write_jsonl
from .text import write_text


class Writer(Protocol):
    """Writes a whole report to a text stream; what is heavy it imports when it is called."""

    def __call__(self, report: Report, stream: TextIO) -> None:
        """Write it."""


FORMATS: Mapping[str, Writer] = {
    "text": write_text,
    "json": write_json,
    "jsonl": write_jsonl,
    "github": write_github,
    "markdown": write_markdown,
    "sarif": write_sarif,
    "html": write_html,
}
