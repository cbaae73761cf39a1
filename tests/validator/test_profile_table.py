from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from spinegate.rules.loader import load_rules
from spinegate.rules.profiles import load_profiles
from spinegate.system.errors import ConfigError
from spinegate.validator import profile_table
from spinegate.validator.rules_cli import command

NAMES = ["incoming", "strict", "release"]
OWN = """
MY_RULE:
  scope: scan
  level: error
  message: a message
  why: because
  source: us
  checks: ["sidecar.EchoTime > 0"]
"""


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, ["profiles", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_every_rule_has_a_row_with_a_level_for_every_profile() -> None:
    lines = run().splitlines()
    for rule in load_rules():
        (line,) = [line for line in lines if line.split()[:1] == [rule.code]]
        expected = [
            load_profiles()[name].level(rule.code, rule.group, rule.level) for name in NAMES
        ]
        assert line.split()[1:] == expected
    for rule in load_rules():
        assert f"\n{rule.group} " in "\n".join(lines)


def test_the_table_as_json() -> None:
    table = json.loads(run("--format", "json"))
    assert list(table["profiles"]) == NAMES
    rows = {row["code"]: row for row in table["rules"]}
    assert rows.keys() == {rule.code for rule in load_rules()}
    assert rows["WAIVER_EXPIRED"] == {
        "code": "WAIVER_EXPIRED",
        "group": "policy",
        "level": "warning",
        "incoming": "warning",
        "strict": "warning",
        "release": "error",
    }


def test_rules_of_ones_own_are_those_of_others(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(OWN)
    (line,) = [line for line in run("--rules", str(file)).splitlines() if "MY_RULE" in line]
    assert line.split() == ["MY_RULE", "warning", "error", "error"]


def test_a_group_that_the_table_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_table, "load_profiles", dict)
    with pytest.raises(ConfigError, match="the group annex is not in the table"):
        run()
