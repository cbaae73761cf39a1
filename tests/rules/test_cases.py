"""Runs tests/cases/<CODE>.yaml of every rule that is written as expressions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.parameter import Parameter
from spinegate.protocol_specs.tolerance import Tolerance
from spinegate.rules.language import Context, Expression, parse
from spinegate.rules.language.nodes import Path as Names
from spinegate.rules.language.reads import reads
from spinegate.rules.loader import load_rules
from spinegate.rules.rule import Rule, render
from spinegate.rules.vocabulary import load_vocabulary
from spinegate.system.yaml import read_yaml

CASES = Path(__file__).parents[1] / "cases"
RULES = {rule.code: rule for rule in load_rules()}
DEFAULTS: Mapping[str, Any] = {
    "path": "sub-01/anat/sub-01_T1w.nii.gz",
    "stage": "raw",
    "presence": "absent",
    "sidecar": {},
}
OUTCOMES = {"met", "not_met", "not_determinable", "not_applicable"}
NEVER_NULL = {("path",), ("stage",), ("presence",), ("sidecar",), ("entities",), ("dataset",)}


class CaseContext(Context):
    """A context for which `exists` knows the case's files."""

    files: tuple[str, ...] = ()

    def exists(self, path: str, rule: str) -> bool:
        return path in self.files


def parameter(name: str, fields: Mapping[str, Any]) -> Parameter:
    rest = dict(fields)
    tolerance = Tolerance(rest.pop("absolute", 0.0), rest.pop("relative", 0.0))
    for key in ("target", "values"):
        if isinstance(rest.get(key), list):
            rest[key] = tuple(rest[key])
    return Parameter(name, tolerance=tolerance, **rest)


def make_context(given: Mapping[str, Any]) -> CaseContext:
    context = CaseContext({**DEFAULTS, **given})
    context.files = tuple(context.pop("files", ()))
    if isinstance(context["spec"], dict):
        spec = context["spec"].items()
        context["spec"] = {name: parameter(name, fields) for name, fields in spec}
    if isinstance(context["parameter"], dict) and "target" in context["parameter"]:
        entry = context["parameter"]
        target = parameter(str(entry.get("name", "EchoTime")), entry["target"])
        context["parameter"] = {**entry, "target": target}
    return context


def cases(code: str) -> list[dict[str, Any]]:
    file = CASES / f"{code}.yaml"
    value = read_yaml(file).value if file.exists() else []
    assert isinstance(value, list), f"{file.name} is no list"
    return value


EXPRESSIONS = [rule for rule in RULES.values() if rule.checks]
EVERY = [
    pytest.param(rule, case, id=f"{rule.code}-{case.get('name')}")
    for rule in EXPRESSIONS
    for case in cases(rule.code)
]


@pytest.mark.parametrize(("rule", "case"), EVERY)
def test_case(rule: Rule, case: dict[str, Any]) -> None:
    assert case.keys() == {"name", "context", "outcome"}
    assert case["outcome"] in OUTCOMES
    assert case["context"].keys() <= {"files", *load_vocabulary().roots}
    context = make_context(case["context"])
    applies = rule.applies(context)
    outcome = rule.evaluate(context).value if applies else "not_applicable"
    assert outcome == case["outcome"]
    if applies:
        for key, allowed in rule.dispatch.items():
            assert context[key] in allowed
    if outcome == "not_met":
        shown = {
            name: value.evaluate(context)
            for name, value in (("observed", rule.observed), ("expected", rule.expected))
            if isinstance(value, Expression)
        }
        assert render(rule.message, shown)


def nullable(rule: Rule) -> set[Names]:
    """Return what the checks read that may be null although the selectors are true."""
    read = {path for check in rule.checks for path in check.reads}
    for source in rule.selectors:
        for paths in reads(parse(source)):
            read -= paths
    return read - NEVER_NULL


@pytest.mark.parametrize("rule", EXPRESSIONS, ids=lambda rule: rule.code)
def test_every_rule_has_its_cases(rule: Rule) -> None:
    outcomes = {case["outcome"] for case in cases(rule.code)}
    assert {"met", "not_met"} <= outcomes
    if nullable(rule):
        assert "not_determinable" in outcomes


def test_every_rule_with_a_module_has_a_case_file() -> None:
    # The template of all parameters has none: each parameter's own code has one.
    asked = [rule for rule in RULES.values() if rule.check and rule.over != "parameter"]
    assert [rule.code for rule in asked if not cases(rule.code)] == []


def test_every_case_file_belongs_to_a_rule() -> None:
    spec = load_spec("spine-generic")
    codes = {
        parameter.code
        for variant in spec.variants
        for contrast in spec.contrasts
        for parameter in variant.parameters(contrast).values()
    }
    assert {file.stem for file in CASES.glob("*.yaml")} <= RULES.keys() | codes
