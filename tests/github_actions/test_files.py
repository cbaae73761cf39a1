"""What GitHub reads: valid by its schemas, pinned, and without a door for injection."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from spinegate.system.yaml import read_yaml
from tests.github_actions.runner import PINNED, ROOT

ACTIONS = sorted((ROOT / "github_actions").glob("*/action.yml"))
TEMPLATES = sorted((ROOT / "github_actions" / "workflows").glob("*.yml"))
NAMES = [path.parent.name for path in ACTIONS]


def run(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, check=False, capture_output=True, text=True)


def beside(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def test_there_are_four_actions() -> None:
    assert NAMES == ["comment", "curate", "issues", "validate"]
    assert [path.stem for path in TEMPLATES] == ["comment", "curate", "nightly", "validate"]


def test_schemas_of_github(workflows: Path) -> None:
    check = beside("check-jsonschema")
    done = run(check, "--builtin-schema", "vendor.github-actions", *ACTIONS)
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(check, "--builtin-schema", "vendor.github-workflows", *workflows.iterdir())
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_has_nothing_to_say(workflows: Path) -> None:
    persona = "--persona=auditor"
    done = run(beside("zizmor"), "--offline", "--no-progress", persona, *ACTIONS, workflows)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", ACTIONS + TEMPLATES, ids=lambda path: f"{path.parent.name}")
def test_other_actions_are_named_by_commit_and_version(path: Path) -> None:
    lines = re.findall(r"uses: (.*)", path.read_text())
    assert lines
    for line in lines:
        name, _, comment = line.partition(" # ")
        if name.startswith("OWNER/"):
            assert (name.rpartition("@")[2], comment) == ("SHA", "vX")
            assert (ROOT / name.partition("@")[0].removeprefix("OWNER/spinegate/")).is_dir()
            continue
        assert PINNED.match(name), name
        assert re.fullmatch(r"v\d+\.\d+\.\d+", comment), line


def test_one_action_has_one_commit_everywhere() -> None:
    pins = {
        found
        for path in ACTIONS + TEMPLATES
        for found in re.findall(r"uses: (actions/[\w-]+)[\w/-]*@(\S+)", path.read_text())
    }
    assert len({name for name, _ in pins}) == len(pins)


@pytest.mark.parametrize("path", ACTIONS, ids=NAMES)
def test_steps_take_inputs_through_the_environment(path: Path) -> None:
    action = read_yaml(path).value
    for step in action["runs"]["steps"]:
        if "run" in step:
            assert "${{" not in step["run"]
            assert step["shell"] == "bash"
            assert step["working-directory"] == "${{ runner.temp }}", "the dataset is hostile"
            for line in step["run"].splitlines():
                if re.search(r"python[\")]* ", line.lower()):
                    assert " -I " in line, line


def test_every_output_comes_from_the_check() -> None:
    from spinegate.validator.github.check import FILES

    action = read_yaml(ROOT / "github_actions" / "validate" / "action.yml").value
    for name, told in action["outputs"].items():
        assert told["value"] == f"${{{{ steps.check.outputs.{name} }}}}"
    assert set(FILES) < set(action["outputs"])


def test_tokens_can_do_what_they_must(workflows: Path) -> None:
    granted = {}
    for path in sorted(workflows.iterdir()):
        workflow = read_yaml(path).value
        assert workflow["permissions"] == {}
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"] <= 60
            granted[f"{path.stem}.{job['name']}"] = job["permissions"]
        assert "secrets" not in path.read_text()
        assert "pull_request_target" not in workflow["on"]
    assert granted == {
        "spinegate-comment.comment": {"actions": "read", "pull-requests": "write"},
        "spinegate-curate.prepare": {"contents": "read", "pull-requests": "read"},
        "spinegate-curate.answer": {"contents": "write", "pull-requests": "write"},
        "spinegate-nightly.nightly": {"contents": "read", "issues": "write"},
        "spinegate-validate.validate": {"contents": "read"},
    }


def test_the_workflow_that_may_write_never_meets_the_change(workflows: Path) -> None:
    comment = read_yaml(workflows / "spinegate-comment.yml").value
    [job] = comment["jobs"].values()
    used = [step["uses"].partition("@")[0] for step in job["steps"]]
    assert used == [
        "actions/download-artifact",
        "spinegate/spinegate/github_actions/comment",
    ]
    [name] = comment["on"]["workflow_run"]["workflows"]
    assert name == read_yaml(workflows / "spinegate-validate.yml").value["name"]


def test_of_what_managers_order_one_job_reads_and_another_writes(workflows: Path) -> None:
    curate = read_yaml(workflows / "spinegate-curate.yml").value
    assert curate["on"] == {"issue_comment": {"types": ["created"]}}
    ours = "spinegate/spinegate/github_actions/curate"
    used = {
        name: [(step["uses"].partition("@")[0], step["with"].get("part")) for step in job["steps"]]
        for name, job in curate["jobs"].items()
    }
    assert used == {
        "prepare": [(ours, "prepare")],
        "answer": [("actions/download-artifact", None), (ours, "answer")],
    }
