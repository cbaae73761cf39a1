"""Workflow commands: findings as annotations of a pull request on GitHub.

GitHub shows at most ten errors and ten warnings of a step, so a rule gives one annotation, the
gravest first, and the last one says what is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from ..result import Report
from . import phrases
from .groups import LEVELS, Group, group
from .visible import fit, visible
from .wording import shorten

_SHOWN = 10
_LINES = 6  # sentences in one annotation
_COMMANDS = 3
_LENGTH = 4000  # characters of one annotation; GitHub cuts at 4 KiB


def write_github(report: Report, stream: TextIO) -> None:
    """Write one annotation a rule, then the summary as a notice."""
    stream.write(fit("".join(_commands(report)), stream.encoding))


def _commands(report: Report) -> Iterator[str]:
    groups = group(report)
    for level in LEVELS:
        members = [item for item in groups if item.severity is level]
        keep = members if len(members) <= _SHOWN else members[: _SHOWN - 1]
        for item in keep:
            yield _annotation(item)
        if hidden := members[len(keep) :]:
            names = ", ".join(item.code for item in hidden)
            count = sum(len(item.findings) for item in hidden)
            text = f"{phrases.number(count, 'finding')} of other rules: {names}"
            yield _command(level.value, visible(text), title=f"and {len(hidden)} more rules")
    base = f"compared with {report.header.base}: " if report.header.base else ""
    yield _command("notice", visible(base) + phrases.last_line(report), title="spinegate")


def _annotation(item: Group) -> str:
    first = item.findings[0]
    texts = [phrases.told(line) for line in item.lines[:_LINES]]
    if len(item.lines) > _LINES:
        texts.append(f"... and {len(item.lines) - _LINES} more")
    texts += [why] if (why := phrases.why(item)) else []
    texts += phrases.remedies(item)
    typed, more = phrases.typed(item.findings, _COMMANDS)
    texts += [f"type: {text}" for text in typed]
    texts += [f"... and {more} more commands"] if typed and more else []
    place = {} if first.location == "." else {"file": first.location}
    if place and first.line:
        place["line"] = str(first.line)
    title = f"{item.code} ({phrases.size(item)})"
    return _command(item.severity.value, "\n".join(map(visible, texts)), title=title, **place)


def _command(name: str, text: str, **properties: str) -> str:
    """Return one command; the escapes are those of GitHub's own toolkit."""
    body = shorten(text, _LENGTH).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    pairs = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {pairs}::{body}\n"


def _property(text: str) -> str:
    text = visible(text).replace("%", "%25")
    return text.replace(":", "%3A").replace(",", "%2C")
