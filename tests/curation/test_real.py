"""Plans on the real dataset: its fixes, and the MT convention renamed there and back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.apply import apply_plan, undo
from spinegate.curation.expand import expand
from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.dataset import load_dataset
from spinegate.validator.operation import Rename
from spinegate.validator.plan import Plan, Proposal
from spinegate.validator.tree import open_tree

pytestmark = pytest.mark.real
Run = Callable[..., str]
CONVENTION = {
    "_flip-1_mt-on_MTS": "_acq-MTon_MTS",
    "_flip-1_mt-off_MTS": "_acq-MToff_MTS",
    "_flip-2_mt-off_MTS": "_acq-T1w_MTS",
}


@pytest.fixture
def dataset(bundle: Path, tmp_path: Path) -> Path:
    clone = ["git", "clone", "-q", "--shared", str(bundle), str(tmp_path / "dataset")]
    subprocess.run(clone, check=True)
    return tmp_path / "dataset"


def findings_of(dataset: Path, *options: str) -> list[dict[str, Any]]:
    file = dataset.parent / "report.json"
    spinegate(["validate", str(dataset), "--format", "json", "--output", str(file), *options])
    found: list[dict[str, Any]] = json.loads(file.read_text())["findings"]
    return found


@pytest.mark.usefixtures("identity")
def test_its_fixes_mend_and_break_nothing(dataset: Path) -> None:
    plan = dataset.parent / "plan.tsv"
    before = findings_of(dataset)
    assert spinegate(["curate", "fix", str(dataset), "--plan", str(plan)]) == 0
    foretold = findings_of(dataset, "--with-plan", str(plan))
    known = {finding["identity"] for finding in before}
    fixed = {finding["identity"] for finding in before if finding["fix"]}
    assert len(fixed) >= 8
    assert {finding["identity"] for finding in foretold} == known - fixed
    assert spinegate(["curate", "fix", str(dataset), "--from-plan", str(plan), "--apply"]) == 0
    assert findings_of(dataset) == foretold
    assert spinegate(["curate", "fix", str(dataset), "--undo"]) == 0
    assert findings_of(dataset) == before


def convert(dataset: Path, names: dict[str, str]) -> Plan:
    loaded = load_dataset(open_tree(dataset), load_spec("spine-generic"))
    renames = [
        Rename(scan.path, scan.path.replace(old, new))
        for scan in loaded.scans
        for old, new in names.items()
        if f"{old}.nii" in scan.path
    ]
    return Plan(tuple(map(Proposal, expand(renames, loaded))))


def test_the_convention_of_names_there_and_back(dataset: Path, run: Run) -> None:
    tree = run(dataset, "git", "rev-parse", "HEAD^{tree}")
    there = convert(dataset, CONVENTION)
    assert apply_plan(there, dataset) == len(there.operations) > 7000
    assert run(dataset, "git", "diff", "--name-only") == ""
    assert run(dataset, "git", "write-tree") != tree
    back = convert(dataset, {new: old for old, new in CONVENTION.items()})
    assert len(back.operations) == len(there.operations)
    apply_plan(back, dataset)
    assert run(dataset, "git", "write-tree") == tree
    assert run(dataset, "git", "status", "--porcelain") == ""
    undo(dataset)
    assert run(dataset, "git", "write-tree") != tree
