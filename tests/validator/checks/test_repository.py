"""A folder, its repository and its commit: the same findings; and what can't be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from spinegate.validator.finding import Outcome
from spinegate.validator.verdict import Verdict

Judge = Callable[..., list[Verdict]]
POINTER = "/annex/objects/MD5E-s9--" + "a" * 32 + ".nii.gz\n"
MODULES = (
    "files",
    "annex",
    "links",
    "text",
    "orphans",
    "derivatives",
    "participants",
    "cells",
    "agreement",
    "description",
    "exclusions",
)
FILES = {
    "dataset_description.json": '{"Name": "X", "BIDSVersion": "1.2.0", "License": "CC0"}',
    "LICENSE": "Attribution 4.0 International",
    "participants.tsv": "participant_id\tage\r\nsub-a01\t-\r\nsub-a03\t\r\n",
    "exclude.yml": "mtr:\n- sub-a09\n",
    "sub-a01/anat/sub-a01_acq-MTon_MTS.nii.gz": POINTER,
    "sub-a01/anat/sub-a01_acq-MToff_MTS.nii.gz": POINTER,
    "sub-a01/dwi/sub-a01_dwi.bval": "0 800\r\n",
    "sub-a02/anat/sub-a02_T1w.json": "{}",
    "derivatives/labels/sub-a02/anat/sub-a02_T2w_label-SC_seg.nii.gz": POINTER,
}


def broken(verdicts: list[Verdict]) -> list[tuple[str, str]]:
    return sorted((v.code, v.location) for v in verdicts if v.outcome is Outcome.NOT_MET)


def test_folder_work_tree_and_commit_say_the_same(
    tmp_path: Path,
    repository: Path,
    commit: Callable[..., Path],
    files: Callable[..., None],
    judge: Judge,
    nifti: bytes,
) -> None:
    contents = {**FILES, "sub-a02/anat/sub-a02_T2star.nii.gz": nifti}
    folder = tmp_path / "folder"
    files(folder, contents)
    commit(repository, contents)
    in_git = judge(repository, *MODULES)
    assert in_git == judge(repository, *MODULES, ref="HEAD")
    plain = judge(folder, *MODULES)
    only_in_git = ("NIFTI_IN_GIT", "sub-a02/anat/sub-a02_T2star.nii.gz")
    assert broken(in_git) == sorted([*broken(plain), only_in_git])
    assert {code for code, _ in broken(plain)} >= {
        "BIDS_VERSION_TOO_OLD",
        "CONTENT_DUPLICATE",
        "DERIVATIVE_DESCRIPTION_MISSING",
        "DERIVATIVE_WITHOUT_SOURCE",
        "EXCLUDE_UNKNOWN_NAME",
        "EXCLUDE_WITHOUT_REASON",
        "FOLDER_WITHOUT_PARTICIPANT",
        "LICENSE_DISAGREES",
        "LINE_ENDS_CRLF",
        "PARTICIPANT_CELL_EMPTY",
        "PARTICIPANT_CELL_LEGACY",
        "PARTICIPANT_WITHOUT_FOLDER",
        "SIDECAR_WITHOUT_IMAGE",
    }


def test_a_branch_in_packed_refs_tells_of_the_annex(
    repository: Path,
    commit: Callable[..., Path],
    run: Callable[..., str],
    judge: Judge,
    nifti: bytes,
) -> None:
    path = "sub-a01/anat/sub-a01_T1w.nii.gz"
    commit(repository, {path: nifti})
    assert ("NIFTI_IN_GIT", path) not in broken(judge(repository, "annex"))
    run(repository, "git", "branch", "git-annex")
    run(repository, "git", "pack-refs", "--all")
    assert ("NIFTI_IN_GIT", path) in broken(judge(repository, "annex"))


def test_links_in_circles_and_out_of_the_dataset(
    tmp_path: Path, files: Callable[..., None], judge: Judge
) -> None:
    files(tmp_path, FILES)
    (tmp_path / "sub-a05").symlink_to(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    stray = {
        path for code, path in broken(judge(tmp_path, *MODULES)) if code == "LINK_NOT_ANNEXED"
    }
    assert stray == {"sub-a05", "loop"}


def test_what_nobody_may_read_is_a_finding(
    tmp_path: Path, files: Callable[..., None], as_nobody: Callable[..., str]
) -> None:
    closed = ("participants.tsv", "sub-a01/dwi/sub-a01_dwi.bval", "sub-a02/anat")
    files(tmp_path, {**FILES, "sub-a01/anat/sub-a01_T1w.json": "{}"})
    for name in (*closed, "sub-a01/anat/sub-a01_T1w.json"):
        (tmp_path / name).chmod(0)
    script = f"""
import json
from pathlib import Path
from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.checks.table import load_check
from spinegate.validator.dataset import load_dataset
from spinegate.validator.inspection import Inspection
from spinegate.validator.tree import open_tree
spec = load_spec("spine-generic")
inspection = Inspection(load_dataset(open_tree(Path({str(tmp_path)!r})), spec), spec)
found = [v for name in {MODULES!r} for v in load_check(name)(inspection)]
print(json.dumps([v.location for v in found if v.code == "FILE_UNREADABLE" and v.message]))
"""
    try:
        locations = json.loads(as_nobody(tmp_path, script))
    finally:
        for name in (*closed, "sub-a01/anat/sub-a01_T1w.json"):
            (tmp_path / name).chmod(0o755)
    assert sorted(locations) == sorted(
        [*closed[:2], "sub-a01/anat/sub-a01_T1w.json", "sub-a02/anat/"]
    )


def test_an_unlocked_file_that_was_edited_is_not_in_git(
    repository: Path, commit: Callable[..., Path], judge: Judge, nifti: bytes
) -> None:
    path, other = "sub-a01/anat/sub-a01_T1w.nii.gz", "sub-a01/anat/sub-a01_T2w.nii.gz"
    pointer = f"/annex/objects/MD5E-s9--{'a' * 32}.nii.gz\n".encode()
    commit(repository, {path: pointer, other: nifti})
    (repository / ".git" / "annex").mkdir()
    (repository / path).write_bytes(nifti + b"edited")
    found = broken(judge(repository, "annex"))
    assert ("NIFTI_IN_GIT", path) not in found
    assert ("NIFTI_IN_GIT", other) in found
