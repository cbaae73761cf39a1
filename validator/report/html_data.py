"""What the HTML page is made from: the report as tables that refer to each other by index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...protocol_specs.tolerance import is_number
from ..finding import Finding, Severity
from ..result import Report, RuleCount
from . import phrases
from .groups import group, said, subjects
from .html_values import Paths, parameter_series, people_of, series_code
from .participants import compress
from .stream import dump
from .visible import visible
from .wording import shorten

_AFFECTED = 100  # other files of a finding; the json report has all
_PEOPLE = 300
_LENGTH = 2000  # characters of one text
_LEVELS = (Severity.ERROR, Severity.WARNING, Severity.IGNORE)


def page_data(report: Report) -> dict[str, Any]:
    """Return the page's data; every text in it is safe to show, and bounded."""
    paths = Paths()
    contrasts = _contrasts(report)
    sites = _sites(report)
    people = people_of(report.values)
    series = parameter_series(report.values, people, paths)
    codes = _ordered(report)
    units = {series_code(value.parameter): value.unit for value in report.values}
    failed = _failed(report.rules)
    rank = {code: at for at, code in enumerate(codes)}
    found = sorted(report.findings, key=lambda f: (_LEVELS.index(f.severity), rank[f.code]))
    return {
        "meta": _meta(report),
        "sites": [[clean(name), report.sites.get(name, 0)] for name in sites],
        "contrasts": list(map(clean, contrasts)),
        "rules": _rules(report, codes, sites, contrasts),
        "findings": [
            _finding(item, rank[item.code], paths, failed, units, report) for item in found
        ],
        "people": [list(map(clean, person)) for person in people],
        "series": series,
        "blind": [
            [[clean(rule.code) for rule in rules], clean(text)]
            for rules, text in phrases.blind(report)
        ],
        "paths": list(map(clean, paths.known)),
    }


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


def _meta(report: Report) -> dict[str, Any]:
    header, summary = report.header, report.summary
    texts = {
        "dataset": header.dataset,
        "protocol": header.protocol,
        "profile": header.profile,
        "tool": f"{header.origin.validator} {header.origin.version}",
        "standard": f"{header.origin.standard} {header.origin.standard_version}".strip(),
        "summary": phrases.last_line(report),
        "checks": phrases.blind_line(report),
    }
    counts = {"errors": summary.errors, "warnings": summary.warnings, "waived": summary.waived}
    return {**{key: clean(text) for key, text in texts.items()}, **counts}


def _contrasts(report: Report) -> list[str]:
    """Return the protocol's order first, then what else the report names; '' last."""
    named = dict.fromkeys(value.contrast for value in report.values)
    others = {at for rule in report.rules for _, at in rule.breakdown}
    others.update(finding.contrast for finding in report.findings)
    return [*(name for name in named if name), *sorted(others - {"", *named}), ""]


def _sites(report: Report) -> list[str]:
    named = {site for rule in report.rules for site, _ in rule.breakdown}
    named.update(finding.site for finding in report.findings)
    named.update(value.site for value in report.values)
    return [*sorted({*report.sites, *named} - {""}, key=lambda name: (name.lower(), name)), ""]


def _ordered(report: Report) -> list[str]:
    """Return every code once, those of the gravest findings first."""
    codes = dict.fromkeys(item.code for item in group(report))
    codes.update(dict.fromkeys(finding.code for finding in report.findings))
    codes.update(dict.fromkeys(rule.code for rule in report.rules))
    return list(codes)


def _failed(rules: Iterable[RuleCount]) -> dict[tuple[str, str], list[str]]:
    """Return (code, site) -> contrasts in which it was not met."""
    failed: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        for (site, contrast), tally in rule.breakdown.items():
            if tally.not_met:
                failed.setdefault((rule.code, site), []).append(contrast)
    return failed


def _rules(
    report: Report, codes: Sequence[str], sites: Sequence[str], contrasts: Sequence[str]
) -> list[dict[str, Any]]:
    counted = {rule.code: rule for rule in report.rules}
    row = {name: at for at, name in enumerate(sites)}
    column = {name: at for at, name in enumerate(contrasts)}
    rules = []
    for code in codes:
        rule = counted.get(code) or RuleCount(code)
        cells = [
            [row[site], column[contrast], *tally]
            for (site, contrast), tally in sorted(rule.breakdown.items())
        ]
        rules.append(
            {
                "code": clean(code),
                "title": clean(rule.title),
                "why": clean(rule.why),
                "source": clean(rule.source),
                "concerns": list(map(clean, rule.concerns)),
                "counts": [rule.met, rule.not_met, rule.not_determinable],
                "cells": cells,
            }
        )
    return rules


def _finding(
    finding: Finding,
    rule: int,
    paths: Paths,
    failed: Mapping[tuple[str, str], list[str]],
    units: Mapping[str, str],
    report: Report,
) -> dict[str, Any]:
    others = list(dict.fromkeys(finding.affects))
    people = subjects(finding)
    told_by = f"{finding.origin.validator} {finding.origin.version}"
    values: dict[str, Any] = {
        "id": finding.identity,
        "rule": rule,
        "level": _LEVELS.index(finding.severity),
        "text": clean(said(finding)),
        "at": paths.index(finding.location),
        "line": min(finding.line or 0, 2**53),
        "site": clean(finding.site),
        "contrast": clean(finding.contrast),
        # A finding of several contrasts is found by each of them.
        "among": [] if finding.contrast else _among(finding, failed),
        "people": list(map(clean, people[:_PEOPLE])),
        "who": clean(_who(people, report.sites.get(finding.site, 0))),
        "affects": [paths.index(path) for path in others[:_AFFECTED]],
        "more": max(len(others) - _AFFECTED, 0),
        "observed": _measured(finding.observed, units.get(finding.code, "")),
        "expected": told(finding.expected),
        "advice": clean(finding.suggestion),
        "remedy": finding.remedy.value if finding.remedy else "",
        "fallback": "" if not finding.remedy else phrases.REMEDIES[finding.remedy],
        "fix": _fix(finding.fix),
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
