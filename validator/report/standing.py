"""What each finding counts for: whether it is open, was there before, is waived or mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..finding import Finding, Severity, Status
from ..result import Report

_FIX = re.compile(r"(spinegate curate fix (?:--base \S+ )?)(--finding [0-9a-f]{16}) --apply\Z")
_TOGETHER = 8  # findings that one command mends


@dataclass(frozen=True, slots=True)
class Standing:
    """The findings of a report by what they count for.

    Attributes
    ----------
    open
        Errors and warnings that count: without a base all, else the new ones.
    old
        Errors and warnings that the base had already.
    fixed
        What the base had and this change has mended.
    waived
        What a record of the policy has set to `ignore`.
    """

    open: tuple[Finding, ...]
    old: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    waived: tuple[Finding, ...]


def standing(report: Report) -> Standing:
    """Sort a report's findings by what they count for; each part keeps their order."""
    counted = [f for f in report.findings if f.severity is not Severity.IGNORE]
    return Standing(
        tuple(f for f in counted if f.status is not Status.OLD),
        tuple(f for f in counted if f.status is Status.OLD),
        report.fixed,
        tuple(f for f in report.findings if f.severity is Severity.IGNORE),
    )


class Waiver(NamedTuple):
    """What was waived for one reason.

    Attributes
    ----------
    text
        'scanner was replaced · by J. Doe · until 2026-12-31'.
    codes
        The rules, the most frequent first.
    """

    text: str
    findings: int
    codes: tuple[str, ...]


def waivers(findings: Iterable[Finding]) -> list[Waiver]:
    """Put waived findings together by their reason, those for most findings first."""
    counts: dict[str, Counter[str]] = {}
    for finding in findings:
        counts.setdefault(waiver_text(finding), Counter())[finding.code] += 1
    found = [
        Waiver(text, codes.total(), tuple(code for code, _ in codes.most_common()))
        for text, codes in counts.items()
    ]
    return sorted(found, key=lambda waiver: (-waiver.findings, waiver.text))


def waiver_text(finding: Finding) -> str:
    """Say why a finding's severity was changed, by whom and until when."""
    record = finding.policy or {}
    words = {"by": "by {}", "until": "until {}", "issue": "see {}"}
    more = [form.format(record[key]) for key, form in words.items() if record.get(key)]
    return " · ".join([record.get("reason") or "no reason given", *more])


def commands(findings: Iterable[Finding]) -> list[str]:
    """Return what to type to mend findings, each command once; fixes of several in one command."""
    lines: dict[str, list[str]] = {}
    for text in dict.fromkeys(filter(None, (f.command.strip() for f in findings))):
        fix = _FIX.match(text)
        start, finding = fix.groups() if fix else (text, "")
        lines.setdefault(start, []).extend([finding] if finding else [])
    return [text for start, chosen in lines.items() for text in _typed(start, chosen)]


def _typed(start: str, chosen: list[str]) -> Iterator[str]:
    if not chosen:
        yield start
    for at in range(0, len(chosen), _TOGETHER):
        yield f"{start}{' '.join(chosen[at : at + _TOGETHER])} --apply"
