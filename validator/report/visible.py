"""Text of a dataset as it may be shown: no control character reaches a terminal or a log."""

from __future__ import annotations

import re
import unicodedata

_ASCII = {
    "±": "+-",
    "°": " deg",
    "µ": "u",
    "μ": "u",
    "×": "x",
    "²": "2",
    "³": "3",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "…": "...",
    "–": "-",
    "·": "-",
    "─": "-",
    "✗": "x",
    "✓": "ok",
    "❌": "error",
    "✅": "ok",
    "⚠": "warning",
    "\ufe0f": "",
    "\u2060": "",
}
# What surely takes one column: Latin, and the punctuation, arrows and lines of our own.
_NARROW = re.compile(
    "[\x20-\u02ff\u2010-\u2027\u2190-\u2193\u2264\u2265\u2500-\u257f\u2713\u2717]*"
)
_TABLE = str.maketrans(_ASCII)
_MARKS = "±…→·─✗✓"


def visible(text: str) -> str:
    r"""Return the text in one line with everything that does not print as a backslash escape.

    That covers line ends, escape sequences, surrogates, zero-width and direction marks.

    >>> print(visible('a\nb\x1b[31m\u202e'))
    a\nb\x1b[31m\u202e
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def speaks(encoding: str | None) -> bool:
    """Whether an output encoding (None: text in memory) has the signs that reports use."""
    try:
        _MARKS.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def fit(text: str, encoding: str | None) -> str:
    """Return the text in what an output encoding can say; the rest as backslash escapes."""
    if speaks(encoding):
        return text
    text = text.translate(_TABLE).replace("  deg", " deg")
    return text.encode("ascii", "backslashreplace").decode("ascii")


def columns(text: str) -> int:
    """How many columns a text takes in a terminal."""
    if _NARROW.fullmatch(text):
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
