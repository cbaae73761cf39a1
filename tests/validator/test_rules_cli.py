from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from spinegate.rules.loader import load_rules
from spinegate.rules.rule import Rule
from spinegate.system.errors import ConfigError
from spinegate.validator.rules_cli import command, manual, to_json

RULES = load_rules()


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_list_names_every_rule_below_its_group() -> None:
    lines = run("list").splitlines()
    for rule in RULES:
        (at,) = [at for at, line in enumerate(lines) if line.split()[:1] == [rule.code]]
        above = [line for line in lines[:at] if line and not line.startswith(" ")]
        assert above[-1] == rule.group


def test_list_of_one_group() -> None:
    group = RULES[0].group
    found = json.loads(run("list", "--group", group, "--format", "json"))
    assert [each["code"] for each in found] == [r.code for r in RULES if r.group == group]


def test_an_unknown_group() -> None:
    with pytest.raises(ConfigError, match="no group 'sidecar'; did you mean 'sidecars'"):
        run("list", "--group", "sidecar")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_explain_prints_the_whole_page(rule: Rule) -> None:
    page = run("explain", rule.code)
    words = " ".join(page.split())
    for text in (rule.code, rule.level, rule.message, rule.why, rule.source):
        assert " ".join(text.split()) in words
    for source in (*rule.selectors, *(check.source for check in rule.checks)):
        assert " ".join(source.split()) in words
    assert page.rstrip("\n") == manual(rule).rstrip("\n")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_explain_as_json(rule: Rule) -> None:
    assert json.loads(run("explain", rule.code.lower(), "--format", "json")) == to_json(rule)


def test_a_parameter_is_explained_by_its_template() -> None:
    lines = run("explain", "flip_angle_out_of_tolerance").splitlines()
    assert lines[0].startswith("FLIP_ANGLE_OUT_OF_TOLERANCE is this rule for")
    assert lines[2] == "PARAMETER_OUT_OF_TOLERANCE"


def test_list_says_what_a_rule_finds() -> None:
    lines = {line.split()[0]: line for line in run("list").splitlines() if line}
    assert lines["README_MISSING"].endswith("There is no README.")
    assert "EchoTime is \u2026; in seconds" in lines["ECHO_TIME_NOT_IN_SECONDS"]
    assert lines["SIDECAR_NOT_OBJECT"].endswith("than {...}.")
    assert lines["PARAMETER_OUT_OF_TOLERANCE"].endswith("Parameter out of tolerance")


def test_an_unknown_code() -> None:
    with pytest.raises(ConfigError, match="no rule 'ECHO_TIME_NOT_IN_SECOND'; did you mean"):
        run("explain", "ECHO_TIME_NOT_IN_SECOND")


def test_rules_of_a_dataset(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        """
OUR_OWN:
  title: Our very own
  scope: scan
  over: scan
  level: error
  message: no
  why: because
  source: us
  remedy: waive
  suggestion: Think again.
  checks: [sidecar.EchoTime > 0]
  fix: {op: set, key: EchoTime, value: sidecar.EchoTime / 1000}
  expected: 1
  examples: {pass: {EchoTime: 1}, fail: {EchoTime: -1}}
"""
    )
    page = run("explain", "OUR_OWN", "--rules", str(file))
    assert page.splitlines()[1] == "Our very own"
    assert "Think again. Remedy: waive." in page
    assert '"EchoTime": -1' in page
    assert "OUR_OWN" in run("list", "--rules", str(file))
    found = json.loads(run("explain", "OUR_OWN", "--rules", str(file), "--format", "json"))
    assert found["fix"] == {"op": "set", "key": "EchoTime", "value": "sidecar.EchoTime / 1000"}
    assert found["reads"] == ["sidecar.EchoTime"]


def test_names() -> None:
    found = json.loads(run("names", "--format", "json"))
    assert found["names"]["sidecar.EchoTime"]["unit"] == "s"
    assert all(found["functions"].values())
    lines = run("names", "sidecar.Echo").splitlines()
    assert lines[0].startswith("sidecar.EchoTime  number or array in s [GE, Philips, Siemens]")
    assert all(line.startswith("sidecar.Echo") for line in lines)
    assert any(line.startswith("within()") for line in run("names").splitlines())
