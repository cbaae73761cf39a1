from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.rules.loader import load_rules
from spinegate.rules.profiles import SEVERITIES, load_profiles
from spinegate.system.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    file = folder / "profiles.yaml"
    file.write_text(text)
    return file


def test_the_profiles_of_the_package() -> None:
    profiles = load_profiles()
    assert {"incoming", "strict", "release"} <= profiles.keys()
    assert all(r["severity"] in SEVERITIES for p in profiles.values() for r in p.records)


def test_a_code_in_a_profile_is_that_of_a_rule() -> None:
    codes = {rule.code for rule in load_rules()}
    named = {r["code"] for p in load_profiles().values() for r in p.records if "code" in r}
    assert {code for code in named if "*" not in code} <= codes


def test_records_of_the_extended_profile_come_first(tmp_path: Path) -> None:
    text = """
a: {title: A, records: [{code: X, severity: warning, reason: r}]}
b: {title: B, extends: a, records: [{code: X, severity: ignore, reason: r}]}
"""
    profiles = load_profiles(write(tmp_path, text))
    assert [record["severity"] for record in profiles["b"].records] == ["warning", "ignore"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "must be a mapping"),
        ("a: 1", "a: a profile is a mapping"),
        ("a: {titel: A}", "did you mean 'title'"),
        ("a: {}", "title is missing"),
        ("a: {title: A, extends: b}", "no profile 'b'"),
        ("a: {title: A, extends: b}\nb: {title: B, extends: a}", "in a circle"),
        ("a: {title: A, extends: a}", "in a circle"),
        ("a: {title: A, records: {}}", "must be a list"),
        ("a: {title: A, records: [x]}", "a record is a mapping"),
        ("a: {title: A, records: [{kode: X}]}", r"a\.records\.0\.kode: .*'code'"),
        ("a: {title: A, records: [{code: X, severity: bad}]}", "severity: one of"),
        ("a: {title: A, records: [{code: X, severity: error}]}", "needs a reason"),
        ("a: {title: A, records: [{reason: X, severity: error}]}", "a code or a group"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_profiles(write(tmp_path, text))
