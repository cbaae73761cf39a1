"""The report as Markdown for GitHub: a job summary or a comment, below its limit of size."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from ..finding import Finding, Severity
from ..result import Report, RuleCount
from . import phrases
from .groups import Group, Line, group
from .standing import Waiver, standing, waivers
from .visible import fit, visible
from .wording import shorten

_LIMIT = 1_000_000  # bytes; GitHub refuses a summary of more than 1 MiB
_NOTE = 100  # bytes of the line that says what is left out
_LINES = 25  # of one rule
_PLACES = 3
_COMMANDS = 3
_NAME = 200  # characters of a dataset's name
_LONGEST = 500  # characters of one line of what does not count
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
_SPECIAL = re.compile(r"[\\`*_\[\]~|$]")
_TICKS = re.compile(r"`+")
# What would open a heading, a quote, a list or a rule at the beginning of a line.
_BLOCK = re.compile(r"\s*(?:#+\s|>|[+-]\s|[0-9]+[.)]\s|[=-]{2})")
_LINK = re.compile(r"@(?=\w)|#(?=\w)|\bGH-(?=\d)|\bwww(?=\.)|:(?=//)", re.IGNORECASE)


def write_markdown(report: Report, stream: TextIO, limit: int = _LIMIT) -> None:
    """Write the summary; what no longer fits is counted at the end, never cut in the middle.

    Parameters
    ----------
    limit
        In bytes of UTF-8; GitHub takes 1 MiB in a summary and 65,536 characters in a comment.
    """
    room = limit - _NOTE
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


def fenced(texts: Iterable[str]) -> str:
    """Return texts of one line each as a block of code that none of them can end.

    >>> print(fenced(["git push"]))
    ```sh
    git push
    ```
    """
    lines = list(texts)
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join([f"{fence}sh", *lines, fence])


def _parts(report: Report) -> Iterator[str]:
    name, base = escape(shorten(report.header.dataset, _NAME)), report.header.base
    mark = "✗" if report.summary.errors else "✓"
    yield f"## {mark} {phrases.verdict(report)}: {name}\n\n**{phrases.last_line(report)}**\n"
    if base:
        yield f"\nCompared with {escape(shorten(base, _NAME))}: only what is new counts.\n"
    if counted := phrases.blind_line(report):
        yield f"\n{escape(counted)}\n"
    groups = group(report)
    if groups:
        yield "\n| | rule | findings | participants | sites |\n|---|---|--:|--:|--:|\n"
    elif not base:
        yield "\n✅ No error, no warning.\n"
    for item in groups:
        counts = (len(item.findings), len(item.participants), len(item.sites))
        numbers = " | ".join(f"{count:,}" for count in counts)
        yield f"| {_MARKS[item.severity]} | {escape(item.code)} | {numbers} |\n"
    for item in groups:
        yield _group(item)
    now = standing(report)
    if now.fixed:
        title = f"{phrases.number(len(now.fixed), 'finding')} fixed by this change"
        yield _folded(f"✅ {title}", [_placed(item) for item in group(report, now.fixed)])
    if now.old:
        title = f"{phrases.number(len(now.old), 'finding')} there before: not counted"
        yield _folded(f"{title} ({phrases.levels(now.old)})", _counted(now.old))
    if now.waived:
        title = f"{phrases.number(len(now.waived), 'finding')} waived"
        yield _folded(title, [_waived(waiver) for waiver in waivers(now.waived)])
    # Of a change only what is new is read, as in the text; how much is blind is counted above.
    if not base and (rows := phrases.blind(report)):
        yield "\n### Not determinable\n\n| rules | why and where |\n|---|---|\n"
        yield from map(_row, rows)


def _group(item: Group) -> str:
    state = " open" if item.severity is Severity.ERROR else ""
    size = html.escape(visible(f"{item.code} ({phrases.size(item)})"))  # HTML, no Markdown here
    rows = [f"\n<details{state}><summary>{_MARKS[item.severity]} {size}</summary>\n"]
    rows += [f"*{escape(why)}*\n"] if (why := phrases.why(item)) else []
    rows += [f"**What to do:** {escape(text)}\n" for text in phrases.remedies(item)]
    typed, more = phrases.typed(item.findings, _COMMANDS)
    if typed:
        rows.append(f"Type:\n\n{fenced(typed)}\n")
        rows += [f"… and {phrases.number(more, 'more command')}\n"] if more else []
    rows += _cut([_line(line) for line in item.lines])
    return "\n".join(rows) + "\n\n</details>\n"


def _folded(title: str, rows: Sequence[str]) -> str:
    return "\n".join([f"\n<details><summary>{title}</summary>\n", *_cut(rows), "\n</details>\n"])


def _cut(rows: Sequence[str]) -> list[str]:
    more = len(rows) - _LINES
    return [*rows[:_LINES], *([f"- … and {more:,} more"] if more > 0 else [])]


def _row(row: tuple[Sequence[RuleCount], str]) -> str:
    rules, reason = row
    return f"| {escape(', '.join(rule.code for rule in rules))} | {escape(reason)} |\n"


def _placed(item: Group) -> str:
    places = shorten(phrases.places(item, _PLACES), _LONGEST)
    return f"- {escape(item.code)} ({phrases.size(item)}): {escape(places)}"


def _counted(found: Iterable[Finding]) -> list[str]:
    counts = Counter((finding.code, finding.severity) for finding in found)
    return [
        f"- {_MARKS[severity]} {escape(code)}: {phrases.number(count, 'finding')}"
        for (code, severity), count in counts.most_common()
    ]


def _waived(waiver: Waiver) -> str:
    codes = phrases.listed(waiver.codes, _PLACES)
    count = phrases.number(waiver.findings, "finding")
    return f"- {escape(shorten(waiver.text, _LONGEST))}: {count} ({escape(codes)})"


def _line(line: Line) -> str:
    renames = (f"\n  - {escape(pair)}" for pair in phrases.renames(line))
    return f"- {escape(phrases.told(line))}{''.join(renames)}"
