"""The report as a person reads it in a terminal.

Plain text with a few colours, not rich: for a report of a thousand findings, in a process that has
click loaded, grouping and layout take 10 ms; importing rich's console and printing the same lines
through it added 29 ms, of a budget of 600 ms for everything, and brought no better page.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from ..finding import Severity
from ..result import Report
from . import phrases
from .groups import LEVELS, Group, Line, group
from .participants import compress
from .visible import columns, fit, visible
from .wording import glued

_SGR = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "green": "1;32", "cyan": "1;36"}
_MARK = {Severity.ERROR: ("✗", "red"), Severity.WARNING: ("!", "yellow")}
_TITLES = {Severity.ERROR: "ERRORS", Severity.WARNING: "WARNINGS"}
_LINES = 10  # of one group
_ROWS = 16  # of one table
_LONG = 80  # characters; advice that is not repeated
_ALL = "(--format json shows all)"


@dataclass(frozen=True, slots=True)
class Page:
    """How the text is laid out: columns, colours, and what the output can encode."""

    width: int = 100
    colour: bool = False
    encoding: str = "utf-8"


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


def write_text(report: Report, stream: TextIO) -> None:
    """Write the report for a person."""
    stream.write(render_text(report, page_for(stream)))


def render_text(report: Report, page: Page = Page()) -> str:
    """Return the report as text for a page."""
    blocks = [
        _head(report, page),
        *_findings(report, page),
        _blind(report, page),
        _variants(report, page),
        _end(report, page),
    ]
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def _head(report: Report, page: Page) -> Iterator[str]:
    header = report.header
    parts = [f"{header.origin.validator} {header.origin.version}".strip(), header.dataset]
    parts += [f"protocol {header.protocol}"] if header.protocol else []
    parts += [f"profile {header.profile}"] if header.profile else []
    yield from _block(page, parts[0], " · ".join(["", *parts[1:]]).rstrip(), style="bold")


def _findings(report: Report, page: Page) -> Iterator[list[str]]:
    groups = group(report)
    said: dict[str, str] = {}
    for level in LEVELS:
        members = [item for item in groups if item.severity is level]
        if members:
            total = phrases.number(sum(len(item.findings) for item in members), "finding")
            rules = phrases.number(len(members), "rule")
            yield list(_title(page, _TITLES[level], f"{total}, {rules}", _MARK[level][1]))
            for item in members:
                yield list(_group(item, page, said))


def _title(page: Page, title: str, note: str, style: str) -> Iterator[str]:
    *rows, last = _wrap(fit(f"── {title}: {note}", page.encoding), page.width, 0, 3)
    rule = fit("─", page.encoding) * (page.width - columns(last) - 1)
    for row in [*rows, f"{last} {rule}".rstrip()]:
        yield _paint(page, row, style)


def _group(item: Group, page: Page, said: dict[str, str]) -> Iterator[str]:
    sign, colour = _MARK[item.severity]
    yield from _block(page, f"{sign} {item.code}", f"  {phrases.size(item)}", style=colour)
    why = phrases.doubt(item) if item.rule.why in said else phrases.why(item)
    said.setdefault(item.rule.why, item.code)
    todo = [_once(text, item.code, said) for text in phrases.remedies(item)]
    for label, text in (("why", why), *(("do", text) for text in todo)):
        if text:
            yield from _block(page, f"{label}: ", text, first=4, hang=8, style="cyan")
    shown = item.lines if len(item.lines) <= _LINES + 1 else item.lines[:_LINES]
    for line in shown:
        yield from _line(line, page)
    if hidden := item.lines[len(shown) :]:
        count = phrases.number(sum(len(line.findings) for line in hidden), "finding")
        sites = {place.site for line in hidden for place in line.places} - {""}
        at = f" at {phrases.number(len(sites), 'site')}" if sites else ""
        yield from _block(page, "", f"… and {count} more{at} {_ALL}", first=4, style="dim")


def _once(remedy: str, code: str, said: dict[str, str]) -> str:
    """Point to the rule that said a long advice before: rules of one kind share it."""
    kind, _, words = remedy.partition(": ")
    if len(words) < _LONG:
        return remedy
    if words in said:
        return f"{kind}: as for {said[words]} above"
    said[words] = code
    return remedy


def _line(line: Line, page: Page) -> Iterator[str]:
    label = phrases.who(line)
    yield from _block(
        page, label, f": {line.sentence}" if label else line.sentence, first=4, hang=8
    )
    if len(line.places) > 1:
        yield from _block(page, "", phrases.everywhere(line), first=8, hang=8)
    for pair in phrases.renames(line):
        yield from _block(page, "", pair, first=8, hang=10)


def _blind(report: Report, page: Page) -> Iterator[str]:
    rows = phrases.blind(report)
    if not rows:
        return
    note = "neither passed nor failed, the facts are not in the files"
    yield from _title(page, "NOT DETERMINABLE", note, "cyan")
    for rules, reason in rows[:_ROWS]:
        codes = ", ".join(rule.code for rule in rules)
        yield from _block(page, codes, f": {reason}", first=2, hang=6)
    if hidden := sum(len(rules) for rules, _ in rows[_ROWS:]):
        more = f"… and {phrases.number(hidden, 'more rule')} (--format jsonl shows all)"
        yield from _block(page, "", more, first=2, style="dim")


def _variants(report: Report, page: Page) -> Iterator[str]:
    uses: dict[tuple[str, str], dict[str, str]] = {}
    for use in report.variants:
        uses.setdefault((use.variant, use.why), {})[use.participant] = use.site
    if not uses:
        return
    yield from _title(page, "PROTOCOL VARIANTS", "which participants were judged by which", "cyan")
    rows = sorted(uses.items(), key=lambda item: (item[0][0] != "", -len(item[1]), item[0]))
    for (variant, reason), people in rows:
        sites = Counter(people.values())
        whole = [site or "no site" for site, n in sites.items() if n == report.sites.get(site)]
        named = compress([p for p, site in people.items() if site not in whole], limit=4)
        where = "; ".join(filter(None, (phrases.listed(sorted(whole), 8), named)))
        label = f"{len(people):>5}  {variant or 'no variant'}"
        text = f": {where}" + (f" ({reason})" if reason else "")
        yield from _block(page, label, text, hang=9)


def _end(report: Report, page: Page) -> Iterator[str]:
    summary = report.summary
    if not summary.errors and not summary.warnings:
        yield from _block(page, "✓ No error, no warning", ".", style="green")
    elif worst := phrases.worst_sites(report):
        kind = "errors" if summary.errors else "warnings"
        hint = "A letter to a site's contact: --letter SITE"
        yield from _block(page, f"Most {kind}:", f" {', '.join(worst)}. {hint}", hang=2)
    if counted := phrases.blind_line(report):
        yield from _block(page, "", counted, hang=2)
    style = "red" if summary.errors else "yellow" if summary.warnings else "green"
    yield from _block(page, phrases.last_line(report), "", style=style, hang=2)


def _block(
    page: Page, label: str, text: str, *, first: int = 0, hang: int = 2, style: str = "bold"
) -> Iterator[str]:
    """Wrap a label and a text; the label, where it fits one line, in its style."""
    label, text = (fit(visible(part), page.encoding) for part in (label, text))
    rows = _wrap(glued(label + text), page.width, first, hang)
    for index, row in enumerate(row.replace("\xa0", " ") for row in rows):
        pad = " " * (first if index == 0 else hang) if row else ""
        if label and index == 0 and row.startswith(label):
            yield pad + _paint(page, label, style) + row[len(label) :]
        else:
            yield pad + (_paint(page, row, style) if style == "dim" or not text else row)


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


def _paint(page: Page, text: str, style: str) -> str:
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if page.colour else text
