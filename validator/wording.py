"""A rule's message, reason and fix with the values of one unit put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rules.rule import Rule, render
from .context import LazyContext


def fill(rule: Rule, context: LazyContext, extra: Mapping[str, Any]) -> str:
    """Return the rule's message for one unit."""
    series = context.get("series") or {}
    values = {
        "path": context["path"],
        "contrast": context["contrast"],
        "site": context["site"],
        "suffix": context["suffix"],
        "subject": context["subject"],
        "session": context["session"],
        "series": series.get("name"),
        "observed": rule.observed.evaluate(context) if rule.observed else None,
        "expected": rule.expected.evaluate(context) if rule.expected else None,
        **extra,
    }
    return render(rule.message, values)


def first_reason(rule: Rule, context: LazyContext) -> str:
    """Say which value is missing that a rule reads."""
    for check in rule.checks:
        for path in sorted(check.reads - check.tested):
            value: Any = context
            for part in path:
                value = value.get(part) if isinstance(value, Mapping) and part else None
                if path[0] not in context or value is None:
                    value = context[path[0]] if part == path[0] else value
            if value is None:
                return _reason(path, context)
    return "a value that the rule reads has another type"


def _reason(path: tuple[str, ...], context: LazyContext) -> str:
    if path[0] in ("nifti_header", "series") and "header" in "".join(path):
        return context.why_no_header()
    if path[0] in ("sidecar", "series"):
        return f"no {path[-1]} in the sidecar"
    if path[0] == "spec":
        return f"the protocol sets no {path[-1]}"
    return f"no {'.'.join(path)}"


def fix_of(rule: Rule, context: LazyContext) -> dict[str, Any] | None:
    """Return what curation can do, None where the rule has no fix."""
    if rule.fix is None:
        return None
    path = context["path"].partition(".nii")[0] + ".json" if rule.fix.key else context["path"]
    fix: dict[str, Any] = {"op": rule.fix.op, "path": path}
    if rule.fix.key:
        fix["key"] = rule.fix.key
    if rule.fix.value is not None:
        fix["to" if rule.fix.op == "rename" else "value"] = rule.fix.value.evaluate(context)
    return fix
