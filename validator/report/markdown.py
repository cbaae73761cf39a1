"""The report as a job summary on GitHub: Markdown below its limit, however many findings."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TextIO

from ..finding import Severity
from ..result import Report
from . import phrases
from .groups import Group, Line, group
from .visible import fit, visible

_LIMIT = 1_000_000  # bytes; GitHub refuses a summary of more than 1 MiB
_LINES = 25  # of one rule
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
_SPECIAL = re.compile(r"[\\`*_\[\]~|$]")
# What would open a heading, a quote, a list or a rule at the beginning of a line.
_BLOCK = re.compile(r"\s*(?:#+\s|>|[+-]\s|[0-9]+[.)]\s|[=-]{2})")
_LINK = re.compile(r"@(?=\w)|#(?=\w)|\bGH-(?=\d)|\bwww(?=\.)|:(?=//)", re.IGNORECASE)


def write_markdown(report: Report, stream: TextIO) -> None:
    """Write the summary; what no longer fits is counted at the end, never cut in the middle."""
    room = _LIMIT
    left_out = 0
    for part in _parts(report):
        cost = len(part.encode("utf-8", "backslashreplace"))
        if cost > room:
            left_out += 1
            continue
        room -= cost
        stream.write(fit(part, stream.encoding))
    if left_out:
        stream.write(f"\n{left_out:,} more parts did not fit; the json report has them all.\n")


def escape(text: str) -> str:
    """Return dataset text as Markdown shows it: no markup, HTML, link, mention or reference."""
    text = visible(text)
    block = _BLOCK.match(text)
    text = _SPECIAL.sub(r"\\\g<0>", text).replace("&", "&amp;").replace("<", "&lt;")
    # A joiner of no width keeps GitHub from notifying people and from linking addresses.
    text = _LINK.sub("\\g<0>\u2060", text)
    return f"\u2060{text}" if block else text


def _parts(report: Report) -> Iterator[str]:
    yield f"## {escape(report.header.dataset)}\n\n**{escape(phrases.last_line(report))}**\n"
    if counted := phrases.blind_line(report):
        yield f"\n{escape(counted)}\n"
    groups = group(report)
    if groups:
        yield "\n| | rule | findings | participants | sites |\n|---|---|--:|--:|--:|\n"
    else:
        yield "\n✅ No error, no warning.\n"
    for item in groups:
        counts = (len(item.findings), len(item.participants), len(item.sites))
        numbers = " | ".join(f"{count:,}" for count in counts)
        yield f"| {_MARKS[item.severity]} | {escape(item.code)} | {numbers} |\n"
    for item in groups:
        yield _group(item)
    if rows := phrases.blind(report):
        yield "\n### Not determinable\n\n| rules | why and where |\n|---|---|\n"
        for rules, reason in rows:
            yield f"| {escape(', '.join(rule.code for rule in rules))} | {escape(reason)} |\n"


def _group(item: Group) -> str:
    state = " open" if item.severity is Severity.ERROR else ""
    size = html.escape(visible(f"{item.code} ({phrases.size(item)})"))  # HTML, no Markdown here
    rows = [f"\n<details{state}><summary>{_MARKS[item.severity]} {size}</summary>\n"]
    rows += [f"*{escape(why)}*\n"] if (why := phrases.why(item)) else []
    rows += [f"**What to do:** {escape(text)}\n" for text in phrases.remedies(item)]
    rows += [_line(line) for line in item.lines[:_LINES]]
    if len(item.lines) > _LINES:
        rows.append(f"- … and {len(item.lines) - _LINES:,} more")
    return "\n".join(rows) + "\n\n</details>\n"


def _line(line: Line) -> str:
    renames = (f"\n  - {escape(pair)}" for pair in phrases.renames(line))
    return f"- {escape(phrases.told(line))}{''.join(renames)}"
