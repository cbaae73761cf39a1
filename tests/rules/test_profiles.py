from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.rules.loader import load_rules
from spinegate.rules.profiles import LEVELS, Profile, check_groups, load_profiles
from spinegate.rules.rule import Rule
from spinegate.system.errors import ConfigError

RANK = {"ignore": 0, "warning": 1, "error": 2}
RULES = load_rules()
PROFILES = load_profiles()
SEVERE = {"names", "sidecars", "protocol", "series", "diffusion", "images", "changes"}
TABLE = """
profiles: {a: A, b: B}
groups:
  names: {a: own, b: warning}
others: {a: ignore, b: own}
codes:
  CODE: {a: own, b: error}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "profiles.yaml"
    file.write_text(text)
    return file


def test_the_profiles_of_the_package() -> None:
    assert list(PROFILES) == ["incoming", "strict", "release"]
    assert all(profile.title for profile in PROFILES.values())


def test_every_group_of_rules_is_in_the_table_and_no_other() -> None:
    assert check_groups(PROFILES, {rule.group for rule in RULES}) == []


def test_a_code_in_the_table_is_that_of_a_rule() -> None:
    codes = {rule.code for rule in RULES}
    assert all(profile.codes.keys() <= codes for profile in PROFILES.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_later_profile_is_never_milder(rule: Rule) -> None:
    for own in RANK:
        levels = [
            RANK[PROFILES[name].level(rule.code, rule.group, own)]
            for name in ("incoming", "strict", "release")
        ]
        assert levels == sorted(levels)


def test_incoming_fails_for_what_a_contributor_can_mend_and_for_nothing_else() -> None:
    incoming = PROFILES["incoming"]
    for rule in RULES:
        level = incoming.level(rule.code, rule.group, rule.level)
        assert level == (rule.level if rule.group in SEVERE else "warning")


def test_strict_is_each_rule_as_it_says_itself() -> None:
    for rule in RULES:
        assert PROFILES["strict"].level(rule.code, rule.group, rule.level) == rule.level


def test_a_release_adds_what_is_not_settled() -> None:
    strict, release = PROFILES["strict"], PROFILES["release"]
    raised = {
        rule.code
        for rule in RULES
        if strict.level(rule.code, rule.group, rule.level)
        != release.level(rule.code, rule.group, rule.level)
    }
    assert raised == {"WAIVER_EXPIRED", "DECISION_OPEN", "NO_PUBLIC_REMOTE"}


@pytest.mark.parametrize("name", PROFILES)
def test_a_check_that_weakened_its_verdict_is_not_overruled(name: str) -> None:
    for rule in RULES:
        if rule.level == "error":
            assert PROFILES[name].level(rule.code, rule.group, "warning") == "warning"
            assert PROFILES[name].level(rule.code, rule.group, "ignore") == "ignore"


def test_a_code_goes_before_its_group_and_unknown_groups_are_the_others(tmp_path: Path) -> None:
    profiles = load_profiles(write(tmp_path, TABLE))
    assert profiles["b"].level("CODE", "names", "warning") == "error"
    assert profiles["b"].level("OTHER", "names", "error") == "warning"
    assert profiles["a"].level("OTHER", "mine", "error") == "ignore"
    assert profiles["b"].level("OTHER", "mine", "error") == "error"


def test_groups_that_are_missing_and_too_many_are_told() -> None:
    profiles = {"a": Profile("a", "A", groups={"names": "own", "namse": "own"})}
    assert check_groups(profiles, ["names", "series"]) == [
        "the group series is not in the table",
        "no rule is of the group namse",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (TABLE, "[]", "must be a mapping"),
        ("codes:", "kodes:", r"kodes: no such key; did you mean 'codes'"),
        ("profiles: {a: A, b: B}", "profiles: {}", "names no profile"),
        ("profiles: {a: A, b: B}", "", "profiles: is missing"),
        ("a: A, b: B", "a: A, b: 1", "profiles.b: needs a title"),
        ("others: {a: ignore, b: own}", "", "others: is missing"),
        ("others: {a: ignore, b: own}", "others: own", "others: must be a mapping"),
        ("{a: own, b: warning}", "{a: own}", "names: b: one of own, error, warning, ignore"),
        ("{a: own, b: warning}", "{a: own, b: wrning}", "b: one of own"),
        ("{a: own, b: warning}", "{a: own, b: warning, c: own}", "names.c: no such profile"),
        ("{a: own, b: warning}", "{a: own, b: error}", "only a code can be made an error"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = write(tmp_path, TABLE.replace(old, new))
    with pytest.raises(ConfigError, match=message) as caught:
        load_profiles(file)
    assert caught.value.file == str(file)


def test_levels_are_those_of_a_finding_and_own() -> None:
    assert set(LEVELS) == {"own", *RANK}
