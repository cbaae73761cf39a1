"""The text of a site's issue: its findings, and a letter that can be sent to the site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from ..finding import Finding, Severity
from ..report import phrases
from ..report.groups import Group, group
from ..report.letter import write_letter
from ..report.markdown import escape, fenced
from ..report.visible import visible
from ..result import Report
from .body import fit, plain, quiet

_LINES = 25  # of one rule
_COMMANDS = 3
_LETTER = 24_000  # bytes; a longer one is left to `spinegate validate --letter`
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
_FOOTER = (
    "<sub>Kept by `spinegate github issues`: updated when the findings change, closed when none "
    "is left. What is known and accepted goes into the dataset's baseline, with a reason; closed "
    "as not planned, this issue stays closed.</sub>"
)


def title_of(site: str) -> str:
    """Return the title; it holds no number, so that it stays the same."""
    return f"Findings in the data of {plain(site)}" if site else "Findings of the whole dataset"


def content_of(findings: Iterable[Finding]) -> str:
    """Return a hash of what the findings say: another one means that the issue must change."""
    rows = sorted(
        json.dumps([f.identity, f.severity.value, f.message, f.affects]) for f in findings
    )
    return hashlib.sha256("\n".join(rows).encode("utf-8", "backslashreplace")).hexdigest()[:24]


def gone_text(report: Report, site: str) -> str:
    """Say that nothing is left."""
    where = f"the data of {escape(plain(site))}" if site else "this issue's data"
    origin = report.header.origin
    name = escape(f"{origin.validator} {origin.version}")
    return quiet(f"Nothing is left to do for {where}: {name} found no error and no warning.")


def issue_text(report: Report, site: str, findings: list[Finding], marker: str) -> str:
    """Write the body of an issue."""
    groups = group(report, findings)
    parts = [*_opening(report, site, groups), *map(_block, groups)]
    text = "\n".join(parts)
    letter = _letter(report, site) if site else ""
    return fit(marker, text, f"{letter}{_FOOTER}")


def _opening(report: Report, site: str, groups: list[Group]) -> Iterator[str]:
    counts = [
        phrases.number(sum(len(g.findings) for g in groups if g.severity is level), level.value)
        for level in (Severity.ERROR, Severity.WARNING)
    ]
    where = "in what belongs to no single site"
    if site:
        people = report.sites.get(site, 0)
        of = f" ({phrases.number(people, 'participant')})" if people else ""
        where = f"in the data of **{escape(plain(site))}**{of}"
    against = f", checked against {escape(plain(report.header.protocol))}"
    yield f"{' and '.join(counts)} {where}{against if report.header.protocol else ''}.\n"
    yield "| | rule | findings | participants |\n|---|---|--:|--:|"
    for item in groups:
        numbers = f"{len(item.findings):,} | {len(item.participants):,}"
        yield f"| {_MARKS[item.severity]} | {escape(item.code)} | {numbers} |"


def _block(item: Group) -> str:
    rows = [f"\n### {_MARKS[item.severity]} {escape(item.code)}\n"]
    rows += [f"*{escape(why)}*\n"] if (why := phrases.why(item)) else []
    rows += [f"**What to do:** {escape(text)}\n" for text in phrases.remedies(item)]
    typed, more = phrases.typed(item.findings, _COMMANDS)
    if typed:
        rows.append(f"Type:\n\n{fenced(typed)}\n")
        rows += [f"… and {phrases.number(more, 'more command')}\n"] if more else []
    rows += [f"- {escape(phrases.told(line))}" for line in item.lines[:_LINES]]
    if len(item.lines) > _LINES:
        rows.append(f"- … and {len(item.lines) - _LINES:,} more")
    return "\n".join([*rows, ""])


def _letter(report: Report, site: str) -> str:
    """Return the letter, folded; in code nothing is markup."""
    text = write_letter(report, site)
    lines = "\n".join(visible(line) for line in text.splitlines())
    if len(lines.encode("utf-8", "backslashreplace")) > _LETTER:
        return ""
    fence = "`" * 3
    while fence in lines:
        fence += "`"
    opened = "<details><summary>A letter that can be sent to the site</summary>"
    return f"{opened}\n\n{fence}text\n{quiet(lines)}\n{fence}\n\n</details>\n\n"
