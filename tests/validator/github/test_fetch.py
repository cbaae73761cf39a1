"""The git-annex branches of a repository and of a fork."""

from __future__ import annotations

import base64
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator.github.fetch import fetch_branch

NAMES = {f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")}
NAMES |= {f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")}


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True, capture_output=True, text=True, env={**os.environ, **NAMES},
    ).stdout.strip()  # fmt: skip


def commit(folder: Path, message: str, *parents: str) -> str:
    tree = git(folder, "hash-object", "-t", "tree", "-w", "/dev/null")
    parts = [part for parent in parents for part in ("-p", parent)]
    return git(folder, "commit-tree", tree, *parts, "-m", message)


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A folder of repositories; that of the lab has a git-annex branch of two commits."""
    bare = tmp_path / "server" / "lab" / "dataset"
    bare.mkdir(parents=True)
    git(bare, "init", "-q", "--bare", "-b", "main")
    main = commit(bare, "second", commit(bare, "first"))
    git(bare, "update-ref", "refs/heads/main", main)
    annex = commit(bare, "logs", commit(bare, "older logs"))
    git(bare, "update-ref", "refs/heads/git-annex", annex)
    return tmp_path / "server"


@pytest.fixture
def clone(server: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "fetch", "-q", f"file://{server}/lab/dataset", "main:refs/heads/main")
    return folder


def fetch(clone: Path, server: Path, repository: str = "lab/dataset", name: str = "fork") -> bool:
    return fetch_branch(clone, {"GITHUB_SERVER_URL": server.as_uri()}, repository, name)


def test_only_the_tip_comes(clone: Path, server: Path) -> None:
    assert fetch(clone, server)
    tip = git(server / "lab/dataset", "rev-parse", "git-annex")
    assert git(clone, "rev-parse", "refs/remotes/fork/git-annex") == tip
    assert git(clone, "rev-list", "--count", "refs/remotes/fork/git-annex") == "1"
    assert git(clone, "rev-list", "--count", "main") == "2"
    assert (
        not (clone / ".git" / "FETCH_HEAD").exists()
        or "git-annex" not in (clone / ".git" / "FETCH_HEAD").read_text()
    )


def test_again_it_follows(clone: Path, server: Path) -> None:
    fetch(clone, server)
    bare = server / "lab/dataset"
    git(bare, "update-ref", "refs/heads/git-annex", commit(bare, "rewritten"))
    fetch(clone, server)
    tip = git(bare, "rev-parse", "git-annex")
    assert git(clone, "rev-parse", "refs/remotes/fork/git-annex") == tip


def test_a_branch_that_is_our_own_history_does_not_cut_it(clone: Path, server: Path) -> None:
    """A stranger may let `git-annex` be any commit, even one of the main branch."""
    bare = server / "lab/dataset"
    git(bare, "update-ref", "refs/heads/git-annex", "refs/heads/main")
    assert fetch(clone, server)
    assert git(clone, "rev-list", "--count", "main") == "2"
    assert not (clone / ".git" / "shallow").exists()


def test_no_such_branch(clone: Path, server: Path) -> None:
    git(server / "lab/dataset", "update-ref", "-d", "refs/heads/git-annex")
    assert not fetch(clone, server)
    assert "git-annex" not in git(clone, "for-each-ref")


@pytest.mark.parametrize("name", ["lab/none", "../lab/dataset", "--upload-pack=touch pwned"])
def test_no_such_repository(clone: Path, server: Path, name: str) -> None:
    with pytest.raises(SpinegateError):
        fetch(clone, server, name)
    assert not list(clone.rglob("pwned"))


Asked = list[str | None]


@pytest.fixture
def listener() -> Iterator[tuple[str, Asked]]:
    """A server over HTTP that notes the credentials it is sent, and has nothing."""
    asked: Asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Authorization"))
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def test_a_fork_gets_no_credentials(clone: Path, listener: tuple[str, Asked]) -> None:
    """Not even those that a checkout has left in the clone's settings."""
    address, asked = listener
    git(clone, "config", f"http.{address}/.extraheader", "AUTHORIZATION: basic kept")
    git(clone, "config", "http.extraheader", "AUTHORIZATION: basic kept")
    git(clone, "config", "credential.helper", "!echo username=a; echo password=b; :")
    with pytest.raises(SpinegateError):
        fetch_branch(clone, {"GITHUB_SERVER_URL": address}, "stranger/dataset", "fork")
    assert asked
    assert set(asked) == {None}


def test_the_repository_gets_the_token(clone: Path, listener: tuple[str, Asked]) -> None:
    address, asked = listener
    with pytest.raises(SpinegateError) as caught:
        fetch_branch(clone, {"GITHUB_SERVER_URL": address}, "lab/dataset", "origin", "secret")
    [sent] = {text for text in asked if text}
    assert base64.b64decode(sent.rpartition(" ")[2]) == b"x-access-token:secret"
    assert "secret" not in str(caught.value)
