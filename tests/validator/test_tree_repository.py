"""Trees in repositories: others around and inside them, broken and hostile ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator.tree import Tree, Unreadable, open_tree

Run = Callable[..., str]
Commit = Callable[[Path, dict[str, str | bytes]], Path]
Files = Callable[[Path, dict[str, str | bytes]], None]


def contents(tree: Tree, limit: int = 1000) -> dict[str, bytes | Unreadable]:
    return dict(zip(paths(tree), tree.read(tree.entries, limit), strict=True))


def paths(tree: Tree) -> list[str]:
    return [entry.path for entry in tree.entries]


def test_subfolder_of_a_repository(repository: Path, commit: Commit, run: Run) -> None:
    commit(repository, {"data/sub-1/x.json": "{}", "code.py": "", ".gitignore": "build/\n"})
    folder, head = open_tree(repository / "data"), open_tree(repository / "data", "HEAD")
    assert paths(folder) == paths(head) == ["sub-1/x.json"]
    assert contents(folder) == contents(head) == {"sub-1/x.json": b"{}"}
    assert folder.annex == head.annex == repository / ".git"


@pytest.mark.parametrize("name", ["build", "new"])
def test_folder_that_the_repository_around_it_does_not_know(
    repository: Path, commit: Commit, files: Files, name: str
) -> None:
    commit(repository, {".gitignore": "build/\n*.nii\n"})
    files(repository / name, {"x.nii": "1"})
    tree = open_tree(repository / name)
    assert paths(tree) == ["x.nii"]
    assert tree.annex is None


def test_second_work_tree_and_bare_repository(
    repository: Path, commit: Commit, run: Run, tmp_path: Path
) -> None:
    commit(repository, {"x.json": "{}"})
    second, bare = tmp_path / "second", tmp_path / "bare.git"
    run(repository, "git", "worktree", "add", "-q", "--detach", second)
    run(tmp_path, "git", "clone", "-q", "--bare", repository, bare)
    for tree in (open_tree(second), open_tree(second, "HEAD"), open_tree(bare, "main")):
        assert contents(tree) == {"x.json": b"{}"}
    assert open_tree(second).annex == repository / ".git"
    assert open_tree(bare, "main").annex == bare


def test_submodules_and_inner_repositories_are_left_out(
    repository: Path, commit: Commit, run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "git", "init", "-q")
    commit(other, {"inner.json": "{}"})
    run(repository, "git", "submodule", "add", "-q", other, "sourcedata")
    commit(repository, {"x.json": "{}"})
    inner = repository / "untracked"
    run(repository, "git", "clone", "-q", other, inner)
    for ref in (None, "HEAD"):
        assert paths(open_tree(repository, ref)) == [".gitmodules", "x.json"]


def test_conflict_lists_a_file_once(repository: Path, commit: Commit, run: Run) -> None:
    commit(repository, {"x.json": "1"})
    run(repository, "git", "checkout", "-q", "-b", "side")
    commit(repository, {"x.json": "2"})
    run(repository, "git", "checkout", "-q", "main")
    commit(repository, {"x.json": "3"})
    with pytest.raises(AssertionError):
        run(repository, "git", "merge", "side")
    assert paths(open_tree(repository)) == ["x.json"]


def test_sparse_checkout(repository: Path, commit: Commit, run: Run) -> None:
    commit(repository, {"a/x.json": "1", "b/x.json": "2"})
    run(repository, "git", "sparse-checkout", "set", "a")
    assert paths(open_tree(repository)) == ["a/x.json"]


def test_own_files_in_a_folder_that_became_a_repository(
    repository: Path, commit: Commit, run: Run
) -> None:
    commit(repository, {"a/x.json": "{}", "b/x.json": "{}", "ab": "", "a0": ""})
    run(repository, "git", "init", "-q", "a")
    run(repository, "git", "init", "-q", "c")
    (repository / "c" / "x.json").write_text("{}")
    assert paths(open_tree(repository)) == ["a/x.json", "a0", "ab", "b/x.json"]


def test_without_git(
    repository: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commit(repository, {"x.json": "{}"})
    monkeypatch.setenv("PATH", str(tmp_path))
    tree = open_tree(repository)
    assert paths(tree) == ["x.json"]
    assert tree.annex == repository / ".git"
    with pytest.raises(SpinegateError, match="git could not be started"):
        open_tree(repository, "HEAD")


def test_broken_repository_is_a_plain_folder(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {".git/HEAD": "nonsense", "x.json": "{}"})
    assert paths(open_tree(tmp_path)) == ["x.json"]


def test_variables_of_a_hook_do_not_mislead(
    repository: Path, commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"x.json": "{}"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    for ref in (None, "HEAD"):
        assert paths(open_tree(repository, ref)) == ["x.json"]


def test_nothing_that_a_repository_names_is_run(
    repository: Path, commit: Commit, run: Run, tmp_path: Path
) -> None:
    attributes = "* filter=evil diff=evil\n"
    commit(repository, {"x.json": "{}", ".gitattributes": attributes})
    oid = run(repository, "git", "rev-parse", "HEAD:x.json").strip()
    trap = tmp_path / "sprung"
    script = tmp_path / "evil.sh"
    script.write_text(f"touch {trap}\n")
    touch = f"sh {script}"
    for key in (
        "core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "diff.evil.textconv", "diff.external", "core.sshCommand", "core.pager", "core.editor",
        "alias.ls-files", "alias.cat-file", "remote.origin.uploadpack", "core.gitProxy",
    ):  # fmt: skip
        run(repository, "git", "config", key, f"!{touch}" if key.startswith("alias") else touch)
    run(repository, "git", "config", "protocol.ext.allow", "always")
    run(repository, "git", "config", "remote.origin.url", f"ext::{touch}")
    run(repository, "git", "config", "remote.origin.promisor", "true")
    run(repository, "git", "config", "extensions.partialClone", "origin")
    run(repository, "git", "config", "core.repositoryFormatVersion", "1")
    hooks = repository / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\n{touch}\n")
        (hooks / name).chmod(0o755)
    (repository / ".git" / "objects" / oid[:2] / oid[2:]).unlink()  # git would fetch it
    (repository / "x.json").write_text("{ }")
    assert contents(open_tree(repository))["x.json"] == b"{ }"
    missing = contents(open_tree(repository, "HEAD"))["x.json"]
    assert missing == Unreadable("git doesn't have this object")
    assert not trap.exists()
