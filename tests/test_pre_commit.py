"""The hook `spinegate-validate`, installed and run by pre-commit, on the real dataset."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_packaging import ROOT, tree_files

pytestmark = [pytest.mark.real, pytest.mark.slow]

SIDECAR = "sourcedata/sub-amu01/anat/sub-amu01_flip-1_mt-off_MTS.json"
NAMES = {f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")}
NAMES |= {f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")}

Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    home = str(tmp_path_factory.mktemp("pre-commit"))
    return {**kept, **NAMES, "PRE_COMMIT_HOME": home, "PATH": path}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """This source tree as a repository, as pre-commit would clone it."""
    copy = tmp_path_factory.mktemp("project")
    for path in tree_files():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_symlink():
            (copy / path).symlink_to((ROOT / path).readlink())
        else:
            (copy / path).write_bytes((ROOT / path).read_bytes())
    for call in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All"]):
        subprocess.run(["git", "-C", str(copy), *call], check=True, env=environment)
    return copy


@pytest.fixture(scope="module")
def dataset(
    bundle: Path,
    project: Path,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A clone of the dataset with the hook installed."""
    target = tmp_path_factory.mktemp("dataset") / "clone"
    subprocess.run(["git", "clone", "-q", "--shared", str(bundle), str(target)], check=True)
    head = subprocess.run(
        ["git", "-C", str(project), "rev-parse", "HEAD"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    (target / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {project}\n  rev: {head}\n  hooks:\n  - id: spinegate-validate\n"
    )
    pre_commit = [sys.executable, "-m", "pre_commit"]
    done = subprocess.run(
        [*pre_commit, "install", "--install-hooks"],
        cwd=target, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture
def git(dataset: Path, environment: dict[str, str]) -> Git:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "-C", str(dataset), *arguments],
            env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip

    assert call("reset", "-q", "--hard").returncode == 0
    return call


def change(dataset: Path, path: str, **values: object) -> None:
    file = dataset / path
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}, indent=4))


def test_a_wrong_flip_angle_is_not_committed(dataset: Path, git: Git) -> None:
    change(dataset, SIDECAR, FlipAngle=35)
    git("add", SIDECAR)
    done = git("commit", "-m", "An angle")
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "FLIP_ANGLE_OUT_OF_TOLERANCE" in said or "FlipAngle is 35" in said
    assert "Traceback" not in said


def test_a_clean_change_is_committed(dataset: Path, git: Git) -> None:
    """Old findings of this participant don't stand in its way."""
    twin = SIDECAR.removeprefix("sourcedata/")
    for path in (SIDECAR, twin):
        change(dataset, path, SeriesDescription="MT off")
    git("add", SIDECAR, twin)
    done = git("commit", "-m", "A description")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "spinegate validate" in done.stderr
    assert "Passed" in done.stderr


def test_other_files_do_not_start_it(dataset: Path, git: Git) -> None:
    (dataset / "notes.txt").write_text("Words.\n")
    git("add", "notes.txt")
    done = git("commit", "-m", "Words")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Skipped" in done.stderr


def test_an_image_that_is_a_link_starts_it(dataset: Path, git: Git) -> None:
    link = dataset / "sub-amu01" / "anat" / "sub-amu01_acq-x_T3w.nii.gz"
    link.symlink_to("../../.git/annex/objects/x/y/MD5E-s1--0.nii.gz/MD5E-s1--0.nii.gz")
    git("add", str(link))
    done = git("commit", "-m", "An image")
    assert done.returncode == 1, done.stdout + done.stderr
