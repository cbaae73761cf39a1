"""git as a reader calls it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spinegate.system.blobs import read_blobs
from spinegate.system.errors import SpinegateError, ToolError
from spinegate.system.git import (
    environment,
    find_commit,
    find_common,
    find_root,
    git,
    list_commit,
    list_untracked,
    read_index,
    start_index,
)

IDENTITY = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a").write_text("one")
    (folder / "b").write_bytes(b"x" * 10_000_000)
    (folder / "c").write_text("three")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, *IDENTITY, "commit", "-q", "-m", "files")
    return folder


def test_variables_of_git_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ext")
    found = environment()
    assert "GIT_DIR" not in found
    assert found["GIT_ALLOW_PROTOCOL"] == "none"
    assert found["PATH"] == os.environ["PATH"]


def test_roots(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_root(repository) == find_root(repository / "sub") == repository
    assert find_root(tmp_path) is None
    (tmp_path / "link").symlink_to(repository / "sub")
    assert find_root(tmp_path / "link") == repository
    assert find_common(repository / "sub") == repository / ".git"
    with pytest.raises(ToolError, match="not a git repository"):
        find_common(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_root(repository) is None
    with pytest.raises(ToolError, match="could not be started"):
        git(repository, "status")


def test_errors_carry_what_git_said(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="git failed with exit status 128: fatal: not a git"):
        git(tmp_path, "status")
    with pytest.raises(ToolError):
        read_index(start_index(tmp_path))


def test_listings(repository: Path) -> None:
    (repository / "sub" / "new").touch()
    tracked = read_index(start_index(repository))
    assert [(blob.name, blob.mode) for blob in tracked] == [
        (b"b", "100644"), (b"c", "100644"), (b"sub/a", "100644"),
    ]  # fmt: skip
    assert tracked == list_commit(repository, "HEAD")
    assert [blob.name for blob in list_commit(repository / "sub", "HEAD")] == [b"a"]
    assert [blob.name for blob in read_index(start_index(repository / "sub"))] == [b"a"]
    assert list_untracked(repository) == [b"sub/new"]
    with pytest.raises(SpinegateError, match=r"is not a commit of .* git branch --all lists"):
        list_commit(repository, "nothing")


def test_commit_that_is_not_there_is_told_in_words(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match=r"'mastr' is not a commit of .*, nor a branch"):
        find_commit(repository, "mastr")
    (tmp_path / "plain").mkdir()
    with pytest.raises(SpinegateError, match="plain is not a git repository"):
        find_commit(tmp_path / "plain", "HEAD")
    part = ["git", "clone", "--quiet", "--depth=1", repository.as_uri(), str(tmp_path / "part")]
    subprocess.run(part, check=True)
    with pytest.raises(SpinegateError, match="git fetch --unshallow brings all"):
        find_commit(tmp_path / "part", "HEAD~9")


def test_blobs_in_the_order_asked_for_large_ones_cut(repository: Path) -> None:
    b, c, a = (blob.oid for blob in list_commit(repository, "HEAD"))
    asked = [b, "0" * 40, a, "f" * 40, c]
    assert list(read_blobs(repository, asked, 9)) == [
        (b, b"x" * 10),
        (a, b"one"),
        (c, b"three"),
    ]
    assert dict(read_blobs(repository, [b], 10**8)) == {b: b"x" * 10_000_000}
    assert list(read_blobs(repository, [], 9)) == []


def test_corrupt_objects_are_left_out(repository: Path) -> None:
    b, c, a = (blob.oid for blob in list_commit(repository, "HEAD"))
    path = repository / ".git" / "objects" / c[:2] / c[2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    assert list(read_blobs(repository, [a, c, b], 0)) == [(a, b"o"), (b, b"x")]


def test_git_that_always_fails_is_an_error(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        list(read_blobs(tmp_path, [f"{n:040}" for n in range(100)], 9))


def test_reader_that_stops_leaves_no_process(repository: Path) -> None:
    oids = [blob.oid for blob in list_commit(repository, "HEAD")]
    answer = read_blobs(repository, oids, 9)
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    children = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "comm="], capture_output=True, check=False
    )
    assert b"git" not in children.stdout
