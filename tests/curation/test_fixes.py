"""Findings' fixes become one plan: each operation once, what clashes left out with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spinegate.curation.expand import expand
from spinegate.curation.fixes import plan_fixes
from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.finding import Finding, Origin, Scope, Severity
from spinegate.validator.operation import Remove, Rename, Set
from spinegate.validator.plan_check import check_plan
from spinegate.validator.tree import open_tree

FILES = (
    "sub-a/anat/sub-a_T1.nii.gz",
    "sub-a/anat/sub-a_T1.json",
    "sub-a/anat/sub-a_T1w.bval",
    "sub-a/anat/sub-a_T1_other.json",
    "sub-a/dwi/sub-a_dwi.nii.gz",
    "sub-a/dwi/sub-a_dwi.json",
    "sub-a/dwi/sub-a_dwi.bval",
    "sub-a/dwi/sub-a_dwi.bvec",
    "sourcedata/sub-a/dwi/sub-a_dwi.nii.gz",
    "sourcedata/sub-a/dwi/sub-a_dwi.bval",
    "derivatives/labels/sub-a/dwi/sub-a_dwi_label-SC_seg.nii.gz",
    "derivatives/labels/sub-a/dwi/sub-a_dwi_label-SC_seg.json",
    "derivatives/labels_softseg/sub-a/dwi/sub-a_dwi_softseg.nii.gz",
    "derivatives/labels/sub-b/dwi/sub-b_dwi_label-SC_seg.nii.gz",
    "derivatives/labels/sub-a/dwi/sub-a_dwix.json",
)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" if name.endswith("json") else name)
    (tmp_path / "dataset_description.json").write_text("{}")
    return load_dataset(open_tree(tmp_path), load_spec("spine-generic"))


def finding(code: str, location: str, **fix: Any) -> Finding:
    origin = Origin("spinegate", "0")
    return Finding(
        code, Severity.ERROR, location, "Wrong.", origin, Scope.FILE, fix=fix if fix else None
    )


def test_an_image_takes_along_what_belongs_to_it(dataset: Dataset) -> None:
    old, new = "sub-a/dwi/sub-a_dwi", "sub-a/dwi/sub-a_acq-x_dwi"
    moves = expand([Rename(f"{old}.nii.gz", f"{new}.nii.gz")], dataset)
    assert {move.path for move in moves} == {
        name for name in FILES if "sub-a_dwi." in name or "sub-a_dwi_" in name
    }
    assert all(move.to == move.path.replace("sub-a_dwi", "sub-a_acq-x_dwi") for move in moves)
    twin = Rename(f"sourcedata/{old}.nii.gz", f"sourcedata/{new}.nii.gz")
    assert set(expand([twin], dataset)) == set(moves)


def test_it_goes_to_another_folder_with_them(dataset: Dataset) -> None:
    moves = expand([Rename("sub-a/dwi/sub-a_dwi.nii.gz", "sub-a/anat/sub-a_T2w.nii.gz")], dataset)
    targets = {move.to for move in moves}
    assert "derivatives/labels/sub-a/anat/sub-a_T2w_label-SC_seg.nii.gz" in targets
    assert "sourcedata/sub-a/anat/sub-a_T2w.bval" in targets


def test_what_leaves_its_tree_takes_only_what_lies_beside_it(dataset: Dataset) -> None:
    old = "sub-a/dwi/sub-a_dwi"
    into = expand([Rename(f"{old}.nii.gz", f"sourcedata/{old}2.nii.gz")], dataset)
    assert {move.path for move in into} == {
        f"{old}.{e}" for e in ("nii.gz", "json", "bval", "bvec")
    }
    made = "derivatives/labels/sub-a/dwi/sub-a_dwi_label-SC_seg"
    own = expand([Rename(f"{made}.nii.gz", f"{made}2.nii.gz")], dataset)
    assert {move.path for move in own} == {f"{made}.nii.gz", f"{made}.json"}


def test_other_files_go_alone(dataset: Dataset) -> None:
    move = Rename("sub-a/dwi/sub-a_dwi.json", "sub-a/dwi/x.json")
    assert expand([move, move], dataset) == [move]


def test_a_twin_that_says_the_same_is_edited_too(tmp_path: Path) -> None:
    texts = {
        "sub-a/anat/sub-a_T1w.json": '{"EchoTime": "1", "PatientName": "A", "FlipAngle": "9"}',
        "sourcedata/sub-a/anat/sub-a_T1w.json": '{"EchoTime": "1", "PatientName": "B"}',
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    dataset = load_dataset(open_tree(tmp_path), load_spec("spine-generic"))
    root, raw = texts
    fixes: list[dict[str, Any]] = [
        {"op": "set", "path": raw, "key": "EchoTime", "value": 1},
        {"op": "remove", "path": root, "key": "PatientName"},
        {"op": "set", "path": root, "key": "FlipAngle", "value": 9},
        {"op": "set", "path": raw, "key": "MTState", "value": True},
    ]
    plan = plan_fixes([finding("X", str(f["path"]), **f) for f in fixes], dataset)
    assert list(plan.operations) == [
        Set(raw, "EchoTime", 1),
        Set(root, "EchoTime", 1),
        Remove(root, "PatientName"),
        Remove(raw, "PatientName"),
        Set(root, "FlipAngle", 9),
        Set(raw, "MTState", True),
        Set(root, "MTState", True),
    ]


def test_what_two_findings_propose_stands_there_once(dataset: Dataset) -> None:
    old, new = "sub-a/dwi/sub-a_dwi.nii.gz", "sub-a/dwi/sub-a_acq-x_dwi.nii.gz"
    root = finding("NAME_NOT_BIDS", old, op="rename", path=old, to=new)
    twin = finding(
        "NAME_NOT_BIDS", f"sourcedata/{old}",
        op="rename", path=f"sourcedata/{old}", to=f"sourcedata/{new}",
    )  # fmt: skip
    plan = plan_fixes([root, twin, root], dataset)
    paths = [operation.path for operation in plan.operations]
    assert len(paths) == len(set(paths)) == 9
    assert all(proposal.findings == (root.identity, twin.identity) for proposal in plan.proposals)
    reasons = {proposal.reason for proposal in plan.proposals}
    assert reasons == {"NAME_NOT_BIDS", f"belongs to {old}"}


def test_what_clashes_is_left_out_with_all_that_belongs_to_it(dataset: Dataset) -> None:
    old = "sub-a/dwi/sub-a_dwi.nii.gz"
    first = finding("NAME_NOT_BIDS", old, op="rename", path=old, to="sub-a/dwi/sub-a_b_dwi.nii.gz")
    second = finding(
        "NAME_NOT_BIDS", "sub-a/anat/sub-a_T1.nii.gz",
        op="rename", path="sub-a/anat/sub-a_T1.nii.gz", to="sub-a/dwi/sub-a_b_dwi.nii.gz",
    )  # fmt: skip
    good = finding(
        "SIDECAR_KEY_MISSING", old, op="set", path="dataset_description.json", key="A", value=[1]
    )
    plan = plan_fixes([first, second, good], dataset)
    assert check_plan(plan, dataset.tree) == []
    left = [proposal for proposal in plan.proposals if not proposal.apply]
    assert {p.operation.path for p in left} == {
        "sub-a/anat/sub-a_T1.nii.gz",
        "sub-a/anat/sub-a_T1.json",
    }
    assert all("would both become" in proposal.reason for proposal in left)
    assert Set("dataset_description.json", "A", [1]) in plan.operations


def test_fixes_that_are_none(dataset: Dataset) -> None:
    findings = [
        finding("A", "."),
        finding("B", ".", op="paint", path="x"),
        finding("C", ".", op="rename", path="x"),
    ]
    assert plan_fixes(findings, dataset).proposals == ()
    lost = finding("D", ".", op="rename", path="none.nii.gz", to="x.nii.gz")
    plan = plan_fixes([lost], dataset)
    assert plan.operations == ()
    assert "not in the dataset" in plan.proposals[0].reason
