"""Participants and files chosen from a dataset."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from spinegate.system.errors import SpinegateError
from spinegate.validator.entities import subject_of
from spinegate.validator.finding import Finding, Origin, Scope, Severity
from spinegate.validator.selection import (
    _owners,
    check_known,
    concerning,
    name_twins,
    relative,
    select,
)
from spinegate.validator.tree import open_tree
from tests.strategies import ANY_PATHS

FILES: dict[str, str | bytes] = {
    "README": "x",
    "participants.tsv": "participant_id\n",
    "sub-a01/anat/sub-a01_T1w.json": "{}",
    "sub-b01/anat/sub-b01_T1w.json": "{}",
    "sourcedata/sub-a01/anat/sub-a01_T1w.json": "{}",
    "derivatives/labels/sub-b01/anat/sub-b01_T1w_seg.json": "{}",
    "derivatives/labels/README": "x",
}
Write = Callable[[Path, dict[str, str | bytes]], None]


def test_select_keeps_what_belongs_to_nobody(tmp_path: Path, files: Write) -> None:
    files(tmp_path, FILES)
    part = select(open_tree(tmp_path), ["a01"])
    assert {entry.path for entry in part.entries} == {path for path in FILES if "b01" not in path}
    whole = open_tree(tmp_path)
    assert (part.name, part.folder, part.annex) == (whole.name, whole.folder, whole.annex)
    assert list(part.read(part.entries[:1], 10)) == list(whole.read(part.entries[:1], 10))


def test_an_unknown_participant_is_an_error(tmp_path: Path, files: Write) -> None:
    files(tmp_path, FILES)
    with pytest.raises(SpinegateError, match="no file of sub-c01, sub-d01"):
        select(open_tree(tmp_path), ["a01", "d01", "c01"])


def test_relative_takes_what_a_shell_gives(
    tmp_path: Path, files: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, FILES)
    path = "sub-a01/anat/sub-a01_T1w.json"
    assert relative(tmp_path, [path, str(tmp_path / path)]) == [path, path]
    monkeypatch.chdir(tmp_path / "sub-a01")
    assert relative(tmp_path, ["anat/sub-a01_T1w.json"]) == [path]
    with pytest.raises(SpinegateError, match="is not in the dataset"):
        relative(tmp_path / "sub-b01", [str(tmp_path / path)])


def test_a_misspelt_file_is_an_error(tmp_path: Path, files: Write) -> None:
    files(tmp_path, FILES)
    tree = open_tree(tmp_path)
    with pytest.raises(SpinegateError, match=r"has no file REDME, sub-a01/x\.json"):
        check_known(tree, ["REDME", "sub-a01/x.json"])
    check_known(tree, ["REDME", "README"])
    check_known(tree, ["sub-a01/anat/sub-a01_T1w.nii.gz"])  # taken away, its sidecar is there
    (tmp_path / ".hidden").touch()  # no part of the dataset, but there
    check_known(tree, [".hidden"])


def test_a_link_is_named_by_its_own_place(tmp_path: Path, files: Write) -> None:
    files(tmp_path, FILES)
    link = tmp_path / "sub-a01/anat/sub-a01_T1w.nii.gz"
    link.symlink_to("../../../elsewhere")
    assert relative(tmp_path, [str(link)]) == ["sub-a01/anat/sub-a01_T1w.nii.gz"]


def finding(location: str, *affects: str) -> Finding:
    origin = Origin("spinegate", "0")
    return Finding("CODE", Severity.ERROR, location, "", origin, Scope.SCAN, affects=affects)


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ("sub-a01/anat/sub-a01_T1w.json", True),
        ("sub-a01/anat/sub-a01_T1w.nii.gz", True),
        ("sub-a01/anat/sub-a01_T2w.json", True),
        ("sub-a01/anat/sub-a01_T1w_seg.json", False),
        ("sourcedata/sub-a01/anat/sub-a01_T1w.json", False),
        ("README", False),
    ],
)
def test_concerning(file: str, kept: bool) -> None:
    one = finding("sub-a01/anat/sub-a01_T1w.nii.gz", "sub-a01/anat/sub-a01_T2w.nii.gz")
    assert concerning([one], [file]) == ([one] if kept else [])


@given(ANY_PATHS)
def test_folders_tell_the_same_participant_as_paths(path: Any) -> None:
    assert _owners([path]) == [subject_of(path)]


@pytest.mark.parametrize("repository", [False, True])
def test_folders_of_others_need_not_be_listed(repository: bool, tmp_path: Path) -> None:
    for name in ("sub-a/anat/sub-a_T1w.json", "derivatives/x/sub-b/anat/sub-b_T1w_seg.json",
                 "sub-b/anat/sub-b_T1w.json", "participants.tsv", "code/read.me"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    if repository:
        for arguments in (["init", "-q"], ["add", "sub-b", "participants.tsv"]):
            subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    whole = select(open_tree(tmp_path), ["a"])
    part = select(open_tree(tmp_path, skip=lambda folder: folder == b"sub-b"), ["a"])
    assert part.entries == whole.entries
    assert [entry.path for entry in part.entries] == [
        "code/read.me", "participants.tsv", "sub-a/anat/sub-a_T1w.json"
    ]  # fmt: skip


@pytest.mark.parametrize(("group", "named"), [("protocol.X", True), ("names.X", False)])
def test_findings_on_raw_scans_name_the_preprocessed_ones(group: str, named: bool) -> None:
    raw, lone = "sourcedata/sub-a/anat/sub-a_T1w.json", "sourcedata/sub-b/anat/sub-b_T1w.json"
    found = replace(finding(raw, lone), rule=group)
    paths = {raw, lone, "sub-a/anat/sub-a_T1w.json"}
    (judged,) = name_twins([found], paths)
    assert judged.affects == ((lone, "sub-a/anat/sub-a_T1w.json") if named else (lone,))
    assert judged.identity == found.identity
    assert name_twins([judged], paths) == [judged]
