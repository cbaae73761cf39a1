"""`validate --with-plan` reports what `validate` reports once the plan was applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.apply import apply_plan
from spinegate.validator.operation import Delete, Operation, Remove, Rename, Set
from spinegate.validator.plan import Plan, Proposal, write_plan

Run = Callable[..., str]
T2W = "sub-siemensA01/anat/sub-siemensA01_T2w"
MT = "sub-geA01/anat/sub-geA01_flip-1_mt-"
OPERATIONS: list[Operation] = [
    Rename(f"{T2W}.nii.gz", "sub-siemensA01/dwi/sub-siemensA01_T2w.nii.gz"),
    Rename("sub-siemensA01/dwi/sub-siemensA01_dwi.nii.gz", "code/dwi.nii.gz"),
    Rename(f"{MT}on_MTS.nii.gz", f"{MT}off_MTS.nii.gz"),
    Rename(f"{MT}off_MTS.nii.gz", f"{MT}on_MTS.nii.gz"),
    Set("sub-siemensA02/anat/sub-siemensA02_T2w.json", "EchoTime", 0.5),
    Remove("sub-siemensA02/anat/sub-siemensA02_T1w.json", "RepetitionTime"),
    Set("participants.tsv", "sex", "X", row="sub-geA01"),
    Delete("sub-philipsA01/anat/sub-philipsA01_T2star.nii.gz"),
    Delete("participants.json"),
]
PLAN = Plan(tuple(map(Proposal, OPERATIONS)))


def report(folder: Path, *options: str) -> dict[str, object]:
    """Return what a report says, less what it says of the run itself."""
    file = folder.parent / "report.json"
    spinegate(["validate", str(folder), "--format", "json", "--output", str(file), *options])
    found = json.loads(file.read_text())
    for finding in found["findings"]:
        del finding["origin"]
    del found["summary"]["seconds"]
    return {key: found[key] for key in ("findings", "fixed", "rules", "summary")}


@pytest.mark.parametrize("kind", ["phantom", "repository", "annexed"])
def test_the_report_is_that_of_the_applied_plan(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    write_plan(PLAN, tmp_path / "plan.tsv")
    before = report(folder)
    foretold = report(folder, "--with-plan", str(tmp_path / "plan.tsv"))
    assert foretold != before
    apply_plan(PLAN, folder)
    after = report(folder)
    for key in after:
        assert foretold[key] == after[key], key


@pytest.mark.parametrize("kind", ["repository", "annexed"])
def test_so_it_is_with_a_base(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, run: Run
) -> None:
    folder: Path = request.getfixturevalue(kind)
    write_plan(PLAN, tmp_path / "plan.yaml")
    plan = ("--with-plan", str(tmp_path / "plan.yaml"))
    run(folder, "git", "branch", "base")
    foretold = report(folder, "--base", "base", *plan)
    of_commit = report(folder, "--base", "base", "--ref", "HEAD", *plan)
    apply_plan(PLAN, folder)
    run(folder, "git", "add", "-A", ".")
    run(folder, "git", "commit", "-q", "-m", "Applied")
    after = report(folder, "--base", "base")
    assert foretold["findings"] == after["findings"]
    assert foretold["fixed"] == after["fixed"]
    committed = report(folder, "--base", "base", "--ref", "HEAD")
    assert of_commit["findings"] == committed["findings"]
    assert any(f["status"] == "new" for f in foretold["findings"])  # type: ignore[attr-defined]
