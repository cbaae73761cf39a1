"""Who isn't obeyed, what isn't an order, and pull requests that try to be more than data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spinegate.curation.github.change import message_of
from spinegate.curation.github.comment import read_comment
from tests.github_actions.orders import Run, World, listed, misnamed, show, stamp
from tests.github_actions.runner import TOKEN, Runner, read_commands
from tests.github_actions.test_hostile import NAMES, RUNS, SAID, pwned
from tests.validator.github.server import BOT

T2W = "sub-siemensA01/anat/sub-siemensA01_T2w"
FORK = "stranger/dataset"


def assert_silent(world: World, run: Run) -> None:
    """Nobody was answered, and nothing was pushed."""
    assert not run.prepared.failed, run.log
    assert run.answered.steps == []
    assert run.artifacts == {}
    assert world.hub.comments == {}
    assert world.hub.changes == []


@pytest.mark.parametrize("login", ["reader", "stranger", "dependabot[bot]", "../../x"])
def test_strangers_get_no_answer(world: World, login: str) -> None:
    """What the event says of the author's place in the project counts for nothing."""
    number = world.pull(misnamed(world.server))
    before = world.tip(number)
    assert_silent(world, world.order(number, "/spinegate rename", login))
    assert world.tip(number) == before


def test_a_name_that_has_gone_to_somebody_else_is_no_manager(world: World) -> None:
    event = world.event(world.pull(misnamed(world.server)), "/spinegate rename")
    event["comment"]["user"]["id"] = 99
    assert_silent(world, world.run(event))


@pytest.mark.parametrize("body", ["/spinegate rename; rm -rf /", "> /spinegate fix", ""])
def test_what_is_no_order_does_nothing(world: World, body: str) -> None:
    number = world.pull({b"README": b"Words.\n"})
    assert_silent(world, world.order(number, body))
    assert world.hub.requests == []


@pytest.mark.parametrize(
    "more",
    [
        {"issue": {"number": 1, "pull_request": None}},
        {"action": "edited"},
        {"comment": {"body": None, "id": 1}},
    ],
)
def test_other_events_do_nothing(world: World, more: dict[str, Any]) -> None:
    number = world.pull({b"README": b"Words.\n"})
    event = world.event(number, "/spinegate fix")
    if "comment" in more:  # the condition of the workflow needs a body
        event["comment"]["user"] = {"login": ["ana"]}
    else:
        event |= more
    assert_silent(world, world.run(event))


def branch_of(world: World, number: int) -> tuple[str, str]:
    head = world.hub.details[number]["head"]
    return head["repo"]["full_name"], f"refs/heads/{head['ref']}"


@pytest.mark.parametrize(("fork", "known"), [("", True), (FORK, False)])
def test_a_branch_that_has_moved_since_the_comment_is_left_alone(
    world: World, fork: str, known: bool
) -> None:
    number = world.pull(misnamed(world.server), fork=fork, editable=True)
    before = world.tip(number)
    repository, branch = branch_of(world, number)
    world.hub.details[number]["head"]["repo"]["pushed_at"] = stamp(1)
    if known:
        world.hub.activity[repository, branch] = [{"timestamp": stamp(1), "after": before}]
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    assert world.tip(number) == before
    [said] = world.said(number)
    assert "Nothing was changed: the branch change1 has got new commits since" in said
    assert "order again" in said


def test_a_push_to_another_branch_stops_nothing(world: World) -> None:
    number = world.pull(misnamed(world.server))
    before = world.tip(number)
    repository, branch = branch_of(world, number)
    world.hub.details[number]["head"]["repo"]["pushed_at"] = stamp(1)
    world.hub.activity[repository, branch] = [{"timestamp": stamp(-5), "after": before}]
    world.order(number, "/spinegate rename")
    assert world.tip(number) != before


def test_commits_that_come_between_the_jobs_are_kept(world: World) -> None:
    """GitHub's interface may not know of them yet: git itself refuses."""
    number = world.pull(misnamed(world.server))
    moved = []
    event = world.event(number, "/spinegate rename")
    run = world.run(event, between=lambda _: moved.append(world.move(number)))
    assert not run.answered.failed, run.log
    assert [world.tip(number)] == moved
    assert "new commits came while this was at work" in world.said(number)[0]


def test_a_second_run_changes_nothing_more(world: World) -> None:
    number = world.pull(misnamed(world.server))
    event = world.event(number, "/spinegate rename")
    world.run(event)
    world.follow(number)
    tip, said = world.tip(number), world.said(number)
    run = world.run(event)
    assert not run.answered.failed, run.log
    assert (world.tip(number), world.said(number)) == (tip, said)
    world.hub.comments.clear()  # as though the first run had died before its answer
    world.run(event)
    assert world.tip(number) == tip
    assert f"Done: the commit {tip} on the branch change1" in world.said(number)[0]


def test_a_second_run_makes_the_same_commit(world: World) -> None:
    """Where the first one died before its push."""
    number = world.pull(misnamed(world.server))
    before, event = world.tip(number), world.event(number, "/spinegate rename")
    world.run(event)
    tip = world.tip(number)
    world.server.git("update-ref", branch_of(world, number)[1], before)
    world.hub.comments.clear()
    world.run(event)
    assert world.tip(number) == tip


@pytest.mark.parametrize(("fork", "pusher"), [("", "max"), (FORK, "stranger"), (FORK, BOT)])
def test_who_writes_our_message_has_not_done_our_work(
    world: World, fork: str, pusher: str
) -> None:
    """A fork's workflows push under the name that ours have."""
    number = world.pull(misnamed(world.server), fork=fork, editable=True)
    event = world.event(number, "/spinegate rename")
    path = world.folder.parent / "event.json"
    path.write_text(json.dumps(event))
    comment = read_comment({"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_EVENT_PATH": str(path)})
    assert comment is not None
    tip = world.move(number, {b"README": b"Evil.\n"}, message_of(comment))
    world.follow(number, pusher)
    run = world.run(event)
    assert not run.answered.failed, run.log
    assert world.tip(number) == tip
    [said] = world.said(number)
    assert "Done" not in said
    assert "Nothing was changed: the branch change1 has got new commits since" in said


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"state": "closed"}, "is closed"),
        ({"head": {"sha": "1" * 40, "ref": "x", "repo": None}}, "fork that this"),
        ({"base": {"ref": "a b"}}, "describe"),
    ],
)
def test_a_pull_request_that_cannot_be_changed_is_told(
    world: World, told: dict[str, Any], words: str
) -> None:
    number = world.pull({b"README": b"Words.\n"})
    world.hub.details[number] |= told
    run = world.order(number, "/spinegate fix")
    assert not run.answered.failed, run.log
    assert world.said(number)[0].splitlines()[1].startswith("Nothing was changed: ")
    assert words in world.said(number)[0]


def test_a_main_branch_is_never_pushed_to(world: World) -> None:
    number = world.pull(misnamed(world.server))
    world.hub.details[number]["head"]["repo"]["default_branch"] = "change1"
    before = world.tip(number)
    world.order(number, "/spinegate rename")
    assert world.tip(number) == before
    assert "could not be pushed: change1 is no branch for one change" in world.said(number)[0]


def test_nothing_of_a_pull_request_is_run(world: World) -> None:
    place = str(world.server.folder / "pwned")
    code = RUNS.replace(b"{place!r}", repr(place).encode())
    shell = f"#!/bin/sh\ntouch {place}\n".encode()
    change: dict[bytes, Any] = dict(misnamed(world.server))
    change |= dict.fromkeys((b"click.py", b"json.py", b"sitecustomize.py", b"setup.py"), code)
    change |= dict.fromkeys((b"spinegate/__init__.py", b"src/spinegate/__init__.py"), code)
    change |= dict.fromkeys((b"git", b"python3", b"git-annex", b"git-lfs"), ("program", shell))
    change |= dict.fromkeys(NAMES, b"{}")
    change |= {
        b".gitattributes": b"* filter=evil diff=evil merge=evil\n*.nii.gz filter=lfs\n",
        b".gitconfig": f'[filter "evil"]\n\tsmudge = touch {place}\n'.encode(),
        b".lfsconfig": b"[lfs]\n\turl = http://127.0.0.1:1/\n",
        b".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% pwned\n',
        b".spinegate.yml": b"overrides:\n- code: '*'\n  severity: ignore\n  reason: none\n",
        b"sub-siemensA01/anat/sub-siemensA01_acq-a_T2W.json": ("link", b"/etc/passwd"),
        b"sub-siemensA02/dwi2": ("link", b"/tmp"),
    }
    number = world.pull(change, fork=FORK, editable=True)
    world.home = world.folder / "home"  # the runner's own git knows the filters
    world.home.mkdir(parents=True)
    filters = "".join(
        f'[filter "{name}"]\n\tprocess = touch {place}\n\tsmudge = touch {place}\n'
        f"\tclean = touch {place}\n\trequired = true\n"
        for name in ("evil", "lfs")
    )
    (world.home / ".gitconfig").write_text(filters)
    run = world.order(number, "/spinegate rename")
    assert not run.answered.failed, run.log
    assert not Path(place).exists()
    for runner in (run.first, run.second):
        assert pwned(runner) == []
        assert TOKEN not in runner.log
    assert {name for name, _, _ in read_commands(run.log)} <= {"notice", "error"}
    [said] = world.said(number)
    assert "@" not in said
    assert "<script" not in said
    tip = world.tip(number)
    assert f"{T2W}.nii.gz" in listed(world.server.folder / FORK, tip), said


def test_what_a_dataset_says_is_text_in_the_answer(world: World) -> None:
    sidecar = json.loads(world.server.read(f"{T2W}.json"))
    sidecar |= {f"Key{n} {text}": text for n, text in enumerate(SAID)}
    sidecar |= {"FlipAngle": "</details>\n```\n@octocat #1"}
    change: dict[bytes, Any] = {f"{T2W}.json".encode(): json.dumps(sidecar).encode()}
    for ticks in ("```", "@octocat #1 <b>"):
        change[f"sub-siemensA01/anat/sub-siemensA01_{ticks}_T2W.nii.gz".encode()] = b"x"
    number = world.pull(change)
    run = world.order(number, "/spinegate fix")
    assert not run.answered.failed, run.log
    assert {name for name, _, _ in read_commands(run.log)} <= {"notice"}
    [said] = world.said(number)
    assert "@octocat" not in said
    assert "#1 " not in said


def test_records_that_a_stranger_wrote_are_named(world: World) -> None:
    """They may stand under a manager's name, and leave an order nothing to do."""
    sidecar = json.loads(world.server.read(f"{T2W}.json")) | {"FlipAngle": 30}
    change: dict[bytes, Any] = {f"{T2W}.json".encode(): json.dumps(sidecar).encode()}
    baseline = b".spinegate/baseline.yml"
    number = world.pull(change)
    world.order(number, "/spinegate baseline The coil until 2099-01-01")
    assert "of its own" not in world.said(number)[0]
    change[baseline] = show(world.server.bare, world.tip(number), baseline.decode()).encode()
    number = world.pull(change, fork=FORK)
    run = world.order(number, "/spinegate baseline Another reason until 2098-01-01")
    assert not run.answered.failed, run.log
    [said] = world.said(number)
    assert "Nothing to do: what is new here is accepted already" in said
    assert "had 2 records of its own before this order" in said
    assert "in .spinegate/baseline.yml, since anybody" in said


def test_what_is_handed_over_is_taken_for_a_strangers(world: World) -> None:
    number = world.pull(misnamed(world.server))
    before = world.tip(number)

    def spoil(runner: Runner) -> None:
        runner.artifacts["spinegate-change"]["answer.json"] = b'{"said": 1}'

    run = world.run(world.event(number, "/spinegate rename"), between=spoil)
    assert not run.answered.failed, run.log
    assert world.tip(number) == before
    assert "something went wrong" in world.said(number)[0]


def test_a_job_that_dies_is_told(world: World) -> None:
    number = world.pull(misnamed(world.server))
    event = world.event(number, "/spinegate rename")
    run = world.run(event, between=lambda runner: runner.artifacts.clear())
    assert not run.answered.failed, run.log
    assert "Nothing was changed: something went wrong" in world.said(number)[0]


def test_a_forged_patch_is_refused(world: World) -> None:
    number = world.pull(misnamed(world.server))
    before = world.tip(number)
    patch = (
        b"diff --git a/.github/workflows/x.yml b/.github/workflows/x.yml\nnew file mode 100644\n"
        b"--- /dev/null\n+++ b/.github/workflows/x.yml\n@@ -0,0 +1 @@\n+on: push\n"
    )

    def forge(runner: Runner) -> None:
        runner.artifacts["spinegate-change"]["change.patch"] = patch

    run = world.run(world.event(number, "/spinegate rename"), between=forge)
    assert not run.answered.failed, run.log
    assert world.tip(number) == before
    assert "which only a person may do" in world.said(number)[0]
