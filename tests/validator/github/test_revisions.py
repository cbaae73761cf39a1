"""Which commits a workflow run compares."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator.github.event import Event
from spinegate.validator.github.revisions import Pair, find_pair


class Clone:
    """A repository: a base that went on, a topic, and the merge that GitHub makes of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.root = self.commit()
        self.base = self.commit(self.root)
        self.topic = self.commit(self.root)
        self.merge = self.commit(self.base, self.topic)

    def git(self, *arguments: str) -> str:
        names = {f"GIT_{who}_NAME": "Test" for who in ("AUTHOR", "COMMITTER")}
        names |= {f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")}
        return subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            check=True, capture_output=True, text=True, env={**os.environ, **names},
        ).stdout.strip()  # fmt: skip

    def commit(self, *parents: str) -> str:
        self.count = getattr(self, "count", 0) + 1
        tree = self.git("hash-object", "-t", "tree", "-w", "/dev/null")
        parts = [part for parent in parents for part in ("-p", parent)]
        return self.git("commit-tree", tree, *parts, "-m", str(self.count))

    def check_out(self, commit: str) -> None:
        self.git("update-ref", "--no-deref", "HEAD", commit)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_a_pull_request_is_the_merge_against_the_tip(clone: Clone) -> None:
    clone.check_out(clone.merge)
    event = Event("pull_request", clone.root, clone.topic)
    assert find_pair(clone.folder, event, "", "") == Pair(clone.merge, clone.base)


def test_a_pull_request_checked_out_by_its_head(clone: Clone) -> None:
    clone.check_out(clone.topic)
    event = Event("pull_request", clone.base, clone.topic)
    assert find_pair(clone.folder, event, "", "") == Pair(clone.topic, clone.base)


def test_a_merge_of_the_contributor_is_no_merge_of_github(clone: Clone) -> None:
    """Else a stranger could choose the base, and with it the judge."""
    own = clone.commit(clone.topic, clone.base)
    clone.check_out(own)
    event = Event("pull_request", clone.root, own)
    assert find_pair(clone.folder, event, "", "") == Pair(own, clone.root)


def test_a_push(clone: Clone) -> None:
    clone.check_out(clone.base)
    event = Event("push", clone.root)
    assert find_pair(clone.folder, event, "", "") == Pair(clone.base, clone.root)


@pytest.mark.parametrize("before", ["", "1" * 40])
def test_a_push_that_makes_or_rewrites_a_branch(clone: Clone, before: str) -> None:
    clone.check_out(clone.base)
    pair = find_pair(clone.folder, Event("push", before), "", "")
    assert pair == Pair(clone.base, clone.root)


def test_the_first_commit_has_nothing_before_it(clone: Clone) -> None:
    clone.check_out(clone.root)
    assert find_pair(clone.folder, Event("push"), "", "") == Pair(clone.root, None)


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch", ""])
def test_other_events_judge_the_folder(clone: Clone, name: str) -> None:
    clone.check_out(clone.base)
    assert find_pair(clone.folder, Event(name), "", "") == Pair(None, None)


def test_inputs_come_first(clone: Clone) -> None:
    clone.check_out(clone.merge)
    event = Event("pull_request", clone.root, clone.topic)
    assert find_pair(clone.folder, event, "", clone.root) == Pair(clone.merge, clone.root)
    pair = find_pair(clone.folder, event, clone.topic, clone.base)
    assert pair == Pair(clone.topic, clone.base)
    assert find_pair(clone.folder, event, clone.topic, "") == Pair(clone.topic, clone.root)
    assert find_pair(clone.folder, Event("schedule"), clone.root, "") == Pair(clone.root, None)


@pytest.mark.parametrize("base", ["1" * 40, "v9", "--help"])
def test_what_is_not_in_the_clone_is_told(clone: Clone, base: str) -> None:
    clone.check_out(clone.merge)
    with pytest.raises(SpinegateError, match="fetch-depth"):
        find_pair(clone.folder, Event(), "", base)
    with pytest.raises(SpinegateError, match="fetch-depth"):
        find_pair(clone.folder, Event("pull_request", base, "2" * 40), "", "")


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match="not in a clone"):
        find_pair(tmp_path, Event("push", "1" * 40), "", "")
