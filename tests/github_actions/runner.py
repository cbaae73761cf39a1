"""A runner of GitHub Actions in a folder: workflows and composite actions, steps by real bash.

Actions of others (checkout, cache, artifacts) are played by functions here; `uses` of ours runs
the action of this source tree.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spinegate.system.yaml import read_yaml
from tests.github_actions.expressions import Evaluator

ROOT = Path(__file__).parents[2]
TOKEN = "ghs_secretsecretsecret"
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
OURS = re.compile(r"[\w-]+/spinegate/(github_actions/\w+)@[0-9a-f]{40}$")
JOB_KEYS = {
    "name", "if", "needs", "runs-on", "timeout-minutes", "permissions", "outputs", "steps",
}  # fmt: skip
PINNED = re.compile(r"actions/[\w/-]+@[0-9a-f]{40}$")


@dataclass
class Step:
    """One step that was run or skipped."""

    name: str
    outcome: str
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Used:
    """One use of somebody else's action."""

    name: str
    inputs: dict[str, str]


@dataclass
class Result:
    """What a job or an action leaves behind."""

    failed: bool = False
    outputs: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def outcome(self, name: str) -> str:
        [step] = [step for step in self.steps if step.name == name]
        return step.outcome


class Runner:
    """One job on one machine.

    Attributes
    ----------
    log
        What the steps have printed.
    used
        Each use of somebody else's action.
    artifacts
        Name of an uploaded artifact -> its files.
    """

    def __init__(
        self,
        folder: Path,
        event_name: str,
        event: Mapping[str, Any],
        *,
        server: Path,
        repository: str = "lab/dataset",
        commit: str = "",
        installed: bool = True,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.temp, self.workspace = folder / "temp", folder / "workspace"
        for place in (self.temp, self.workspace):
            place.mkdir(parents=True)
        if installed:  # the environment of the tests stands for the one that the step would make
            (self.temp / "spinegate").mkdir()
            (self.temp / "spinegate" / "venv").symlink_to(sys.prefix)
        self.installed = installed
        self.server, self.repository, self.commit = server, repository, commit
        self.event_path = folder / "event.json"
        self.event_path.write_text(json.dumps(event))
        self.summary_path = folder / "summary.md"
        self.summary_path.touch()
        self.event_name, self.event = event_name, event
        self.extra = dict(extra or {})
        self.log = ""
        self.used: list[Used] = []
        self.artifacts: dict[str, dict[str, bytes]] = {}
        self.caches: dict[str, str] = {}
        self.needs: dict[str, Any] = {}
        self._files = 0

    @property
    def summary(self) -> str:
        return self.summary_path.read_text()

    def run_workflow(self, path: Path, name: str = "") -> Result:
        """Run one job of a workflow, that of a name or the only one, if its condition holds."""
        jobs = read_yaml(path).value["jobs"]
        [job] = [jobs[name]] if name else jobs.values()
        assert set(job) <= JOB_KEYS, job
        needed = {} if "needs" not in job else self.needs[job["needs"]]
        context = self._context({}, {}, path.parent)
        if not Evaluator(context, failed=needed.get("result") == "failure").holds(job.get("if")):
            return Result(steps=[])
        result = self._run_steps(job["steps"], {}, path.parent)
        context = self._context({}, _by_id(job["steps"], result), path.parent)
        result.outputs = {
            key: Evaluator(context).fill(value) for key, value in job.get("outputs", {}).items()
        }
        return result

    def run_action(self, folder: Path, inputs: Mapping[str, str] | None = None) -> Result:
        """Run a composite action of ours."""
        action = read_yaml(folder / "action.yml").value
        assert action["runs"]["using"] == "composite"
        declared = action["inputs"]
        given = dict(inputs or {})
        assert set(given) <= set(declared), set(given) - set(declared)
        empty = Evaluator(self._context({}, {}, folder))
        missing = {n for n, told in declared.items() if told.get("required")} - set(given)
        assert not missing, f"not given: {missing}"
        values = {
            name: given.get(name, empty.fill(told.get("default", "")))
            for name, told in declared.items()
        }
        result = self._run_steps(action["runs"]["steps"], values, folder)
        context = self._context(values, _by_id(action["runs"]["steps"], result), folder)
        result.outputs = {
            name: Evaluator(context).fill(told["value"])
            for name, told in action.get("outputs", {}).items()
        }
        return result

    def _run_steps(
        self, steps: list[dict[str, Any]], inputs: Mapping[str, str], folder: Path
    ) -> Result:
        result = Result()
        for told in steps:
            context = self._context(inputs, _by_id(steps, result), folder)
            evaluator = Evaluator(context, failed=result.failed)
            if not evaluator.holds(told.get("if")):
                result.steps.append(Step(told["name"], "skipped"))
                continue
            done, outputs = self._run_step(told, evaluator, folder)
            result.steps.append(Step(told["name"], "success" if done else "failure", outputs))
            if not done and not told.get("continue-on-error"):
                result.failed = True
        return result

    def _run_step(
        self, told: dict[str, Any], evaluator: Evaluator, folder: Path
    ) -> tuple[bool, dict[str, str]]:
        known = {"name", "id", "if", "uses", "with", "shell", "working-directory", "env", "run"}
        assert set(told) <= known | {"continue-on-error"}, told
        given = {key: evaluator.fill(value) for key, value in told.get("with", {}).items()}
        if "uses" in told:
            return self._use(str(told["uses"]), given)
        if not self.installed or told["name"] not in {"Install spinegate"}:
            return self._bash(told, evaluator, folder)
        return True, {}

    def _bash(
        self, told: dict[str, Any], evaluator: Evaluator, folder: Path
    ) -> tuple[bool, dict[str, str]]:
        assert told["shell"] == "bash"
        assert "${{" not in told["run"], "an input could hold a command"
        self._files += 1
        script, output = (self.temp / f"_{name}{self._files}" for name in ("script", "output"))
        script.write_text(told["run"])
        output.touch()
        own = {key: evaluator.fill(value) for key, value in told.get("env", {}).items()}
        done = subprocess.run(
            [*BASH, script],
            cwd=evaluator.fill(told.get("working-directory", self.workspace)),
            env={**self._environment(folder), **own, "GITHUB_OUTPUT": str(output)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.log += done.stdout.decode()
        return done.returncode == 0, read_outputs(output.read_text())

    def _environment(self, folder: Path) -> dict[str, str]:
        ours = ("GITHUB_", "RUNNER_", "GIT_", "PYTHON", "PYTEST", "SPINEGATE_", "VIRTUAL_ENV")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        return kept | {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(folder),
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.event_path),
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_SERVER_URL": self.server.as_uri(),
            "GITHUB_SHA": self.commit,
            "GITHUB_STEP_SUMMARY": str(self.summary_path),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            **self.extra,
        }

    def _context(
        self, inputs: Mapping[str, str], steps: Mapping[str, Any], folder: Path
    ) -> dict[str, Any]:
        event = {"pull_request": {"number": None}, **self.event}
        github = {
            "event": event,
            "event_name": self.event_name,
            "action_path": str(folder),
            "token": TOKEN,
            "sha": self.commit,
            "run_id": "1",
            "run_attempt": "1",
        }
        runner = {"temp": str(self.temp), "os": "Linux"}
        own = {"inputs": inputs, "steps": steps, "needs": self.needs}
        return {**own, "github": github, "runner": runner}

    def _use(self, name: str, given: dict[str, str]) -> tuple[bool, dict[str, str]]:
        if ours := OURS.match(name):
            done = self.run_action(ROOT / ours[1], given)
            return not done.failed, done.outputs
        assert PINNED.match(name), f"{name} is not pinned to a commit"
        self.used.append(Used(name.partition("@")[0], given))
        play: Callable[[dict[str, str]], dict[str, str]] = {
            "actions/checkout": self.check_out,
            "actions/setup-python": lambda given: {"python-path": sys.executable},
            "actions/cache/restore": self._restore,
            "actions/cache/save": self._save,
            "actions/upload-artifact": self._upload,
            "actions/download-artifact": self._download,
        }[name.partition("@")[0]]
        try:
            return True, play(given)
        except MissingError:
            return False, {}

    def check_out(self, given: dict[str, str]) -> dict[str, str]:
        """Fetch and check out as the action does it: one commit and its ancestors, no branch."""
        assert given.get("persist-credentials") == "false"
        depth = given.get("fetch-depth", "1")
        git = ("git", "-C", str(self.workspace))
        address = f"{self.server.as_uri()}/{self.repository}"
        all_of_it = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
        what = [self.commit] if depth != "0" else [self.commit, *all_of_it]
        shallow = [f"--depth={depth}"] if depth != "0" else []
        for call in (
            ["init", "-q"],
            ["remote", "add", "origin", address],
            ["fetch", "-q", "--no-tags", *shallow, "origin", *what],
            ["checkout", "-q", "--force", "--detach", self.commit],
        ):
            subprocess.run([*git, *call], check=True)
        return {}

    def _restore(self, given: dict[str, str]) -> dict[str, str]:
        return {"cache-hit": "true" if given["key"] in self.caches else ""}

    def _save(self, given: dict[str, str]) -> dict[str, str]:
        self.caches[given["key"]] = given["path"]
        return {}

    def _download(self, given: dict[str, str]) -> dict[str, str]:
        if given["name"] not in self.artifacts:
            raise MissingError
        for name, content in self.artifacts[given["name"]].items():
            file = Path(given["path"]) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return {}

    def _upload(self, given: dict[str, str]) -> dict[str, str]:
        files = {path.name: path.read_bytes() for path in Path(given["path"]).iterdir()}
        self.artifacts[given["name"]] = files
        return {}


class MissingError(Exception):
    """Somebody else's action has failed."""


def _by_id(steps: list[dict[str, Any]], result: Result) -> dict[str, Any]:
    """Return the context `steps`; of a step that hasn't run any output is empty."""
    found: dict[str, Any] = {}
    for told, done in zip(steps, result.steps, strict=False):
        if "id" in told:
            found[told["id"]] = {"outputs": Outputs(done.outputs), "outcome": done.outcome}
    for told in steps:
        if "id" in told:
            found.setdefault(told["id"], {"outputs": Outputs(), "outcome": "skipped"})
    return found


class Outputs(dict[str, str]):
    """The outputs of a step: one that isn't set is empty."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return ""


def read_outputs(text: str) -> dict[str, str]:
    """Read what a step wrote into GITHUB_OUTPUT, as the runner does."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, equals, value = line.partition("=")
        name_, heredoc, mark = line.partition("<<")
        if heredoc and (not equals or len(name_) < len(name)):
            body = []
            for inner in lines:
                if inner == mark:
                    break
                body.append(inner)
            else:
                raise AssertionError(f"{name_}: no {mark}")
            found[name_] = "\n".join(body)
        else:
            assert equals, f"not an output: {line!r}"
            found[name] = value
    return found


def read_commands(log: str) -> list[tuple[str, dict[str, str], str]]:
    """Return the commands that the runner would take from a log: name, properties, text."""
    found: list[tuple[str, dict[str, str], str]] = []
    stopped = ""
    for line in log.splitlines():
        text = line.strip()
        if stopped:
            stopped = "" if text == f"::{stopped}::" else stopped
            continue
        new = re.match(r"::([\w-]+)(?: (.*?))?::(.*)$", text)
        old = re.search(r"##\[([\w-]+)(.*?)\](.*)$", line)
        if new and new[1] == "stop-commands":
            stopped = new[3]
        elif new:
            pairs = (pair.partition("=") for pair in (new[2] or "").split(",") if pair)
            found.append((new[1], {key: value for key, _, value in pairs}, new[3]))
        elif old:
            found.append((f"##[{old[1]}]", {}, old[3]))
    assert not stopped, "commands stay stopped"
    return found
