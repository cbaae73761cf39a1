"""Texts written as YAML."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"(?=\.?[A-Za-z])[A-Za-z0-9_./+-]+( [A-Za-z0-9_./+()%-]+)*")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan")


def scalar(text: str) -> str:
    """Write a text as YAML that every reader takes for the same text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Write a text in quotes; what doesn't print is escaped."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
