"""What the text says beside the open findings: what was mended, was there before, is waived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..finding import Finding
from ..result import Report
from . import phrases
from .groups import group
from .layout import Page, block, paint, title
from .standing import commands, standing, waivers
from .visible import fit, visible

ALL = "(--format json shows all)"
_RULES = 8
_PLACES = 3
_WAIVERS = 6
_COMMANDS = 3


def fixed_block(report: Report, page: Page) -> Iterator[str]:
    """Say what a change has mended, a line a rule."""
    fixed = report.fixed
    if not fixed:
        return
    count = phrases.number(len(fixed), "finding")
    yield from title(page, "FIXED BY THIS CHANGE", count, "green")
    groups = group(report, fixed)
    for item in groups[:_RULES]:
        text = f"  {phrases.size(item)}: {phrases.places(item, _PLACES)}"
        yield from block(page, f"✓ {item.code}", text, hang=4, style="green")
    if hidden := groups[_RULES:]:
        text = f"… and {phrases.number(len(hidden), 'more rule')} {ALL}"
        yield from block(page, "", text, first=2, style="dim")


def aside_block(report: Report, page: Page) -> Iterator[str]:
    """Count what does not count: what the base had already, and what is waived."""
    now = standing(report)
    if now.old:
        text = f"{phrases.levels(now.old)} (not counted): {phrases.by_rule(now.old, _RULES)}"
        yield from block(page, "Already there before:", f" {text}", hang=4)
    known = waivers(now.waived)
    if not known:
        return
    total = sum(waiver.findings for waiver in known)
    yield from block(page, "Waived:", f" {phrases.number(total, 'finding')}")
    for waiver in known[:_WAIVERS]:
        text = f"{waiver.text}: {phrases.number(waiver.findings, 'finding')}"
        codes = phrases.listed(waiver.codes, _PLACES)
        yield from block(page, "", f"{text} ({codes})", first=4, hang=8)
    if hidden := known[_WAIVERS:]:
        count = sum(waiver.findings for waiver in hidden)
        text = f"… and {phrases.number(count, 'finding')} for other reasons {ALL}"
        yield from block(page, "", text, first=4, style="dim")


def typed(page: Page, findings: Iterable[Finding], indent: int) -> Iterator[str]:
    """Say what to type, each command on a line of its own that is never wrapped or cut."""
    found = commands(findings)
    shown = [text for text in found if fit(visible(text), page.encoding) == text][:_COMMANDS]
    for text in shown:
        yield f"{' ' * indent}{paint(page, 'type:', 'cyan')} {text}"
    if more := len(found) - len(shown):
        text = f"… and {phrases.number(more, 'more command')} {ALL}"
        yield from block(page, "", text, first=indent, hang=indent, style="dim")
