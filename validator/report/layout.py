"""Lines of text for a terminal: wrapped, coloured, in what it can encode."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from .visible import columns, fit, visible
from .wording import glued

_SGR = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "green": "1;32", "cyan": "1;36"}


@dataclass(frozen=True, slots=True)
class Page:
    """How the text is laid out: columns, colours, and what the output can encode."""

    width: int = 100
    colour: bool = False
    encoding: str = "utf-8"


PLAIN = Page()
"""A page in a file."""


def page_for(stream: TextIO) -> Page:
    """Choose the layout for a stream: its width, colours only on a terminal that wants them."""
    tty = stream.isatty()
    width = 100
    if columns := os.environ.get("COLUMNS", ""):
        width = int(columns) if columns.isdecimal() else width
    elif tty:
        with contextlib.suppress(OSError, ValueError):
            width = os.get_terminal_size(stream.fileno()).columns
    colour = tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Page(min(max(width, 40), 140), colour, getattr(stream, "encoding", None) or "utf-8")


def title(page: Page, heading: str, note: str, style: str) -> Iterator[str]:
    """Yield a heading with a note, and a rule to the end of the line."""
    *rows, last = _wrap(fit(f"── {heading}: {note}", page.encoding), page.width, 0, 3)
    rule = fit("─", page.encoding) * (page.width - columns(last) - 1)
    for row in [*rows, f"{last} {rule}".rstrip()]:
        yield paint(page, row, style)


def block(
    page: Page, label: str, text: str, *, first: int = 0, hang: int = 2, style: str = "bold"
) -> Iterator[str]:
    """Wrap a label and a text; the label, where it fits one line, in its style."""
    label, text = (fit(visible(part), page.encoding) for part in (label, text))
    rows = _wrap(glued(label + text), page.width, first, hang)
    for index, row in enumerate(row.replace("\xa0", " ") for row in rows):
        pad = " " * (first if index == 0 else hang) if row else ""
        if label and index == 0 and row.startswith(label):
            yield pad + paint(page, label, style) + row[len(label) :]
        else:
            yield pad + (paint(page, row, style) if style == "dim" or not text else row)


def _wrap(text: str, width: int, first: int, hang: int) -> list[str]:
    rows: list[str] = []
    row, room = None, width - first
    for word in text.split(" "):
        joined = word if row is None else f"{row} {word}"
        if row is not None and row.strip() and columns(joined) > room:
            rows.append(row.rstrip())
            joined, room = word, width - hang
        while columns(joined) > room:  # a word longer than the line: a path, mostly
            fits = next(n for n in range(room, 0, -1) if columns(joined[:n]) <= room)
            rows.append(joined[:fits].rstrip())
            joined, room = joined[fits:], width - hang
        row = joined
    return [*rows, (row or "").rstrip()]


def paint(page: Page, text: str, style: str) -> str:
    """Return a text in its style, where the page has colours."""
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if page.colour else text
