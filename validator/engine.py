"""Runs every rule over a dataset: expressions per scan and series, parameters, modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..rules.rule import Rule
from .checks.table import CHECKS, load_check
from .context import LazyContext
from .dataset import Scan
from .finding import Outcome
from .inspection import Inspection
from .ledger import Ledger
from .parameters import check_parameters
from .result import Value
from .verdict import Verdict
from .wording import fill, first_reason, fix_of

DISPATCH = ("stage", "contrast", "suffix", "datatype", "extension")


def run_rules(inspection: Inspection, rules: Sequence[Rule], ledger: Ledger) -> list[Value]:
    """Run every rule and write what they say into the ledger.

    Returns
    -------
    list of Value
        Each parameter of each scan, judged: what the plots and tables are made from.
    """
    expressions = [rule for rule in rules if rule.checks]
    _run_scans(inspection, [r for r in expressions if "scan" in (r.over or r.scope)], ledger)
    _run_series(inspection, [r for r in expressions if r.scope == "series"], ledger)
    named = {rule.check for rule in rules if rule.check}
    for name in CHECKS:
        if name in named:
            for verdict in load_check(name)(inspection):
                ledger.write(verdict)
    templates = [rule for rule in rules if rule.over == "parameter"]
    return check_parameters(inspection, templates[0], ledger) if templates else []


def _run_scans(inspection: Inspection, rules: list[Rule], ledger: Ledger) -> None:
    """Evaluate expressions scan by scan; scans alike in name have the same candidate rules."""
    candidates: dict[tuple[Any, ...], list[Rule]] = {}
    gathered: dict[tuple[str, str, str], Gathered] = {}
    for scan in sorted(inspection.dataset.scans):  # by path: of two files it is never the same
        # Few shapes, many names; a foreign name is one of its own.
        key = id(scan.name.shape) if scan.name else scan.path, id(scan.stage), scan.contrast
        fitting = candidates.get(key)
        if fitting is None:
            facts = dict(zip(DISPATCH, _dispatch_key(scan), strict=True))
            fitting = candidates[key] = [rule for rule in rules if _can_apply(rule, facts)]
        if not fitting:
            continue
        # Only the scans of the protocol have a variant.
        variant = inspection.variant(scan) if scan.contrast is not None else None
        context = inspection.contexts.scan(scan, variant)
        site, contrast = scan.site, scan.contrast or ""
        for rule in fitting:
            if not rule.applies(context):
                continue
            outcome = rule.evaluate(context)
            if rule.scope == "site":
                place = rule.code, site, contrast
                found = gathered.setdefault(place, Gathered(rule, []))
                found.judged.append((outcome, scan, context))
                continue
            _write(ledger, rule, outcome, [scan.path], context, site, contrast)
    for (_, site, contrast), found in gathered.items():
        _write_site(ledger, found, site, contrast)


def _dispatch_key(scan: Scan) -> tuple[Any, ...]:
    """Return the scan's values of DISPATCH, as its context has them."""
    name, stage, contrast = scan.name, scan.stage.value, scan.contrast
    if name is None:
        return stage, contrast, None, None, scan.path[scan.path.rfind(".nii") :]
    return stage, contrast, name.suffix, name.datatype or None, name.extension


@dataclass(frozen=True, slots=True)
class Gathered:
    """The scans of one site and contrast under one rule of site scope."""

    rule: Rule
    judged: list[tuple[Outcome, Scan, LazyContext]]


def _write_site(ledger: Ledger, found: Gathered, site: str, contrast: str) -> None:
    rule = found.rule
    for outcome, _, context in found.judged:
        ledger.count(rule.code, outcome, site, contrast)
        if outcome is Outcome.NOT_DETERMINABLE:
            ledger.blind(rule.code, first_reason(rule, context))
    failed = [(scan, context) for o, scan, context in found.judged if o is Outcome.NOT_MET]
    if not failed:
        return
    paths = [scan.path for scan, _ in failed]
    context = failed[0][1]
    extra = {"count": len(paths), "total": len(found.judged)}
    observed = [rule.observed.evaluate(c) if rule.observed else None for _, c in failed]
    alike = all(value == observed[0] for value in observed)
    ledger.find(
        Verdict(
            rule.code,
            Outcome.NOT_MET,
            paths[0],
            site,
            contrast,
            message=fill(rule, context, extra),
            sub_code=contrast,
            observed=observed[0] if alike else None,
            expected=rule.expected.evaluate(context) if rule.expected else None,
            affects=tuple(paths[1:]),
        )
    )


def _run_series(inspection: Inspection, rules: list[Rule], ledger: Ledger) -> None:
    for name in inspection.spec.series if rules else ():
        for scans in inspection.members(name):
            members = [(scan, inspection.variant(scan)) for scan in scans]
            context = inspection.contexts.series(name, members)
            paths = [scan.path for scan in scans]
            for rule in rules:
                if rule.applies(context):
                    outcome = rule.evaluate(context)
                    _write(ledger, rule, outcome, paths, context, scans[0].site, name)


def _write(
    ledger: Ledger,
    rule: Rule,
    outcome: Outcome,
    paths: Sequence[str],
    context: LazyContext,
    site: str,
    contrast: str,
) -> None:
    if outcome is Outcome.MET:
        ledger.count(rule.code, outcome, site, contrast)
    elif outcome is Outcome.NOT_DETERMINABLE:
        ledger.count(rule.code, outcome, site, contrast)
        ledger.blind(rule.code, first_reason(rule, context))
    else:
        ledger.write(
            Verdict(
                rule.code,
                outcome,
                paths[0],
                site,
                contrast,
                message=fill(rule, context, {"count": 1, "total": 1}),
                sub_code=contrast if rule.scope == "series" else "",
                observed=rule.observed.evaluate(context) if rule.observed else None,
                expected=rule.expected.evaluate(context) if rule.expected else None,
                fix=fix_of(rule, context),
                affects=tuple(paths[1:]),
            )
        )


def _can_apply(rule: Rule, context: Mapping[str, Any]) -> bool:
    return all(context[name] in allowed for name, allowed in rule.dispatch.items())
