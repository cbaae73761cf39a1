"""The workflows that write: the comment on a pull request, and the issues of the sites."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.github_actions.conftest import Check
from tests.github_actions.pulls import Server
from tests.github_actions.runner import TOKEN, Runner, read_commands
from tests.validator.github import server as hub

SIDECAR = "sub-siemensA01/anat/sub-siemensA01_T2w.json"


@pytest.fixture
def github() -> Iterator[hub.GitHub]:
    assert hub.TOKEN == TOKEN
    server = hub.GitHub()
    yield server
    server.close()


@pytest.fixture
def environment(github: hub.GitHub) -> dict[str, str]:
    return {"GITHUB_API_URL": github.url}


def wrong(server: Server) -> dict[bytes, bytes]:
    sidecar = {**json.loads(server.read(SIDECAR)), "FlipAngle": 30}
    return {SIDECAR.encode(): json.dumps(sidecar).encode()}


class Comments:
    """Runs the workflow of comments after one of a pull request."""

    def __init__(self, folder: Path, server: Server, workflow: Path, extra: dict[str, str]):
        self.folder, self.server, self.workflow, self.extra = folder, server, workflow, extra

    def after(self, files: dict[str, bytes] | None, head: str, **told: str) -> Runner:
        run: dict[str, Any] = {
            "id": 5, "event": "pull_request", "conclusion": "failure", "head_sha": head,
            "head_branch": "fix", "head_repository": {"full_name": "someone/dataset"},
            "pull_requests": [], "html_url": "https://github.com/lab/dataset/actions/runs/5",
            **told,
        }  # fmt: skip
        runner = Runner(
            self.folder / f"comment{len(list(self.folder.iterdir()))}",
            "workflow_run", {"workflow_run": run}, server=self.server.folder, extra=self.extra,
        )  # fmt: skip
        if files is not None:
            runner.artifacts["spinegate-report"] = files
        self.result = runner.run_workflow(self.workflow)
        return runner


@pytest.fixture
def comments(
    tmp_path: Path, server: Server, workflows: Path, environment: dict[str, str]
) -> Comments:
    return Comments(tmp_path, server, workflows / "spinegate-comment.yml", environment)


def test_what_is_new_becomes_a_comment(
    server: Server, check: Check, comments: Comments, github: hub.GitHub
) -> None:
    pull = server.pull(wrong(server), fork="stranger/dataset")
    github.add_pull(1, pull.head)
    checked, _ = check(server, pull)
    runner = comments.after(checked.artifacts["spinegate-report"], pull.head)
    assert not comments.result.failed, runner.log
    [comment] = github.comments[1]
    assert "FLIP\\_ANGLE\\_OUT\\_OF\\_TOLERANCE" in comment["body"]
    assert read_commands(runner.log) == []
    comments.after(checked.artifacts["spinegate-report"], pull.head)
    assert len(github.comments[1]) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"::error::pwned\n", b"\x00" * 4096, b'{"type": "header"}\n::error::pwned\n##[x]y'],
)
def test_a_report_that_is_none_is_refused(
    comments: Comments, github: hub.GitHub, content: bytes
) -> None:
    head = "1" * 40
    github.add_pull(1, head)
    runner = comments.after({"report.jsonl": content}, head)
    assert comments.result.failed
    assert read_commands(runner.log) == []
    assert github.comments.get(1, []) == []


def test_without_a_report_there_is_no_comment(comments: Comments, github: hub.GitHub) -> None:
    comments.after(None, "1" * 40)
    assert not comments.result.failed
    assert comments.result.outcome("Comment") == "skipped"
    assert github.requests == []


@pytest.mark.parametrize("told", [{"event": "push"}, {"conclusion": "cancelled"}])
def test_other_runs_are_left_alone(
    comments: Comments, github: hub.GitHub, told: dict[str, str]
) -> None:
    comments.after(None, "1" * 40, **told)
    assert comments.result.steps == []


def test_every_night_a_site_gets_its_issue(
    server: Server,
    workflows: Path,
    tmp_path: Path,
    github: hub.GitHub,
    environment: dict[str, str],
) -> None:
    def night(name: str, commit: str) -> Runner:
        runner = Runner(
            tmp_path / name, "schedule", {}, server=server.folder, commit=commit,
            extra=environment,
        )  # fmt: skip
        result = runner.run_workflow(workflows / "spinegate-nightly.yml")
        assert not result.failed, runner.log
        return runner

    before, after = server.push(wrong(server))
    runner = night("first", after)
    assert [issue["state"] for issue in github.issues] == ["open"]
    assert "siemensA" in github.issues[0]["title"]
    assert any(key.startswith("spinegate-headers-") for key in runner.caches)
    night("second", before)
    assert [issue["state"] for issue in github.issues] == ["closed"]


def test_a_night_without_a_report_is_told(
    server: Server, workflows: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    _, commit = server.push({b".spinegate.yml": b"profile: [\n"})
    runner = Runner(
        tmp_path / "night", "schedule", {}, server=server.folder, commit=commit,
        extra=environment,
    )  # fmt: skip
    assert runner.run_workflow(workflows / "spinegate-nightly.yml").failed
