"""One finding as the HTML page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...protocol_specs.tolerance import is_number
from ..finding import Finding, Severity, Status
from ..result import Report
from . import phrases
from .groups import said, subjects
from .html_values import Paths
from .participants import compress
from .standing import waiver_text
from .stream import dump
from .visible import visible
from .wording import shorten

LEVELS = (Severity.ERROR, Severity.WARNING, Severity.IGNORE)
_AFFECTED = 100  # other files of a finding; the json report has all
_PEOPLE = 300
_LENGTH = 2000  # characters of one text


class Facts(NamedTuple):
    """What is the same for all findings of a page.

    Attributes
    ----------
    failed
        (code, site) -> contrasts in which the rule was not met.
    units
        Code -> unit of the parameter that it judges.
    """

    report: Report
    paths: Paths
    failed: Mapping[tuple[str, str], list[str]]
    units: Mapping[str, str]


def clean(text: str) -> str:
    """Return a text as it may be shown: one line, no controls, not longer than is read."""
    return shorten(visible(text), _LENGTH)


def told(value: Any) -> str:
    """Return any JSON value as text for people ('' for none)."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping) and value:
        return clean("; ".join(f"{key}: {told(item)}" for key, item in value.items()))
    if isinstance(value, list | tuple) and value and not any(map(_nested, value)):
        return clean(", ".join(map(told, value)))
    return clean(dump(value))


def _measured(value: Any, unit: str) -> str:
    return f"{told(value)} {clean(unit)}".strip() if is_number(value) else told(value)


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def status_of(finding: Finding) -> int:
    """Say which of the page's statuses a finding has: 0 new, 1 old, 2 fixed, 3 waived.

    Where there is no base all that counts is as good as new.
    """
    if finding.status is Status.FIXED:
        return 2
    if finding.severity is Severity.IGNORE:
        return 3
    return int(finding.status is Status.OLD)


def finding_data(finding: Finding, rule: int, facts: Facts) -> dict[str, Any]:
    """Return what the page shows of a finding; what is empty is left out.

    Parameters
    ----------
    rule
        Where its rule stands in the page's table.
    """
    paths, report, status = facts.paths, facts.report, status_of(finding)
    others = list(dict.fromkeys(finding.affects))
    people = subjects(finding)
    command = finding.command.strip()
    told_by = f"{finding.origin.validator} {finding.origin.version}"
    values: dict[str, Any] = {
        # The same with another value may be among what was mended.
        "id": finding.identity + ("-fixed" if status == 2 else ""),
        "status": status,
        "rule": rule,
        "level": LEVELS.index(finding.severity),
        "text": clean(said(finding)),
        "at": paths.index(finding.location),
        "line": min(finding.line or 0, 2**53),
        "site": clean(finding.site),
        "contrast": clean(finding.contrast),
        # A finding of several contrasts is found by each of them.
        "among": [] if finding.contrast else _among(finding, facts.failed),
        "people": list(map(clean, people[:_PEOPLE])),
        "who": clean(_who(people, report.sites.get(finding.site, 0))),
        "affects": [paths.index(path) for path in others[:_AFFECTED]],
        "more": max(len(others) - _AFFECTED, 0),
        "observed": _measured(finding.observed, facts.units.get(finding.code, "")),
        "expected": told(finding.expected),
        "advice": clean(finding.suggestion),
        "remedy": finding.remedy.value if finding.remedy else "",
        "fallback": "" if not finding.remedy else phrases.REMEDIES[finding.remedy],
        "fix": _fix(finding.fix),
        "command": command if _is_exact(command) else "",
        "untold": "command" if command and not _is_exact(command) else "",
        "policy": _policy(finding),
        "concerns": list(map(clean, finding.concerns)),
        "by": clean(told_by) if finding.origin != report.header.origin else "",
    }
    return {key: value for key, value in values.items() if value not in ("", [])}


def _who(people: Sequence[str], of: int) -> str:
    if 1 < len(people) == of:
        return "both participants" if of == 2 else f"all {of} participants"
    return compress(people, limit=5)


def _among(finding: Finding, failed: Mapping[tuple[str, str], list[str]]) -> list[str]:
    names = failed.get((finding.code, finding.site), [])
    return [] if names == [""] else list(map(clean, names))


def _fix(fix: Mapping[str, Any] | None) -> str:
    if not fix:
        return ""
    if fix.get("op") == "rename":
        return clean(f"rename {fix.get('path', '')} \u2192 {fix.get('to', '')}")
    if "key" in fix:
        words = f"{fix.get('op', '')} {fix['key']} = {dump(fix.get('value'))}"
        return clean(f"{words} in {fix.get('path', '')}")
    return told(fix)


def _is_exact(command: str) -> bool:
    """Whether a command can be shown as it is; another one must not be copied."""
    return clean(command) == command


def _policy(finding: Finding) -> str:
    """Say who changed the severity of a finding, and why."""
    record = finding.policy
    if record is None:
        return ""
    was = record.get("severity", "")
    more = ", ".join(filter(None, [was and f"else {was}", record.get("source", "")]))
    return clean(waiver_text(finding) + (f" ({more})" if more else ""))
