"""Trees: a folder and a commit list and read the same."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator.tree import LINK, Entry, Tree, Unreadable, open_tree

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


def test_relative_path(repository: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository, {"data/x.json": "{}"})
    monkeypatch.chdir(repository / "data")
    for ref in (None, "HEAD"):
        tree = open_tree(Path("."), ref)
        assert paths(tree) == ["x.json"]
        assert tree.annex == repository / ".git"


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
