"""What the HTML page is made from: the report as tables that refer to each other by index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..finding import Finding
from ..result import Report, RuleCount
from . import phrases
from .groups import group
from .html_finding import LEVELS, Facts, clean, finding_data, status_of
from .html_values import Paths, parameter_series, people_of, series_code


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
    facts = Facts(report, paths, failed, units)
    return {
        "meta": _meta(report),
        "sites": [[clean(name), report.sites.get(name, 0)] for name in sites],
        "contrasts": list(map(clean, contrasts)),
        "rules": _rules(report, codes, sites, contrasts),
        "findings": [finding_data(item, rank[item.code], facts) for item in _sorted(report, rank)],
        "people": [list(map(clean, person)) for person in people],
        "series": series,
        "blind": [
            [[clean(rule.code) for rule in rules], clean(text)]
            for rules, text in phrases.blind(report)
        ],
        "paths": list(map(clean, paths.known)),
    }


def _sorted(report: Report, rank: Mapping[str, int]) -> list[Finding]:
    return sorted(
        (*report.findings, *report.fixed),
        key=lambda f: (status_of(f), LEVELS.index(f.severity), rank[f.code]),
    )


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
        "base": header.base,
    }
    counts = {"errors": summary.errors, "warnings": summary.warnings, "waived": summary.waived}
    return {**{key: clean(text) for key, text in texts.items()}, **counts}


def _contrasts(report: Report) -> list[str]:
    """Return the protocol's order first, then what else the report names; '' last."""
    named = dict.fromkeys(value.contrast for value in report.values)
    others = {at for rule in report.rules for _, at in rule.breakdown}
    others.update(finding.contrast for finding in (*report.findings, *report.fixed))
    return [*(name for name in named if name), *sorted(others - {"", *named}), ""]


def _sites(report: Report) -> list[str]:
    named = {site for rule in report.rules for site, _ in rule.breakdown}
    named.update(finding.site for finding in (*report.findings, *report.fixed))
    named.update(value.site for value in report.values)
    return [*sorted({*report.sites, *named} - {""}, key=lambda name: (name.lower(), name)), ""]


def _ordered(report: Report) -> list[str]:
    """Return every code once, those of the gravest findings first."""
    codes = dict.fromkeys(item.code for item in group(report))
    codes.update(dict.fromkeys(item.code for item in group(report, report.findings)))
    codes.update(dict.fromkeys(finding.code for finding in report.fixed))
    codes.update(dict.fromkeys(rule.code for rule in report.rules))
    return list(codes)


def _failed(rules: Iterable[RuleCount]) -> dict[tuple[str, str], list[str]]:
    """Return (code, site) -> contrasts in which it was not met."""
    failed: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        for (site, contrast), tally in sorted(rule.breakdown.items()):
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
