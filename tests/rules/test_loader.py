from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spinegate.rules.language import Context
from spinegate.rules.loader import load_rules, rule_files
from spinegate.rules.outcome import Outcome
from spinegate.rules.rule import Rule
from spinegate.system.errors import ConfigError
from spinegate.system.yaml import parse_yaml

ENTRY = """
REPETITION_TIME_LONG:
  scope: scan
  level: warning
  message: "{contrast}: TR {observed} s, at most {expected} s"
  why: it takes long
  source: nobody
  selectors:
    - suffix == "T1w"
  checks:
    - sidecar.RepetitionTime <= 3
  observed: sidecar.RepetitionTime
  expected: 3
"""


def load(text: str) -> Rule:
    (rule,) = load_rules([], [parse_yaml(text, "own.yaml")])
    return rule


def test_a_whole_rule() -> None:
    rule = load(
        ENTRY
        + """
  over: scan
  title: Long repetition time
  group: sidecars
  suggestion: Shorten it.
  remedy: edit
  fix: {op: set, key: RepetitionTime, value: sidecar.RepetitionTime / 1000}
  concerns: [csa_t1]
  examples: {pass: 2, fail: 2000}
"""
    )
    context = Context(suffix="T1w", sidecar={"RepetitionTime": 2000})
    assert rule.applies(context)
    assert rule.evaluate(context) is Outcome.NOT_MET
    assert rule.dispatch == {"suffix": {"T1w"}}
    assert rule.observed is not None
    assert rule.observed.evaluate(context) == 2000
    assert rule.expected is not None
    assert rule.expected.evaluate(context) == 3
    assert rule.fix is not None
    assert (rule.fix.op, rule.fix.key) == ("set", "RepetitionTime")
    assert rule.fix.value is not None
    assert rule.fix.value.evaluate(context) == 2
    assert (rule.group, rule.name) == ("sidecars", "rules.sidecars.REPETITION_TIME_LONG")
    assert (rule.file, rule.line, rule.title) == ("own.yaml", 2, "Long repetition time")
    assert (rule.concerns, rule.remedy) == (("csa_t1",), "edit")


def test_defaults() -> None:
    rule = load(ENTRY)
    assert (rule.group, rule.title, rule.over) == ("own", "Repetition time long", "")


def test_a_rule_with_a_module() -> None:
    rule = load(ENTRY[: ENTRY.index("  selectors")] + "  check: series\n")
    assert rule.check == "series"
    assert rule.applies(Context())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scope: scan", "scope: image", r"own\.yaml:3: REPETITION_TIME_LONG\.scope: must be one"),
        ("scope: scan", "scoop: scan", r"own\.yaml:3: .*scoop: no such key; did you mean 'scope'"),
        ("  why: it takes long\n", "", r"own\.yaml:2: REPETITION_TIME_LONG: why is missing"),
        ("why: it takes long", "why: ", "why is missing"),
        ("why: it takes long", "why: [a]", "why: must be text"),
        ("level: warning", "level: ignore", "level: must be one of error, warning"),
        ("{observed}", "{observd}", r"own\.yaml:5: .*no placeholder {observd}; did you mean"),
        ("{observed}", "{observed:.2f}", "no placeholder {observed}"),
        ("{observed}", "{observed.x}", "no placeholder {observed.x}"),
        ("{observed}", "{", "braces"),
        ("  observed: sid", "  # sid", r"own\.yaml:5: .*{observed} needs an expression"),
        ("  expected: 3\n", "", "{expected} needs an expression"),
        ("suffix ==", "sufix ==", r"own\.yaml:9: .*selectors\.0: no name 'sufix'.*'suffix'"),
        ("<= 3", "<= ", r"own\.yaml:11: .*checks\.0: a value is missing"),
        ("sidecar.Rep", "sidecar.rep", "did you mean 'RepetitionTime'"),
        ("checks:", "check:", "check: must be text"),
        ("  checks:\n    - sidecar.RepetitionTime <= 3\n", "", "either checks or the module"),
        ("checks:", "check: series\n  checks:", "either checks or the module"),
        ("    - sidecar.RepetitionTime <= 3", "    - 3", "checks: must be a list of texts"),
        (
            "  checks:\n    - sidecar.RepetitionTime <= 3",
            "  check: x",
            "selectors belong to rules with checks",
        ),
        ("source: nobody", "source: x\n  fix: {op: move}", "fix: needs op"),
        ("source: nobody", "source: x\n  fix: {op: set}", "need a value"),
        ("source: nobody", "source: x\n  fix: {op: remove, value: 'path'}", "remove has none"),
        ("source: nobody", "source: x\n  fix: {op: remove, path: x}", "no such key"),
        ("source: nobody", "source: x\n  fix: {op: remove, key: [x]}", "fix.key: must be text"),
        (
            "source: nobody",
            "source: x\n  fix: {op: set, value: nme}",
            r"fix\.value: no name",
        ),
        ("source: nobody", "source: x\n  concerns: [csa]", "no metric 'csa'"),
        ("observed: sidecar.RepetitionTime", "observed: pth", "observed: no name 'pth'.*'path'"),
        ("source: nobody", "source: x\n  examples: 1", "examples: must be a mapping"),
        ("source: nobody", "source: x\n  examples: {good: 1}", "examples.good: no such key"),
        ("REPETITION_TIME_LONG", "repetition", "a code is written LIKE_THIS"),
        ("REPETITION_TIME_LONG", "1X", "a code is written LIKE_THIS"),
    ],
)
def test_a_fault_names_file_line_and_key(old: str, new: str, message: str) -> None:
    assert old in ENTRY
    with pytest.raises(ConfigError, match=message):
        load(ENTRY.replace(old, new, 1))


@pytest.mark.parametrize("text", ["[]", "A_CODE: 1", "1"])
def test_not_even_rules(text: str) -> None:
    with pytest.raises(ConfigError, match="mapping"):
        load(text)


def test_an_empty_file_has_no_rules() -> None:
    assert load_rules([], [parse_yaml("", "own.yaml")]) == ()


def test_a_code_stands_once() -> None:
    documents = [parse_yaml(ENTRY, "one.yaml"), parse_yaml(ENTRY, "two.yaml")]
    with pytest.raises(ConfigError, match=r"two\.yaml:2: .*stands in one\.yaml:2 already"):
        load_rules([], documents)


def test_a_file_can_bring_its_own_names(tmp_path: Path) -> None:
    own = """
vocabulary:
  sidecar: {CoilTemperature: {type: number, unit: K, description: How warm the coil is}}
  contrast: [PDw]
"""
    changed = ENTRY.replace("sidecar.RepetitionTime", "sidecar.CoilTemperature").replace(
        'suffix == "T1w"', 'contrast == "PDw"'
    )
    file = tmp_path / "own.yaml"
    observed = "observed: sidecar.CoilTemperature", "observed: spec.CoilTemperature.target"
    file.write_text(own + changed.replace(*observed))
    (rule,) = load_rules([], [file])
    assert rule.dispatch == {"contrast": {"PDw"}}
    with pytest.raises(ConfigError, match="no name 'CoilTemperature'"):
        load(changed.replace("PDw", "T1w"))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("1", "vocabulary: must be a mapping"),
        ("{sidcar: {}}", r"vocabulary\.sidcar: no such name; did you mean 'sidecar'"),
        ("{sidecar: 1}", r"vocabulary\.sidecar: must be a mapping"),
        ("{sidecar: {X: {type: number}}}", "description is missing"),
    ],
)
def test_faults_in_own_names(names: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(f"vocabulary: {names}\n" + ENTRY)


def test_the_rules_of_the_package_load() -> None:
    rules = load_rules()
    assert {rule.file for rule in rules} == {f"rules/{file.name}" for file in rule_files()}
    assert all(rule.message and rule.why and rule.source for rule in rules)


def test_the_package_and_extra_rules() -> None:
    extra: list[Any] = [parse_yaml(ENTRY, "own.yaml")]
    assert len(load_rules(extra=extra)) == len(load_rules()) + 1


def test_a_rule_absorbs_rules_that_there_are() -> None:
    other = ENTRY.replace(next(iter(parse_yaml(ENTRY, "own.yaml").value)), "OTHER_CODE")
    cause = ENTRY + "  absorbs: [OTHER_CODE]\n"
    rules = load_rules([], [parse_yaml(cause, "one.yaml"), parse_yaml(other, "two.yaml")])
    assert [rule.absorbs for rule in rules] == [("OTHER_CODE",), ()]
    with pytest.raises(ConfigError, match=r"one\.yaml:\d+: .*no rule 'OTHER_CODE'"):
        load_rules([], [parse_yaml(cause, "one.yaml")])
    code = rules[0].code
    with pytest.raises(ConfigError, match="itself"):
        load_rules([], [parse_yaml(ENTRY + f"  absorbs: [{code}]\n", "one.yaml")])
    with pytest.raises(ConfigError, match="list of texts"):
        load_rules([], [parse_yaml(ENTRY + "  absorbs: OTHER_CODE\n", "one.yaml")])
