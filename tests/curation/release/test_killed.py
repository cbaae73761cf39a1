"""A release that is killed at any step is finished or taken back, whole."""

from __future__ import annotations

import json
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
# Each of these is a step that others could see; the process dies before the n-th.
KILLER = """
import os, signal, sys
from spinegate.cli import run
from spinegate.curation import apply, transaction
from spinegate.curation.release import cli, tag

left = int(sys.argv.pop(1))

def dying(module, name):
    real = getattr(module, name)
    def step(*given, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)
    setattr(module, name, step)

for module, name in ((transaction, "_enter"), (transaction, "_move"), (transaction, "publish"),
                     (transaction, "set_index"), (cli, "put_tag"), (tag, "git"), (tag, "undo")):
    dying(module, name)
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def dataset(tmp_path: Path, run: Run) -> Path:
    folder = tmp_path / "d"
    (folder / "sub-a1/anat").mkdir(parents=True)
    described = {"Name": "x", "BIDSVersion": "1.10.0", "License": "CC0", "Authors": ["A. One"]}
    (folder / "dataset_description.json").write_text(json.dumps(described))
    (folder / "README").write_text("A dataset of nobody, for a test.\n" * 5)
    columns = ["participant_id", "sex", "age", "height", "weight", "date_of_scan"]
    columns += ["institution_id", "manufacturer", "manufacturers_model_name", "software_versions"]
    cells = ["sub-a1", *["n/a"] * (len(columns) - 1)]
    (folder / "participants.tsv").write_text("\t".join(columns) + "\n" + "\t".join(cells) + "\n")
    (folder / "participants.json").write_text(json.dumps({name: {} for name in columns[1:]}))
    (folder / "sub-a1/anat/sub-a1_T2w.json").write_text("{}")
    run(folder, "git", "init", "-q")
    run(folder, "git", "config", "user.name", "Tester")
    run(folder, "git", "config", "user.email", "tester@example.org")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "Data")
    return folder


def killed(dataset: Path, steps: int, *words: str) -> bool:
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
def test_a_killed_release_is_resumed(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["curate", "release", NAME, str(dataset)]
    for steps in (1, 4, 9, 12):
        if killed(dataset, steps, *SIGNED):
            spinegate(["curate", "fix", str(dataset), "--resume"])
            assert spinegate([*base, *SIGNED]) == 0
        assert run(dataset, "git", "cat-file", "-t", NAME).strip() == "tag"
        assert run(dataset, "git", "status", "--short") == ""
        assert run(dataset, "git", "rev-list", "--count", "HEAD").strip() == "2"
        assert spinegate([*base, "--undo"]) == 0
    capsys.readouterr()
