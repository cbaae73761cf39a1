"""A release that is killed at any step is finished or taken back, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate

Run = Callable[..., str]
NAME = "r20261120"
# Each of these is a step that others could see; the process dies before the n-th, or before the
# first of a name.
KILLER = """
import os, signal, sys
from spinegate.cli import run
from spinegate.curation import apply, transaction
from spinegate.curation.release import cli, publish, tag

wanted = sys.argv.pop(1)
left = int(wanted) if wanted.isdigit() else 0

def dying(module, name):
    real = getattr(module, name)
    def step(*given, **named):
        global left
        left -= wanted.isdigit() or wanted == name
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)
    setattr(module, name, step)

for module, name in ((transaction, "_enter"), (transaction, "move"), (transaction, "publish"),
                     (transaction, "set_index"), (cli, "put_tag"), (tag, "git"), (tag, "undo"),
                     (publish, "publish_whereabouts"), (publish, "push")):
    dying(module, name)
sys.exit(run(sys.argv[1:]))
"""


def killed(dataset: Path, steps: int | str, *words: str) -> bool:
    """Run the command and let it die before a step; False where it came to its end."""
    argv = [sys.executable, "-c", KILLER, str(steps), "curate", "release", NAME, str(dataset)]
    done = subprocess.run([*argv, *words], capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode != 0


def state(dataset: Path, run: Run) -> list[str]:
    refs = run(dataset, "git", "for-each-ref")
    return [refs, run(dataset, "git", "status", "--short"), str(sorted(os.listdir(dataset)))]


SIGNED = ("--bids", "off", "--sign", "A. Manager", "--apply")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_killed_release_is_taken_back_or_finished(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(dataset, run)
    base = ["curate", "release", NAME, str(dataset)]
    steps = 0
    while killed(dataset, steps, *SIGNED):
        spinegate([*base, "--undo"])  # 2 where nothing was begun
        assert state(dataset, run) == before, steps
        steps += 2
    assert steps > 6
    made = state(dataset, run)
    assert NAME in made[0]
    steps = 0
    while killed(dataset, steps, "--undo"):
        spinegate([*base, "--undo"])
        assert state(dataset, run) == before, steps
        assert spinegate([*base, *SIGNED]) == 0
        steps += 3
    assert steps > 3
    assert state(dataset, run) == before
    capsys.readouterr()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_the_same_command_again_finishes_a_killed_release(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["curate", "release", NAME, str(dataset)]
    steps = 1
    while killed(dataset, steps, *SIGNED):
        assert spinegate([*base, *SIGNED]) == 0, steps
        assert run(dataset, "git", "cat-file", "-t", NAME).strip() == "tag"
        assert run(dataset, "git", "status", "--short") == ""
        assert run(dataset, "git", "rev-list", "--count", "HEAD").strip() == "2"
        assert spinegate([*base, "--undo"]) == 0
        steps += 3
    assert steps > 6
    capsys.readouterr()


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_killed_between_commit_and_tag(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["curate", "release", NAME, str(dataset)]
    assert killed(dataset, "put_tag", *SIGNED)
    assert run(dataset, "git", "tag") == ""
    commit = run(dataset, "git", "rev-parse", "HEAD").strip()
    assert NAME in run(dataset, "git", "log", "-1", "--format=%s")
    assert spinegate(base) == 0
    said = capsys.readouterr().err
    assert f"stopped between its commit {commit[:12]} and its tag: --apply makes the tag" in said
    assert spinegate([*base, "--publish"]) == 2
    assert "--apply makes it" in capsys.readouterr().err
    run(dataset, "git", "commit", "-q", "--allow-empty", "-m", "Meanwhile")
    assert spinegate([*base, "--apply"]) == 0
    assert run(dataset, "git", "rev-parse", f"{NAME}^{{commit}}").strip() == commit
    capsys.readouterr()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_killed_while_it_is_published(
    published: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["curate", "release", NAME, str(published)]
    assert spinegate([*base, *SIGNED]) == 0
    origin = run(published, "git", "remote", "get-url", "origin").strip()
    refs = run(Path(origin), "git", "for-each-ref", "refs/heads/main", "refs/tags")
    for name in ("publish_whereabouts", "push"):
        assert killed(published, name, "--publish")
        assert run(Path(origin), "git", "for-each-ref", "refs/heads/main", "refs/tags") == refs
    assert spinegate([*base, "--publish"]) == 0
    here = run(published, "git", "rev-parse", "HEAD", NAME)
    assert run(Path(origin), "git", "rev-parse", "main", NAME) == here
    capsys.readouterr()
