"""A pull request from a stranger: what it holds is text, and nothing of it runs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.github_actions.conftest import Check, CheckOut
from tests.github_actions.pulls import Server
from tests.github_actions.runner import ROOT, Runner, read_commands

T2W = "sub-siemensA01/anat/sub-siemensA01_T2w"
SAID = [
    "::error::pwned",
    "\n::error::pwned",
    "##[error]pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "%0A::set-output name=errors::0",
    "\r::stop-commands::x",
]
NAMES = [
    b"sub-siemensA01/anat/sub-siemensA01_$(touch pwned)_T2w.json",
    b"sub-siemensA01/anat/`touch pwned`_T2w.json",
    b"sub-siemensA01/anat/;touch pwned;_T2w.json",
    b"sub-siemensA01/anat/x\n::error::pwned\n_T2w.json",
    b"sub-siemensA01/anat/x##[error]pwned_T2w.json",
    b"--upload-pack=touch pwned",
]
RUNS = b"import pathlib\npathlib.Path({place!r}).touch()\nraise SystemExit(66)\n"


def pwned(runner: Runner, *more: Path) -> list[Path]:
    places = (runner.workspace, runner.temp, *more)
    return [path for place in places for path in place.rglob("*pwned") if path.name == "pwned"]


def assert_quiet(runner: Runner) -> None:
    """No command in the log but ours: annotations of the report, each under a rule's code."""
    for name, properties, text in read_commands(runner.log):
        assert name in {"error", "warning", "notice"}, (name, text)
        assert not text.startswith("pwned")
        assert (
            properties["title"] == "spinegate"
            or properties["title"][:3].isupper()
            or (properties["title"].startswith("and "))
        ), properties


def test_values_and_names_are_text(server: Server, check: Check) -> None:
    sidecar = json.loads(server.read(f"{T2W}.json"))
    sidecar |= {f"Key{n} {text}": text for n, text in enumerate(SAID)}
    sidecar |= {"FlipAngle": SAID[0], "EchoTime": SAID[1], "Manufacturer": SAID[3]}
    sidecar |= {"InstitutionName": SAID[1], "ScanOptions": SAID[2], "RepetitionTime": SAID[4]}
    change = {f"{T2W}.json".encode(): json.dumps(sidecar).encode()}
    change |= dict.fromkeys(NAMES, b"{}")
    runner, result = check(server, server.pull(change, fork="stranger/dataset"))
    assert result.failed
    assert_quiet(runner)
    assert pwned(runner) == []
    outputs = result.steps[-1].outputs
    assert outputs["result"] == "failed"
    assert int(outputs["errors"]) > 0
    assert "<script" not in runner.summary
    assert "Traceback" not in runner.log


def test_nothing_of_a_dataset_is_imported_or_run(server: Server, check: Check) -> None:
    """Python and git are offered modules, settings, hooks and filters of the dataset."""
    place = str(server.folder / "pwned")
    code = RUNS.replace(b"{place!r}", repr(place).encode())
    shell = f"#!/bin/sh\ntouch {place}\n".encode()
    change: dict[bytes, bytes | tuple[str, bytes]] = dict.fromkeys(
        (
            b"click.py",
            b"numpy.py",
            b"json.py",
            b"sitecustomize.py",
            b"usercustomize.py",
            b"spinegate/__init__.py",
            b"spinegate/__main__.py",
            b"src/spinegate/__init__.py",
            b"setup.py",
            b"conftest.py",
        ),
        code,
    )
    change |= {
        b"pip.conf": b"[global]\nindex-url = http://127.0.0.1:1/\n",
        b".gitattributes": b"*.json filter=evil diff=evil\n*.nii.gz filter=evil\n",
        b".gitconfig": f'[filter "evil"]\n\tsmudge = touch {place}\n'.encode(),
        b"git": ("program", shell),
        b"python3": ("program", shell),
        b"bash": ("program", shell),
        b"bids-validator-deno": ("program", shell),
        b".spinegate/rules.yaml": b"EVIL:\n  check: __import__('os')\n",
    }
    runner, result = check(server, server.pull(change, fork="stranger/dataset"))
    outputs = result.steps[-1].outputs
    assert outputs["result"] in {"passed", "failed"}, runner.log
    assert not (server.folder / "pwned").exists()
    assert pwned(runner) == []


def test_hooks_and_settings_of_the_clone_are_not_run(server: Server, check_out: CheckOut) -> None:
    """A runner that is used again may hold a clone with hooks."""
    runner = check_out(server)
    place = server.folder / "pwned"
    for name in ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"):
        hook = runner.workspace / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {place}\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    with (runner.workspace / ".git" / "config").open("a") as file:
        file.write(f"[core]\n\tfsmonitor = touch {place}\n[uploadpack]\n\tx = y\n")
    result = runner.run_action(ROOT / "github_actions/validate", {"artifact": ""})
    assert result.outputs["result"] == "passed", runner.log
    assert not place.exists()


def test_a_stranger_does_not_choose_the_judge(server: Server, check: Check) -> None:
    """The settings of the pull request don't count, and that it changes them is told."""
    sidecar = {**json.loads(server.read(f"{T2W}.json")), "FlipAngle": 30}
    change = {
        f"{T2W}.json".encode(): json.dumps(sidecar).encode(),
        b".spinegate.yml": b"overrides:\n- code: '*'\n  severity: ignore\n  reason: none\n",
        b".bidsignore": b"*\n",
    }
    runner, result = check(server, server.pull(change, fork="stranger/dataset"))
    assert result.failed
    told = json.loads(runner.artifacts["spinegate-report"]["report.json"])["findings"]
    codes = {one["code"] for one in told if one["severity"] == "error"}
    assert "FLIP_ANGLE_OUT_OF_TOLERANCE" in codes


def test_a_protocol_of_the_workspace_is_refused(server: Server, check: Check) -> None:
    runner, _ = check(server, server.pull({b"protocol.yaml": b"{}"}))
    result = runner.run_action(ROOT / "github_actions/validate", {"spec": "protocol.yaml"})
    assert result.failed
    assert ".spinegate.yml" in read_commands(runner.log)[-1][2]


@pytest.mark.parametrize("dataset", ["nowhere", "$(touch pwned)", "../../../etc"])
def test_inputs_are_text(dataset: str, server: Server, check_out: CheckOut) -> None:
    runner = check_out(server)
    result = runner.run_action(ROOT / "github_actions/validate", {"dataset": dataset})
    assert result.failed
    assert pwned(runner) == []
