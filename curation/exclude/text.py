"""Edits of exclude.yml that change one line and leave every other character as it was."""

from __future__ import annotations

import re

from ...system.errors import SpinegateError
from ...system.yaml_text import scalar
from ...validator.checks.exclusions import Exclusion, read_exclusions

_ITEM = re.compile(r"(\s*)-(\s+)")
_EMPTY = re.compile(r"(?P<key>.*?:)(?P<space>[ \t]*)(\[[ \t]*\]|~|null)(?P<rest>[ \t]*(#.*)?)$")


def add_entry(text: str, entry: Exclusion) -> str:
    """Write a participant or a site below the others of its metric, the reason behind it.

    Raises
    ------
    SpinegateError
        The file isn't written as lines with a dash, one per entry.
    """
    entries = _entries(text)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    mine = [known for known in entries if known.metric == entry.metric]
    if mine:
        last = max(mine, key=lambda known: known.line)
        head = _ITEM.match(lines[last.line - 1])
        if head is None:
            raise _unknown_form(last.line)
        at, margin, gap = last.line, head[1], head[2]
    else:
        known_margin = next((m for e in entries if (m := _ITEM.match(lines[e.line - 1]))), None)
        margin, gap = (known_margin[1], known_margin[2]) if known_margin else ("", " ")
        at = _find_key(lines, entry.metric, end)
    written = f"{margin}-{gap}{scalar(entry.name)}  # {entry.reason}{end}"
    result = "".join([*lines[:at], written, *lines[at:]])
    before = [(e.metric, e.name, e.reason) for e in entries]
    return _checked(result, [*before, (entry.metric, entry.name, entry.reason)], at + 1)


def remove_entry(text: str, metric: str, name: str) -> str:
    """Take out the line of a participant or a site; a metric without entries stays as a key.

    Raises
    ------
    SpinegateError
        There is no such entry, or it shares its line with others.
    """
    entries = _entries(text)
    found = [e for e in entries if (e.metric, e.name) == (metric, name)]
    if not found:
        raise SpinegateError(f"exclude.yml doesn't leave {name} out of {metric}")
    line = found[0].line
    lines = text.splitlines(keepends=True)
    if _ITEM.match(lines[line - 1]) is None or sum(e.line == line for e in entries) > 1:
        raise _unknown_form(line)
    del lines[line - 1]
    left = [(e.metric, e.name, e.reason) for e in entries if e is not found[0]]
    return _checked("".join(lines), left, line)


def _entries(text: str) -> list[Exclusion]:
    entries, faults = read_exclusions(text.encode())
    if faults:
        message, line = faults[0]
        raise SpinegateError(f"exclude.yml, line {line}: {message}; mend that first")
    return entries


def _find_key(lines: list[str], metric: str, end: str) -> int:
    """Return after which line the first entry of a metric goes; the key is made if need be."""
    for at, line in enumerate(lines):
        if line.startswith((f"{metric}:", f'"{metric}":', f"'{metric}':")):
            empty = _EMPTY.match(line.rstrip("\r\n"))
            if empty:
                ending = line[len(line.rstrip("\r\n")) :]
                lines[at] = empty["key"] + empty["rest"] + ending
            return at + 1
    lines.append(f"{metric}:{end}")
    return len(lines)


def _checked(text: str, wanted: list[tuple[str, str, str]], line: int) -> str:
    """Return the text if it says what it should: a form that we don't know changes nothing."""
    try:
        said = [(e.metric, e.name, e.reason) for e in _entries(text)]
    except SpinegateError:
        raise _unknown_form(line) from None
    if sorted(said) != sorted(wanted):
        raise _unknown_form(line)
    return text


def _unknown_form(line: int) -> SpinegateError:
    return SpinegateError(
        f"exclude.yml, line {line}: entries are edited where each stands in a line of its own "
        "('- sub-x  # reason'); write them so first"
    )
