"""Pull requests to the real dataset, made from its bundle: whole, no network, no image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.github_actions.conftest import Check
from tests.github_actions.orders import Hub, World, git
from tests.github_actions.pulls import Server
from tests.github_actions.runner import Runner, read_commands
from tests.github_actions.test_hostile import NAMES, SAID, assert_quiet, pwned

pytestmark = pytest.mark.real

PERSON = "sub-amu01"
NAME = f"{PERSON}/anat/{PERSON}_flip-1_mt-off_MTS"


@pytest.fixture
def real(bundle: Path, tmp_path: Path) -> Server:
    return Server(tmp_path / "server", bundle, "master")


def new(runner: Runner, severity: str = "error") -> list[dict[str, Any]]:
    told = json.loads(runner.artifacts["spinegate-report"]["report.json"])
    return [
        found
        for found in told["findings"]
        if found["status"] == "new" and found["severity"] == severity
    ]


def test_a_clean_change_passes_though_the_backlog_is_long(real: Server, check: Check) -> None:
    runner, result = check(real, real.pull({b"README.md": b"# A new text\n"}))
    assert not result.failed, runner.log
    outputs = result.steps[-1].outputs
    assert (outputs["errors"], outputs["result"]) == ("0", "passed")
    assert int(outputs["old"]) > 200
    assert not [one for one in read_commands(runner.log) if one[0] == "error"]


def test_mtoff_images_that_go_are_told(real: Server, check: Check) -> None:
    """What was merged in February 2025, for one participant."""
    change = {
        f"{prefix}{NAME}.{end}".encode(): None
        for prefix in ("", "sourcedata/")
        for end in ("json", "nii.gz")
    }
    runner, result = check(real, real.pull(change))
    assert result.failed
    assert result.steps[-1].outputs["errors"] == "1"
    [found] = new(runner)
    assert PERSON in found["location"]
    assert "MToff" in found["issueMessage"]
    errors = [one for one in read_commands(runner.log) if one[0] == "error"]
    assert len(errors) == 1
    assert "MToff" in errors[0][2]
    assert "MToff" in runner.summary


def test_a_wrong_flip_angle_is_told(real: Server, check: Check) -> None:
    path = f"sourcedata/{PERSON}/anat/{PERSON}_flip-1_mt-off_MTS.json"
    sidecar = {**json.loads(real.read(path)), "FlipAngle": 35}
    runner, result = check(real, real.pull({path.encode(): json.dumps(sidecar).encode()}))
    assert result.failed
    codes = {found["code"] for found in new(runner)}
    assert "FLIP_ANGLE_OUT_OF_TOLERANCE" in codes
    assert all("amu01" in found["location"] for found in new(runner))


def test_a_bad_name_is_told(real: Server, check: Check) -> None:
    pointer = real.read(f"{NAME}.nii.gz")
    change = {f"{PERSON}/anat/{PERSON}_T2w_copy.nii.gz".encode(): pointer}
    runner, result = check(real, real.pull(change))
    assert result.failed
    assert {found["code"] for found in new(runner)} & {"NAME_NOT_BIDS", "NAME_FOREIGN"}


def test_a_stranger_says_commands(real: Server, check: Check) -> None:
    path = f"sourcedata/{PERSON}/anat/{PERSON}_T2w.json"
    sidecar = json.loads(real.read(path))
    sidecar |= {f"Key{n} {text}": text for n, text in enumerate(SAID)}
    sidecar |= {"FlipAngle": SAID[0], "Manufacturer": SAID[3], "ImageType": SAID}
    change = {path.encode(): json.dumps(sidecar).encode()}
    change |= {name.replace(b"siemensA01", b"amu01"): b"{}" for name in NAMES}
    runner, result = check(real, real.pull(change, fork="stranger/dataset"))
    assert result.failed
    assert_quiet(runner)
    assert pwned(runner) == []
    assert int(result.steps[-1].outputs["errors"]) == len(new(runner)) > 0


def test_where_images_lie_is_fetched(real: Server, check: Check) -> None:
    """The git-annex branch comes along: of the repository, and of the fork if it has one."""
    fork = Server(real.folder / "elsewhere", real.bare, "master")
    target = real.folder / "stranger" / "dataset"
    target.parent.mkdir()
    fork.bare.rename(target)
    runner, _ = check(real, real.pull({b"README.md": b"# Text\n"}, fork="stranger/dataset"))
    refs = (runner.workspace / ".git" / "refs" / "remotes").rglob("git-annex")
    assert {path.parent.name for path in refs} == {"origin", "fork"}


def test_an_order_renames_annexed_images_and_nothing_else(
    real: Server, workflows: Path, tmp_path: Path
) -> None:
    """Pointers of images that aren't here: what goes back to its old name is as it was."""
    anat = f"{PERSON}/anat/{PERSON}"
    change: dict[bytes, bytes | None] = {}
    for end in ("json", "nii.gz"):
        change[f"{anat}_T2W.{end}".encode()] = real.read(f"{anat}_T2w.{end}")
        change[f"{anat}_T2w.{end}".encode()] = None
    hub = Hub()
    world = World(tmp_path / "runs", real, hub, workflows / "spinegate-curate.yml")
    number = world.pull(change)
    run = world.order(number, "/spinegate rename")
    hub.close()
    assert not run.answered.failed, run.log
    changed = git(real.bare, "diff", "--name-only", "master", world.tip(number)).split()
    assert changed == ["docs/notes.txt"], world.said(number)
