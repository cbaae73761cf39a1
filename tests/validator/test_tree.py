"""Trees: real folders and repositories, hostile ones among them."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator import disk
from spinegate.validator.tree import LINK, SPECIAL, Entry, Tree, Unreadable, open_tree

Run = Callable[..., str]
Commit = Callable[[Path, dict[str, str | bytes]], Path]
Files = Callable[[Path, dict[str, str | bytes]], None]
ODD = {
    b"line\nbreak.json": b"1",
    b"tab\tbell\x07.json": b"2",
    b"latin-\xe9.json": b"3",
    "utf-é.json".encode(): b"4",
    b" leading space.json": b"5",
    b'quote"\\back.json': b"6",
    b"-dash.json": b"7",
}


def contents(tree: Tree, limit: int = 1000) -> dict[str, bytes | Unreadable]:
    return dict(zip(paths(tree), tree.read(tree.entries, limit), strict=True))


def paths(tree: Tree) -> list[str]:
    return [entry.path for entry in tree.entries]


def write_odd(folder: Path) -> None:
    for name, content in ODD.items():
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(content)


def test_plain_folder(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"b/x.json": "{}", "a.tsv": "t"})
    (tmp_path / "a.tsv").chmod(0o755)
    (tmp_path / "link").symlink_to("a.tsv")
    tree = open_tree(tmp_path)
    assert [(e.path, e.mode, e.oid) for e in tree.entries] == [
        ("a.tsv", "100755", ""),
        ("b/x.json", "100644", ""),
        ("link", LINK, ""),
    ]
    assert contents(tree) == {"a.tsv": b"t", "b/x.json": b"{}", "link": b"a.tsv"}
    assert (tree.annex, tree.folder) == (None, tmp_path)


def test_folder_and_commit_are_the_same(repository: Path, commit: Commit, run: Run) -> None:
    write_odd(repository)
    (repository / "way").symlink_to("nowhere")
    commit(repository, {"sub-1/anat/x.json": "{}", "empty": "", "run": "#!"})
    (repository / "run").chmod(0o755)
    run(repository, "git", "commit", "-qam", "mode")
    folder, head = open_tree(repository), open_tree(repository, "HEAD")
    assert folder.entries == head.entries
    assert contents(folder) == contents(head)
    assert folder.annex == head.annex == repository / ".git"
    assert (head.folder, head.name) == (None, f"{repository}@HEAD")


@pytest.mark.parametrize("git", [True, False])
def test_odd_names(tmp_path: Path, repository: Path, git: bool) -> None:
    folder = repository if git else tmp_path / "plain"
    folder.mkdir(exist_ok=True)
    write_odd(folder)
    tree = open_tree(folder)
    expected = {name.decode("utf-8", "backslashreplace"): text for name, text in ODD.items()}
    assert contents(tree) == expected
    assert paths(tree) == sorted(expected)
    assert "latin-\\xe9.json" in expected


def test_untracked_ignored_and_vanished(repository: Path, commit: Commit, files: Files) -> None:
    commit(repository, {"kept": "1", "gone": "2", "dir/gone": "3", ".gitignore": "*.tmp\n"})
    files(repository, {"new/file": "4", "x.tmp": "5"})
    (repository / "gone").unlink()
    (repository / "dir" / "gone").unlink()
    (repository / "dir").rmdir()
    (repository / "fresh").symlink_to("kept")
    tree = open_tree(repository)
    assert paths(tree) == [".gitignore", "fresh", "kept", "new/file"]
    assert [e.oid == "" for e in tree.entries] == [False, True, False, True]
    assert paths(open_tree(repository, "HEAD")) == [".gitignore", "dir/gone", "gone", "kept"]


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


def test_relative_path(repository: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository, {"data/x.json": "{}"})
    monkeypatch.chdir(repository / "data")
    for ref in (None, "HEAD"):
        tree = open_tree(Path("."), ref)
        assert paths(tree) == ["x.json"]
        assert tree.annex == repository / ".git"


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


def test_links_are_never_followed(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"outside/secret.json": "s", "dataset/x.json": "{}"})
    dataset = tmp_path / "dataset"
    (dataset / "loop").symlink_to(".")
    (dataset / "self.json").symlink_to("self.json")
    (dataset / "out").symlink_to("../outside")
    (dataset / "out.json").symlink_to("../outside/secret.json")
    tree = open_tree(dataset)
    assert contents(tree) == {
        "loop": b".",
        "out": b"../outside",
        "out.json": b"../outside/secret.json",
        "self.json": b"self.json",
        "x.json": b"{}",
    }


def test_folder_replaced_by_a_link(repository: Path, commit: Commit, tmp_path: Path) -> None:
    commit(repository, {"sub-1/anat/x.json": "{}", "sub-2/x.json": "{}", ".gitignore": "sub-1\n"})
    (repository / "sub-1").rename(tmp_path / "elsewhere")
    (repository / "sub-1").symlink_to(tmp_path / "elsewhere")
    assert paths(open_tree(repository)) == [".gitignore", "sub-2/x.json"]


def test_file_replaced_by_a_link_or_a_folder_or_a_pipe(
    repository: Path, commit: Commit, tmp_path: Path
) -> None:
    commit(repository, {"a.json": "1", "b.json": "2", "c.json": "3"})
    for name in ("a.json", "b.json", "c.json"):
        (repository / name).unlink()
    (repository / "a.json").symlink_to(tmp_path)
    (repository / "b.json").mkdir()
    os.mkfifo(repository / "c.json")
    tree = open_tree(repository)
    found = contents(tree)
    assert found["a.json"] == os.fsencode(tmp_path)
    assert set(found) == {"a.json", "c.json"}
    assert [e.mode for e in tree.entries if e.oid == ""] == [LINK]
    assert found["c.json"] == Unreadable("not a file")


def test_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.json")
    (entry,) = open_tree(tmp_path).entries
    assert entry == Entry("x.json", b"x.json", SPECIAL)


def test_vanishing_while_reading(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"a.json": "1", "b.json": "2"})
    tree = open_tree(tmp_path)
    (tmp_path / "a.json").unlink()
    assert contents(tree) == {
        "a.json": Unreadable(os.strerror(errno.ENOENT)),
        "b.json": b"2",
    }


def test_vanishing_while_listing(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, {"a.json": "1", "b.json": "2"})
    scan = os.scandir

    def scan_and_remove(place: bytes) -> Any:
        found = list(scan(place))
        (tmp_path / "a.json").unlink()
        return nullcontext(found)

    monkeypatch.setattr(os, "scandir", scan_and_remove)
    assert [entry.path for entry in disk.walk(tmp_path)] == ["b.json"]


def test_no_read_rights(tmp_path: Path, files: Files, as_nobody: Callable[..., str]) -> None:
    files(tmp_path, {"open.json": "{}", "shut.json": "{}", "shut/x.json": "{}"})
    (tmp_path / "shut.json").chmod(0)
    (tmp_path / "shut").chmod(0)
    script = (
        "from pathlib import Path\n"
        "from spinegate.validator.tree import open_tree\n"
        f"tree = open_tree(Path({str(tmp_path)!r}))\n"
        "print([(e.path, e.mode) for e in tree.entries])\n"
        "print(list(tree.read(tree.entries[:2], 10)))\n"
    )
    listed, read = as_nobody(tmp_path, script).splitlines()
    assert eval(listed) == [
        ("open.json", "100644"),
        ("shut.json", "100644"),
        ("shut/", "unreadable: Permission denied"),
    ]
    assert read == "[b'{}', Unreadable(reason='Permission denied')]"


def test_no_read_rights_on_the_dataset(tmp_path: Path, as_nobody: Callable[..., str]) -> None:
    shut = tmp_path / "shut"
    (shut / "dataset").mkdir(parents=True)
    shut.chmod(0)
    script = (
        "from pathlib import Path\n"
        "from spinegate.system.errors import SpinegateError\n"
        "from spinegate.validator.tree import open_tree\n"
        f"for place in ({str(shut)!r}, {str(shut / 'dataset')!r}):\n"
        "    try:\n        open_tree(Path(place))\n"
        "    except SpinegateError as error:\n        print(error)\n"
    )
    first, second = as_nobody(tmp_path, script).splitlines()
    assert first == f"{shut} cannot be read: Permission denied"
    assert second.startswith(f"{shut / 'dataset'} does not exist")


def test_tracked_files_in_a_shut_folder_are_not_taken_for_deleted(
    repository: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"a/x.json": "{}", "b/x.json": "{}"})
    scan = os.scandir

    def refuse(place: Any) -> Any:
        if bytes(place).endswith(b"/a"):
            raise PermissionError(errno.EACCES, "no")
        return scan(place)

    monkeypatch.setattr(
        os, "scandir", lambda place: scan(place) if isinstance(place, Path) else refuse(place)
    )
    tree = open_tree(repository)
    assert [(entry.path, entry.mode) for entry in tree.entries] == [
        ("a/", "unreadable: Permission denied"),
        ("a/x.json", "100644"),
        ("b/x.json", "100644"),
    ]


def test_own_files_in_a_folder_that_became_a_repository(
    repository: Path, commit: Commit, run: Run
) -> None:
    commit(repository, {"a/x.json": "{}", "b/x.json": "{}", "ab": "", "a0": ""})
    run(repository, "git", "init", "-q", "a")
    run(repository, "git", "init", "-q", "c")
    (repository / "c" / "x.json").write_text("{}")
    assert paths(open_tree(repository)) == ["a/x.json", "a0", "ab", "b/x.json"]


@pytest.mark.parametrize("place", ["missing", "file", "file/below"])
def test_not_a_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpinegateError, match=r"name the dataset's top folder"):
        open_tree(tmp_path / place)


@pytest.mark.parametrize("ref", ["nothing", "--output=x", "", "HEAD:x.json", "a b\n"])
def test_no_such_commit(repository: Path, commit: Commit, ref: str) -> None:
    commit(repository, {"x.json": "{}"})
    with pytest.raises(SpinegateError):
        open_tree(repository, ref)


def test_commit_outside_a_repository(tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match="is not a git repository"):
        open_tree(tmp_path, "HEAD")


def test_empty_folder_and_empty_repository(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert open_tree(tmp_path / "empty").entries == []
    assert open_tree(repository).entries == []


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


def test_reading_is_bounded(repository: Path, commit: Commit) -> None:
    sizes = {"a": 10, "b": 65_535, "c": 65_536, "d": 65_537, "e": 3_000_000}
    commit(repository, {name: b"x" * size for name, size in sizes.items()})
    for limit in (0, 9, 65_535, 65_536, 100_000, 4_000_000):
        expected = {name: min(size, limit + 1) for name, size in sizes.items()}
        for ref in (None, "HEAD"):
            found = contents(open_tree(repository, ref), limit)
            assert {n: len(c) for n, c in found.items() if isinstance(c, bytes)} == expected


def test_order_of_questions_is_kept_in_a_commit(repository: Path, commit: Commit) -> None:
    commit(repository, {"a": "same", "b": "other", "c": "same"})
    tree = open_tree(repository, "HEAD")
    a, b, c = tree.entries
    ghost = Entry("ghost", b"ghost", "100644", "0" * 40)
    asked = [c, ghost, a, b, ghost, c, a]
    assert [x if isinstance(x, bytes) else None for x in tree.read(asked, 100)] == [
        b"same", None, b"same", b"other", None, b"same", b"same",
    ]  # fmt: skip


def test_many_files_in_one_folder(tmp_path: Path) -> None:
    for number in range(20_000):
        os.close(os.open(tmp_path / f"{number}.json", os.O_CREAT | os.O_WRONLY))
    tree = open_tree(tmp_path)
    assert len(tree.entries) == 20_000
    assert paths(tree) == sorted(paths(tree))


def test_very_many_files_in_one_folder_of_a_commit(
    repository: Path, tool_environment: dict[str, str]
) -> None:
    def git(question: str, *argv: str) -> str:
        done = subprocess.run(
            ["git", *argv],
            input=question,
            cwd=repository,
            env=tool_environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    blob = git("{}", "hash-object", "-w", "--stdin")
    lines = "".join(f"100644 blob {blob}\t{number}.json\n" for number in range(100_000))
    tree = open_tree(repository, git("", "commit-tree", "-m", "files", git(lines, "mktree")))
    assert sum(content == b"{}" for content in tree.read(tree.entries, 10)) == 100_000


def test_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_MAX_FILES", 2)
    for number in range(3):
        (tmp_path / str(number)).touch()
    with pytest.raises(SpinegateError, match="more than 2 files"):
        open_tree(tmp_path)
