"""Pull requests to the phantom, checked by the workflow that `spinegate init` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.github_actions.conftest import Check, CheckOut
from tests.github_actions.pulls import Server
from tests.github_actions.runner import ROOT, Runner, read_commands

T2W = "sub-siemensA01/anat/sub-siemensA01_T2w.json"


def changed(server: Server, path: str, **values: object) -> bytes:
    return json.dumps({**json.loads(server.read(path)), **values}).encode()


def findings(runner: Runner) -> list[dict[str, object]]:
    told = json.loads(runner.artifacts["spinegate-report"]["report.json"])
    return [found for found in told["findings"] if found["status"] == "new"]


def test_a_clean_change_passes(server: Server, check: Check) -> None:
    pull = server.pull({b"CHANGES": b"1.0.1 2026-01-01\n- Words.\n"})
    runner, result = check(server, pull)
    assert not result.failed, runner.log
    assert {step.name: step.outcome for step in result.steps} == {
        "Check out": "success",
        "Validate": "success",
    }
    outputs = result.steps[-1].outputs
    assert (outputs["result"], outputs["errors"], outputs["warnings"]) == ("passed", "0", "0")
    for name in ("json", "jsonl", "html", "sarif", "markdown"):
        assert Path(outputs[name]).stat().st_size > 0
    assert {name for name, _, _ in read_commands(runner.log)} <= {"warning", "notice"}
    assert runner.summary


def test_a_wrong_flip_angle_fails_and_keeps_outputs(server: Server, check: Check) -> None:
    pull = server.pull({T2W.encode(): changed(server, T2W, FlipAngle=30)})
    runner, result = check(server, pull)
    assert result.failed
    outputs = result.steps[-1].outputs
    assert (outputs["result"], outputs["errors"]) == ("failed", "1")
    [found] = [one for one in findings(runner) if one["severity"] == "error"]
    assert found["code"] == "FLIP_ANGLE_OUT_OF_TOLERANCE"
    errors = [command for command in read_commands(runner.log) if command[0] == "error"]
    assert len(errors) == 1
    assert "FLIP_ANGLE_OUT_OF_TOLERANCE" in errors[0][1]["title"]
    assert "FlipAngle is 30" in errors[0][2]
    assert "FLIP" in runner.summary
    assert set(runner.artifacts["spinegate-report"]) == {
        f"report.{end}" for end in ("json", "jsonl", "html", "sarif", "md")
    }


def test_what_the_base_had_does_not_fail(server: Server, check: Check) -> None:
    server.push({T2W.encode(): changed(server, T2W, FlipAngle=30)})
    runner, result = check(server, server.pull({b"CHANGES": b"1.0.1 2026-01-01\n- Words.\n"}))
    assert not result.failed, runner.log
    assert int(result.steps[-1].outputs["old"]) >= 1


def test_what_others_have_merged_since_is_not_the_change(server: Server, check: Check) -> None:
    """The event names an old commit of the base; the merge commit knows the one that counts."""
    pull = server.pull({b"CHANGES": b"1.0.1 2026-01-01\n- Words.\n"})
    assert pull.base != server.git("rev-parse", f"{pull.merge}^1")
    runner, _ = check(server, pull)
    compared = f"{pull.merge} is compared with {server.git('rev-parse', f'{pull.merge}^1')}"
    assert compared in runner.log


@pytest.mark.parametrize("values", [{"bids": "off"}, {"profile": "incoming"}])
def test_inputs_reach_the_check(
    values: dict[str, str], server: Server, check_out: CheckOut, tmp_path: Path
) -> None:
    runner = check_out(server)
    result = runner.run_action(ROOT / "github_actions/validate", {**values, "artifact": ""})
    assert not result.failed, runner.log
    head = json.loads(Path(result.outputs["jsonl"]).read_text().partition("\n")[0])
    assert values.get("profile", head["profile"]) == head["profile"]
    assert result.outcome("Upload the reports") == "skipped"


def test_a_fault_of_the_settings_is_told_and_leaves_no_report(
    server: Server, check_out: CheckOut
) -> None:
    runner = check_out(server)
    result = runner.run_action(ROOT / "github_actions/validate", {"profile": "lenient"})
    assert result.failed
    assert result.outputs["result"] == ""
    [(_, _, text)] = [one for one in read_commands(runner.log) if one[0] == "error"]
    assert "lenient" in text
    assert runner.artifacts == {}


def test_a_commit_that_is_not_in_the_clone_is_told(server: Server, check_out: CheckOut) -> None:
    runner = check_out(server)
    result = runner.run_action(ROOT / "github_actions/validate", {"base": "v9"})
    assert result.failed
    assert "fetch-depth" in read_commands(runner.log)[-1][2]


def test_a_push_is_compared_with_what_was_there(
    server: Server, workflows: Path, tmp_path: Path
) -> None:
    before, after = server.push({T2W.encode(): changed(server, T2W, FlipAngle=30)})
    runner = Runner(
        tmp_path / "push", "push", {"before": before}, server=server.folder, commit=after
    )
    result = runner.run_workflow(workflows / "spinegate-validate.yml")
    assert result.failed
    assert result.steps[-1].outputs["errors"] == "1"
    assert f"{after} is compared with {before}" in runner.log


def test_by_hand_the_dataset_is_judged_whole(
    server: Server, workflows: Path, tmp_path: Path
) -> None:
    head = server.git("rev-parse", "refs/heads/main")
    runner = Runner(tmp_path / "hand", "workflow_dispatch", {}, server=server.folder, commit=head)
    result = runner.run_workflow(workflows / "spinegate-validate.yml")
    assert not result.failed, runner.log
    assert "judged whole" in runner.log


def test_downloads_are_cached_by_the_lock(server: Server, check: Check) -> None:
    runner, _ = check(server, server.pull({b"README": b"Words.\n"}))
    [key] = runner.caches
    assert key.startswith("spinegate-pip-Linux-")
    assert len(key.rpartition("-")[2]) == 64
    runner.run_action(ROOT / "github_actions/validate", {"bids": "full", "artifact": ""})
    assert len(runner.caches) == 2
