"""The published dataset's magnetization transfer series, renamed and renamed back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate

pytestmark = [pytest.mark.real, pytest.mark.slow]


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture
def clone(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "tester@example.org")
    target = tmp_path / "clone"
    source = [str(bundle)] if bundle.is_dir() else ["-b", "master", str(bundle)]
    subprocess.run(["git", "clone", "-q", *source, str(target)], check=True)
    return target


def rename(dataset: Path, *options: str) -> None:
    argv = ["curate", "rename", str(dataset), "--convention", "mts-flip-mt", "--apply", *options]
    assert spinegate(argv) == 0
    assert git(dataset, "status", "--short") == ""


def test_there_and_back_is_the_same_tree(clone: Path) -> None:
    tree = git(clone, "rev-parse", "HEAD^{tree}")
    rename(clone, "--reverse")
    assert "_mt-o" not in git(clone, "ls-files")
    moved = git(clone, "show", "--format=", "--name-status", "-M", "HEAD").splitlines()
    assert len(moved) == 7030
    assert {line.split("\t")[0] for line in moved} == {"R100"}
    old = git(clone, "rev-parse", "HEAD^{tree}")
    rename(clone)
    assert git(clone, "rev-parse", "HEAD^{tree}") == tree
    rename(clone, "--reverse")
    assert git(clone, "rev-parse", "HEAD^{tree}") == old
    rename(clone, "--all-keys")
    assert git(clone, "diff", "--shortstat", "HEAD~1").split() == (
        ["1544", "files", "changed,", "3088", "insertions(+),", "1544", "deletions(-)"]
    )
    assert "MTState" in git(clone, "show", "HEAD:sub-unf01/anat/sub-unf01_flip-1_mt-on_MTS.json")
    rename(clone, "--reverse")
    assert git(clone, "rev-parse", "HEAD^{tree}") == old


def test_a_site(clone: Path) -> None:
    tree = git(clone, "rev-parse", "HEAD^{tree}")
    assert spinegate(["curate", "rename", str(clone), "--site", "unf=montreal", "--apply"]) == 0
    names = git(clone, "ls-files")
    assert "sub-unf" not in names
    assert "sub-montreal07/" in names
    assert "montreal07\t" in (clone / "participants.tsv").read_text()
    assert spinegate(["curate", "rename", str(clone), "--site", "montreal=unf", "--apply"]) == 0
    assert git(clone, "rev-parse", "HEAD^{tree}") == tree
