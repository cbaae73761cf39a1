from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spinegate.system.errors import ConfigError
from spinegate.validator.github.api import connect
from spinegate.validator.github.pull import Run, find_pull, read_run
from tests.validator.github.events import SHA, write_event
from tests.validator.github.server import GitHub

OTHER = "f" * 40


def test_the_event_of_a_fork(tmp_path: Path) -> None:
    page = "https://github.com/lab/dataset/actions/runs/30433642"
    expected = Run("pull_request", SHA, "fix", "someone/dataset", (), page)
    assert read_run(write_event(tmp_path)) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"3",
        b"null",
        b'{"pull_request": {"number": 3}}',
        b'{"workflow_run": []}',
        b'{"workflow_run": {"head_sha": 3}}',
        b'{"workflow_run": {"head_sha": "HEAD"}}',
        b"[" * 100_000,
    ],
)
def test_another_event(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "event.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"event\.json: n"):
        read_run(tmp_path / "event.json")


def test_no_event(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_run(tmp_path / "event.json")


@pytest.mark.parametrize(
    "more",
    [
        {"head_branch": None},
        {"head_repository": None},
        {"head_repository": {"full_name": 3}},
        {"pull_requests": {}, "html_url": None, "head_repository": {}},
        {"pull_requests": [None, 3, {"number": "3"}, {}], "head_branch": ""},
        {"event": "push"},
        {"event": None},
    ],
)
def test_an_event_with_holes(github: GitHub, tmp_path: Path, more: dict[str, Any]) -> None:
    run = read_run(write_event(tmp_path, **more))
    assert run.numbers == ()
    github.add_pull(3, SHA)
    number, reason = find_pull(connect(None, ""), run)
    assert number is None
    assert reason
    assert github.requests == []


def find(github: GitHub, folder: Path, **more: Any) -> tuple[int | None, str]:
    return find_pull(connect(None, ""), read_run(write_event(folder, **more)))


def test_a_pull_request_from_a_fork(github: GitHub, tmp_path: Path) -> None:
    github.add_pull(3, SHA)
    assert find(github, tmp_path) == (3, "")


def test_a_newer_commit(github: GitHub, tmp_path: Path) -> None:
    github.add_pull(3, OTHER)
    assert find(github, tmp_path) == (
        None,
        "the pull request has a newer commit, whose own run will comment",
    )


@pytest.mark.parametrize(
    "more",
    [
        {"repo": None},
        {"repo": {"full_name": "someone/other"}},
        {"repo": {"full_name": "somebody-else/dataset"}},
        {"ref": "main"},
    ],
)
def test_the_same_commit_from_somewhere_else(
    github: GitHub, tmp_path: Path, more: dict[str, Any]
) -> None:
    """Whoever copies a commit into a fork of theirs can't speak in another's pull request."""
    github.add_pull(3, SHA, **more)
    assert find(github, tmp_path) == (None, "no open pull request has this branch")


def test_a_closed_one(github: GitHub, tmp_path: Path) -> None:
    github.add_pull(3, SHA)
    github.pulls[0]["state"] = "closed"
    assert find(github, tmp_path)[0] is None


def test_a_branch_that_stands_in_two(github: GitHub, tmp_path: Path) -> None:
    for number in (9, 5, 7):
        github.add_pull(number, SHA)
    assert find(github, tmp_path)[0] == 5
    named = [{"number": 7, "head": {"sha": SHA}}]
    assert find(github, tmp_path, pull_requests=named)[0] == 7


def test_what_the_event_names_is_not_believed_alone(github: GitHub, tmp_path: Path) -> None:
    github.add_pull(3, SHA)
    assert find(github, tmp_path, pull_requests=[{"number": 4}])[0] == 3


def test_a_branch_with_a_strange_name(github: GitHub, tmp_path: Path) -> None:
    name = "a&state=closed#ü/../%2e"
    github.add_pull(3, SHA, ref=name)
    assert find(github, tmp_path, head_branch=name)[0] == 3


def test_names_of_repositories_have_no_case(github: GitHub, tmp_path: Path) -> None:
    github.add_pull(3, SHA, repo={"full_name": "someone/Dataset"})
    assert find(github, tmp_path)[0] == 3


def test_only_so_much_is_read(tmp_path: Path) -> None:
    path = write_event(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text())) + " " * (33 * 2**20) + "x")
    assert read_run(path).head_sha == SHA
