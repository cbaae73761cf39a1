"""The phantom with faults: the validator finds what was planted, and every rule has one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinegate.cli import run
from spinegate.examples.faults import load_faults
from spinegate.rules.loader import load_rules

TEMPLATE = "PARAMETER_OUT_OF_TOLERANCE"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty") / "phantom"
    assert run(["example", str(folder), "--with-faults"]) == 0
    return folder


def test_exactly_the_planted_faults_are_found(planted: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert run(["validate", str(planted), "--format", "json", "--output", str(report)]) == 1
    found = {(f["code"], f["location"]) for f in json.loads(report.read_text())["findings"]}
    listed = json.loads((planted / "faults.json").read_text())["faults"]
    expected = {(fault["code"], fault["location"]) for fault in listed}
    assert found - expected == set(), "found, but not planted"
    assert expected - found == set(), "planted, but not found"


@pytest.mark.parametrize("code", sorted({fault.code for fault in load_faults() if fault.alone}))
def test_faults_that_need_a_dataset_of_their_own(code: str, tmp_path: Path) -> None:
    folder, report = tmp_path / "phantom", tmp_path / "report.json"
    assert run(["example", str(folder), "--fault", code]) == 0
    run(["validate", str(folder), "--format", "json", "--output", str(report)])
    found = {(f["code"], f["location"]) for f in json.loads(report.read_text())["findings"]}
    listed = json.loads((folder / "faults.json").read_text())["faults"]
    # Where one image is all that is left, the other contrasts are missing too.
    found.discard(("CONTRAST_MISSING", "exam"))
    assert found == {(fault["code"], fault["location"]) for fault in listed}


@pytest.mark.parametrize("code", sorted({fault.code for fault in load_faults() if fault.since}))
def test_faults_that_lie_in_what_changed(code: str, tmp_path: Path) -> None:
    folder, report = tmp_path / "phantom", tmp_path / "report.json"
    assert run(["example", str(folder), "--fault", code]) == 0
    for ref in ([], ["--ref", "change"]):
        validate = ["validate", str(folder), "--base", "base", *ref, "--format", "json"]
        run([*validate, "--output", str(report)])
        result = json.loads(report.read_text())
        found = [(f["code"], f["location"], f["status"]) for f in result["findings"]]
        listed = json.loads((folder / "faults.json").read_text())["faults"]
        assert found == [(fault["code"], fault["location"], "new") for fault in listed]
        assert result["fixed"] == []


def test_every_rule_has_a_planted_fault() -> None:
    codes = {fault.code for fault in load_faults()}
    rules = {rule.code for rule in load_rules()} - {TEMPLATE}
    assert rules - codes == set()
    assert any(code.endswith("_OUT_OF_TOLERANCE") for code in codes)


def test_the_clean_phantom_has_no_finding(tmp_path: Path) -> None:
    folder = tmp_path / "phantom"
    assert run(["example", str(folder)]) == 0
    report = tmp_path / "report.json"
    assert run(["validate", str(folder), "--format", "json", "--output", str(report)]) == 0
    assert json.loads(report.read_text())["findings"] == []
