"""Managers who comment on pull requests, and a GitHub that knows who they are."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.github_actions.pulls import Change, Server
from tests.github_actions.runner import Result, Runner
from tests.validator.github.server import BOT, REPOSITORY, GitHub

NOW = datetime.now(UTC).replace(microsecond=0)
PEOPLE = {"ana": ("admin", 7), "max": ("write", 8), "reader": ("read", 9)}


def stamp(minutes: int) -> str:
    """Return a time as GitHub writes it, so many minutes from the comment."""
    return (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Hub(GitHub):
    """Knows people's rights, and when branches were pushed to."""

    def __init__(self) -> None:
        super().__init__()
        self.details: dict[int, dict[str, Any]] = {}
        self.activity: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.messages: dict[str, str] = {}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """See `GitHub.answer`."""
        found = re.fullmatch(r"/repos/([\w-]+/[\w.-]+)(/.*)?", path)
        repository, rest = (found[1], found[2] or "") if found else ("", path)
        if method != "GET":
            return super().answer(method, path, query, body)
        if rest == "/activity":
            return 200, self.activity.get((repository, query["ref"]), [])
        if repository == REPOSITORY:
            if who := re.fullmatch(r"/collaborators/([\w-]+)/permission", rest):
                permission, identity = PEOPLE.get(who[1], ("none", 0))
                return 200, {"permission": permission, "user": {"id": identity}}
            if number := re.fullmatch(r"/pulls/(\d+)", rest):
                return 200, self.details[int(number[1])]
            if commit := re.fullmatch(r"/commits/([0-9a-f]{40})", rest):
                return 200, {"commit": {"message": self.messages.get(commit[1], "A change")}}
        return super().answer(method, path, query, body)


@dataclass
class Run:
    """What came of one comment."""

    first: Runner
    second: Runner
    prepared: Result
    answered: Result

    @property
    def artifacts(self) -> dict[str, dict[str, bytes]]:
        return self.first.artifacts

    @property
    def log(self) -> str:
        return self.first.log + self.second.log


class World:
    """A server of repositories, GitHub's interface, and the workflow."""

    def __init__(self, folder: Path, server: Server, hub: Hub, workflow: Path) -> None:
        self.folder, self.server, self.hub, self.workflow = folder, server, hub, workflow
        self.runs = self.comments = 0
        self.home: Path | None = None

    def pull(self, change: Change, fork: str = "", *, editable: bool = False) -> int:
        """Open a pull request from a branch of ours, or of a fork."""
        name = fork or REPOSITORY
        pull = self.server.pull(change, fork=name)
        branch = f"change{pull.number}"
        if fork:
            bare = self.server.folder / fork
            clone = ["git", "clone", "-q", "--bare", "--shared", str(self.server.bare), str(bare)]
            subprocess.run(clone, check=True)
        place = self.server.folder / name
        git = ["git", "-C", str(place)]
        subprocess.run([*git, "update-ref", f"refs/heads/{branch}", pull.head], check=True)
        source = {
            "full_name": name, "default_branch": self.server.branch, "pushed_at": stamp(-60),
        }  # fmt: skip
        self.hub.details[pull.number] = {
            "number": pull.number,
            "state": "open",
            "head": {"sha": pull.head, "ref": branch, "repo": source},
            "base": {"ref": self.server.branch},
            "maintainer_can_modify": editable,
        }
        return pull.number

    def refuse(self, repository: str) -> None:
        """Let a repository take no push, as GitHub does without the right."""
        hook = self.server.folder / repository / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'Permission to it denied.' >&2\nexit 1\n")
        hook.chmod(0o755)

    def event(self, number: int, body: str, login: str = "ana", **more: Any) -> dict[str, Any]:
        self.comments += 1
        page = f"https://github.com/{REPOSITORY}/pull/{number}#issuecomment-{self.comments}"
        told = {
            "id": self.comments, "body": body, "created_at": stamp(0), "html_url": page,
            "user": {"login": login, "id": PEOPLE.get(login, ("", 0))[1]},
            "author_association": "OWNER",
        }  # fmt: skip
        issue = {"number": number, "pull_request": {"url": "https://x"}}
        return {"action": "created", "issue": issue, "comment": told, **more}

    def run(self, event: dict[str, Any], between: Callable[[Runner], object] | None = None) -> Run:
        """Run both jobs, each on a machine of its own, as GitHub would for an event.

        `between` happens after the first one.
        """
        self.runs += 1
        extra = {"GITHUB_API_URL": self.hub.url}
        if self.home is not None:
            extra["HOME"] = str(self.home)
        runners = [
            Runner(
                self.folder / f"run{self.runs}" / name, "issue_comment", event,
                server=self.server.folder, extra=extra,
            )
            for name in ("prepare", "answer")
        ]  # fmt: skip
        first, second = runners
        prepared = first.run_workflow(self.workflow, "prepare")
        if between is not None:
            between(first)
        second.artifacts = first.artifacts
        result = "failure" if prepared.failed else "success" if prepared.steps else "skipped"
        outputs = prepared.outputs or {"answer": ""}
        second.needs = {"prepare": {"outputs": outputs, "result": result}}
        answered = second.run_workflow(self.workflow, "answer")
        return Run(first, second, prepared, answered)

    def move(
        self, number: int, change: Change = MappingProxyType({b"CHANGES": b"More.\n"}),
        message: str = "A change",
    ) -> str:  # fmt: skip
        """Let somebody push to the branch of a pull request."""
        head = self.hub.details[number]["head"]
        place = self.server.folder / head["repo"]["full_name"]
        tip = self.server.commit([self.tip(number)], change, message)
        if place != self.server.bare:
            git(place, "fetch", "-q", str(self.server.bare), tip)
        git(place, "update-ref", f"refs/heads/{head['ref']}", tip)
        return tip

    def order(self, number: int, body: str, login: str = "ana") -> Run:
        return self.run(self.event(number, body, login))

    def tip(self, number: int) -> str:
        """Return what the branch of a pull request holds."""
        head = self.hub.details[number]["head"]
        place = self.server.folder / head["repo"]["full_name"]
        return git(place, "rev-parse", f"refs/heads/{head['ref']}").strip()

    def follow(self, number: int, pusher: str = BOT) -> None:
        """Let GitHub see what was pushed."""
        tip, head = self.tip(number), self.hub.details[number]["head"]
        repository = head["repo"]["full_name"]
        place = self.server.folder / repository
        self.hub.messages[tip] = git(place, "log", "-1", "--format=%B", tip)
        head["repo"]["pushed_at"] = stamp(1)
        self.hub.activity[repository, f"refs/heads/{head['ref']}"] = [
            {
                "timestamp": stamp(1), "before": head["sha"], "after": tip,
                "actor": {"login": pusher},
            }
        ]  # fmt: skip
        head["sha"] = tip
        if repository != REPOSITORY:
            git(self.server.bare, "fetch", "-q", str(place), tip)
        git(self.server.bare, "update-ref", f"refs/pull/{number}/head", tip)

    def said(self, number: int) -> list[str]:
        """Return the texts of our comments."""
        return [comment["body"] for comment in self.hub.comments.get(number, [])]


def git(place: Path, *arguments: str) -> str:
    argv = ["git", "-C", str(place), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def show(place: Path, commit: str, path: str) -> str:
    return git(place, "show", f"{commit}:{path}")


def listed(place: Path, commit: str) -> set[str]:
    """Return the names of a commit's files."""
    return set(git(place, "ls-tree", "-r", "--name-only", commit).splitlines())


def misnamed(
    server: Server, old: str = "sub-siemensA01_T2w", new: str = "sub-siemensA01_T2W"
) -> dict[bytes, bytes | None]:
    """Give an image and its sidecar a name that is not BIDS."""
    change: dict[bytes, bytes | None] = {}
    for end in (".json", ".nii.gz"):
        change[f"sub-siemensA01/anat/{new}{end}".encode()] = server.read(
            f"sub-siemensA01/anat/{old}{end}"
        )
        change[f"sub-siemensA01/anat/{old}{end}".encode()] = None
    return change
