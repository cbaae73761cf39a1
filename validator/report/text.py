"""The report as a person reads it in a terminal.

Plain text with a few colours, not rich: for a report of a thousand findings, in a process that has
click loaded, grouping and layout take 10 ms; importing rich's console and printing the same lines
through it added 29 ms, of a budget of 600 ms for everything, and brought no better page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from ..finding import Severity
from ..result import Report
from . import phrases
from .groups import LEVELS, Group, Line, group
from .layout import PLAIN, Page, block, page_for, title
from .participants import compress
from .standing import commands
from .text_changes import ALL, aside_block, fixed_block, typed

_MARK = {Severity.ERROR: ("✗", "red"), Severity.WARNING: ("!", "yellow")}
_TITLES = {Severity.ERROR: "ERRORS", Severity.WARNING: "WARNINGS"}
_LINES = 10  # of one group
_ROWS = 16  # of one table
_LONG = 80  # characters; advice that is not repeated


def write_text(report: Report, stream: TextIO) -> None:
    """Write the report for a person."""
    stream.write(render_text(report, page_for(stream)))


def render_text(report: Report, page: Page = PLAIN) -> str:
    """Return the report as text for a page."""
    blocks = [
        _head(report, page),
        *_findings(report, page),
        fixed_block(report, page),
        aside_block(report, page),
        # Of a change only what is new is read; that much is blind is counted at the end.
        *([] if report.header.base else [_blind(report, page), _variants(report, page)]),
        _end(report, page),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, blocks) if lines) + "\n"


def _head(report: Report, page: Page) -> Iterator[str]:
    header = report.header
    parts = [f"{header.origin.validator} {header.origin.version}".strip(), header.dataset]
    parts += [f"protocol {header.protocol}"] if header.protocol else []
    parts += [f"profile {header.profile}"] if header.profile else []
    yield from block(page, parts[0], " · ".join(["", *parts[1:]]).rstrip(), style="bold")
    if header.base:
        yield from block(page, f"compared with {header.base}", ": only what is new counts")
    if header.options.get("plan"):
        plan = f": as it will be, the plan {header.options['plan']} carried out"
        yield from block(page, "not the dataset of today", plan)


def _findings(report: Report, page: Page) -> Iterator[list[str]]:
    groups = group(report)
    said: dict[str, str] = {}
    new = "NEW " if report.header.base else ""
    for level in LEVELS:
        members = [item for item in groups if item.severity is level]
        if members:
            total = phrases.number(sum(len(item.findings) for item in members), "finding")
            rules = phrases.number(len(members), "rule")
            heading = f"{new}{_TITLES[level]}"
            yield list(title(page, heading, f"{total}, {rules}", _MARK[level][1]))
            for item in members:
                yield list(_group(item, page, said))


def _group(item: Group, page: Page, said: dict[str, str]) -> Iterator[str]:
    sign, colour = _MARK[item.severity]
    yield from block(page, f"{sign} {item.code}", f"  {phrases.size(item)}", style=colour)
    why = phrases.doubt(item) if item.rule.why in said else phrases.why(item)
    said.setdefault(item.rule.why, item.code)
    todo = [_once(text, item.code, said) for text in phrases.remedies(item)]
    for label, text in (("why", why), *(("do", text) for text in todo)):
        if text:
            yield from block(page, f"{label}: ", text, first=4, hang=8, style="cyan")
    shared = commands(item.findings)
    if len(shared) == 1:
        yield from typed(page, item.findings, 4)
    shown = item.lines if len(item.lines) <= _LINES + 1 else item.lines[:_LINES]
    for line in shown:
        yield from _line(line, page)
        if len(shared) > 1:
            yield from typed(page, line.findings, 8)
    if hidden := item.lines[len(shown) :]:
        count = phrases.number(sum(len(line.findings) for line in hidden), "finding")
        sites = {place.site for line in hidden for place in line.places} - {""}
        at = f" at {phrases.number(len(sites), 'site')}" if sites else ""
        yield from block(page, "", f"… and {count} more{at} {ALL}", first=4, style="dim")


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
    yield from block(
        page, label, f": {line.sentence}" if label else line.sentence, first=4, hang=8
    )
    if len(line.places) > 1:
        yield from block(page, "", phrases.everywhere(line), first=8, hang=8)
    for pair in phrases.renames(line):
        yield from block(page, "", pair, first=8, hang=10)


def _blind(report: Report, page: Page) -> Iterator[str]:
    rows = phrases.blind(report)
    if not rows:
        return
    note = "neither passed nor failed, the facts are not in the files"
    yield from title(page, "NOT DETERMINABLE", note, "cyan")
    for rules, reason in rows[:_ROWS]:
        codes = ", ".join(rule.code for rule in rules)
        yield from block(page, codes, f": {reason}", first=2, hang=6)
    if hidden := sum(len(rules) for rules, _ in rows[_ROWS:]):
        more = f"… and {phrases.number(hidden, 'more rule')} (--format jsonl shows all)"
        yield from block(page, "", more, first=2, style="dim")


def _variants(report: Report, page: Page) -> Iterator[str]:
    uses: dict[tuple[str, str], dict[str, str]] = {}
    for use in report.variants:
        uses.setdefault((use.variant, use.why), {})[use.participant] = use.site
    if not uses:
        return
    yield from title(page, "PROTOCOL VARIANTS", "which participants were judged by which", "cyan")
    rows = sorted(uses.items(), key=lambda item: (item[0][0] != "", -len(item[1]), item[0]))
    for (variant, reason), people in rows:
        sites = Counter(people.values())
        whole = [site or "no site" for site, n in sites.items() if n == report.sites.get(site)]
        named = compress([p for p, site in people.items() if site not in whole], limit=4)
        where = "; ".join(filter(None, (phrases.listed(sorted(whole), 8), named)))
        label = f"{len(people):>5}  {variant or 'no variant'}"
        text = f": {where}" + (f" ({reason})" if reason else "")
        yield from block(page, label, text, hang=9)


def _end(report: Report, page: Page) -> Iterator[str]:
    summary = report.summary
    if not summary.errors and not summary.warnings:
        new = "new " if report.header.base else ""
        yield from block(page, f"✓ No {new}error, no {new}warning", ".", style="green")
    elif not report.header.base and (worst := phrases.worst_sites(report)):
        kind = "errors" if summary.errors else "warnings"
        hint = "A letter to a site's contact: --letter SITE"
        yield from block(page, f"Most {kind}:", f" {', '.join(worst)}. {hint}", hang=2)
    if counted := phrases.blind_line(report):
        yield from block(page, "", counted, hang=2)
    style = "red" if summary.errors else "yellow" if summary.warnings else "green"
    yield from block(page, phrases.last_line(report), "", style=style, hang=2)
