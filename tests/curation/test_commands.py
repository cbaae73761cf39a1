"""Every command that a finding shows is run on a planted fault, and the finding is gone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.apply import apply_plan
from spinegate.curation.expand import expand
from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.commands import COMMANDS, WITH_BASE
from spinegate.validator.dataset import load_dataset
from spinegate.validator.operation import Rename
from spinegate.validator.plan import Plan, Proposal
from spinegate.validator.tree import open_tree

Run = Callable[..., str]
Finding = dict[str, Any]
Bash = Callable[[Path, str], None]

FIXED = (
    "BIDS_VERSION_TOO_OLD",
    "CHANGES_MISSING",
    "NAME_OLD_CONVENTION",
    "NAME_WRONG_FOLDER",
    "PARTICIPANT_CELL_EMPTY",
    "PARTICIPANT_CELL_LEGACY",
    "PARTICIPANT_CELL_WHITESPACE",
    "PARTICIPANT_ID_INVALID",
    "PATH_HAS_CONTROL_CHARACTERS",
    "SIDECAR_IDENTIFIES_PERSON",
    "SIDECAR_KEY_MISSING",
    "SIDECAR_TYPE_WRONG",
)
"""Rules whose planted fault has a fix."""

PLANTED = ("FILE_EXECUTABLE", "LINE_ENDS_CRLF")


def findings_of(folder: Path, *options: str) -> list[Finding]:
    report = folder.parent / "report.json"
    spinegate(["validate", str(folder), "--format", "json", "--output", str(report), *options])
    found: list[Finding] = json.loads(report.read_text())["findings"]
    return found


def of_code(found: list[Finding], code: str) -> list[Finding]:
    return [finding for finding in found if finding["code"] == code]


@pytest.fixture(scope="session")
def bash(tool_environment: dict[str, str]) -> Bash:
    """Type a command in a folder, as a user does."""

    def call(folder: Path, command: str) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=folder, env=tool_environment, capture_output=True, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    return call


@pytest.fixture(scope="module")
def faults(faulty_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("report") / "dataset"
    folder.symlink_to(faulty_phantom)
    return findings_of(folder)


def test_these_are_all_the_planted_faults_that_have_a_command(faults: list[Finding]) -> None:
    with_fix = {finding["code"] for finding in faults if finding["fix"]}
    assert with_fix == set(FIXED)
    ours = {f["code"] for f in faults if f["command"].startswith("spinegate curate fix")}
    assert ours == with_fix
    own = {finding["code"] for finding in faults if finding["code"] in COMMANDS}
    assert own == set(COMMANDS)
    assert set(PLANTED) == set(COMMANDS) - {"METADATA_IN_ANNEX"}  # its fault leads nowhere


@pytest.mark.slow
def test_the_commands_mend_the_planted_faults(
    faults: list[Finding], faulty_phantom: Path, tmp_path: Path, bash: Bash
) -> None:
    folder = shutil.copytree(faulty_phantom, tmp_path / "dataset", symlinks=True)
    mended = [each for each in faults if each["code"] in (*FIXED, *PLANTED)]
    assert len(mended) == len(FIXED) + len(PLANTED)
    bash(folder, "git add --all --force && git commit -q -m Faults")
    known = {each["identity"] for each in findings_of(folder)}  # git's own rules see more now
    for finding in mended:
        bash(folder, finding["command"])
    after = findings_of(folder)
    left = {each["identity"] for each in after}
    assert [each for each in mended if each["identity"] in left] == []
    # A FLAIR image in its right folder is seen to be none of the protocol's, and one that lies in
    # git has another name there: nothing else is new.
    new = {each["code"] for each in after if each["identity"] in left - known}
    assert new <= {"CONTRAST_UNEXPECTED", "NIFTI_IN_GIT"}


def test_metadata_comes_out_of_the_annex(annexed: Path, run: Run, bash: Bash) -> None:
    path = "sub-siemensA01/dwi/sub-siemensA01_dwi.bval"
    run(annexed, "git", "rm", "-q", "--cached", path)
    run(annexed, "git", "annex", "add", "-q", "--force-large", path)
    run(annexed, "git", "commit", "-q", "-m", "In the annex")
    (finding,) = of_code(findings_of(annexed), "METADATA_IN_ANNEX")
    assert finding["location"] == path
    bash(annexed, finding["command"])
    assert of_code(findings_of(annexed), "METADATA_IN_ANNEX") == []
    assert run(annexed, "git", "ls-files", "-s", path).startswith("100644")


GONE = {
    "CONTRAST_LOST": ["sub-siemensA01/anat/sub-siemensA01_T2w.nii.gz"],
    "PARTICIPANT_REMOVED": ["sub-siemensA01", "derivatives/labels/sub-siemensA01"],
    "DERIVATIVE_REMOVED": [
        "derivatives/labels/sub-siemensA01/anat/sub-siemensA01_T2w_label-SC_seg.nii.gz"
    ],
    "FILE_REMOVED": ["participants.json"],
}


@pytest.mark.parametrize("code", sorted(GONE))
def test_what_a_change_took_away_comes_back(
    code: str, repository: Path, run: Run, bash: Bash
) -> None:
    readme = repository / "README.md"
    run(repository, "git", "checkout", "-q", "-b", "change")
    run(repository, "git", "rm", "-q", "-r", *GONE[code])
    readme.write_text("Mine.\n")
    run(repository, "git", "commit", "-q", "-a", "-m", "A change")
    found = of_code(findings_of(repository, "--base", "main"), code)
    assert found
    assert all("git" in finding["command"] for finding in found)
    for finding in found:
        bash(repository, finding["command"])
    run(repository, "git", "commit", "-q", "-a", "-m", "Back")
    after = findings_of(repository, "--base", "main")
    assert {f["code"] for f in after if f["status"] == "new"} & WITH_BASE == set()
    assert run(repository, "git", "diff", "--name-only", "main") == "README.md\n"
    assert readme.read_text() == "Mine.\n"


def test_a_raw_image_comes_back(annexed: Path, run: Run, bash: Bash) -> None:
    raw = "sourcedata/sub-siemensA01/anat/sub-siemensA01_T2w.nii.gz"
    made = annexed / raw.removeprefix("sourcedata/")
    (annexed / raw).parent.mkdir(parents=True)
    (annexed / raw).symlink_to(f"../{made.readlink()}")
    run(annexed, "git", "add", raw)
    run(annexed, "git", "commit", "-q", "-m", "A raw image")
    run(annexed, "git", "checkout", "-q", "-b", "change")
    run(annexed, "git", "rm", "-q", raw)
    run(annexed, "git", "commit", "-q", "-m", "A change")
    found = of_code(findings_of(annexed, "--base", "main"), "SCAN_REMOVED")
    assert [finding["location"] for finding in found] == [raw]
    bash(annexed, found[0]["command"])
    assert (annexed / raw).exists()
    run(annexed, "git", "commit", "-q", "-m", "Back")
    assert of_code(findings_of(annexed, "--base", "main"), "SCAN_REMOVED") == []


def test_a_renamed_image_takes_its_sidecar_along_later(
    repository: Path, run: Run, bash: Bash
) -> None:
    old, new = (f"sub-siemensA01/anat/sub-siemensA01{part}_T1w" for part in ("", "_acq-x"))
    run(repository, "git", "checkout", "-q", "-b", "change")
    dataset = load_dataset(open_tree(repository), load_spec("spine-generic"))
    moves = expand([Rename(f"{old}.nii.gz", f"{new}.nii.gz")], dataset)
    left = Rename(f"{old}.json", f"{new}.json")
    assert left in moves
    apply_plan(Plan(tuple(Proposal(move) for move in moves if move != left)), repository)
    run(repository, "git", "commit", "-q", "-m", "A change")
    (finding,) = of_code(findings_of(repository, "--base", "main"), "RENAMED_WITHOUT_DERIVATIVES")
    assert "--base main" in finding["command"]
    bash(repository, finding["command"])
    assert (repository / f"{new}.json").exists()
    found = findings_of(repository, "--base", "main")
    assert of_code(found, "RENAMED_WITHOUT_DERIVATIVES") == []
