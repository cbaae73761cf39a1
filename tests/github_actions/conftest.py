"""Datasets on a server of their own, and the workflows that `spinegate init` writes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.github_actions.orders import Hub, World
from tests.github_actions.pulls import IDENTITY, Pull, Server
from tests.github_actions.runner import Result, Runner

PIN = "spinegate/spinegate@0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="session")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `spinegate init` writes."""
    folder = tmp_path_factory.mktemp("init")
    spinegate = [sys.executable, "-m", "spinegate"]
    argv = [*spinegate, "init", str(folder), "--uses", PIN, "--with", "curate"]
    subprocess.run(argv, check=True, capture_output=True)
    return folder / ".github" / "workflows"


@pytest.fixture(scope="session")
def phantom_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantom in a git repository, with settings."""
    target = tmp_path_factory.mktemp("phantom") / "dataset"
    spinegate = [sys.executable, "-m", "spinegate"]
    subprocess.run([*spinegate, "example", target], check=True, capture_output=True)
    subprocess.run([*spinegate, "init", target, "--uses", PIN], check=True, capture_output=True)
    git = ("git", "-C", str(target))
    environment = {**os.environ, **IDENTITY}
    for call in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "A phantom"]):
        subprocess.run([*git, *call], check=True, env=environment)
    return target


@pytest.fixture
def server(phantom_repository: Path, tmp_path: Path) -> Server:
    return Server(tmp_path / "server", phantom_repository, "main")


@pytest.fixture
def world(tmp_path: Path, server: Server, workflows: Path) -> Iterator[World]:
    """Let managers comment."""
    hub = Hub()
    yield World(tmp_path / "runs", server, hub, workflows / "spinegate-curate.yml")
    hub.close()


Check = Callable[..., tuple[Runner, Result]]


@pytest.fixture
def check(workflows: Path, tmp_path: Path) -> Check:
    """Run the workflow of a pull request as GitHub would."""
    count = iter(range(100))

    def run(server: Server, pull: Pull, **more: Any) -> tuple[Runner, Result]:
        runner = Runner(
            tmp_path / f"runner{next(count)}",
            "pull_request",
            pull.event,
            server=server.folder,
            commit=pull.merge,
            **more,
        )
        return runner, runner.run_workflow(workflows / "spinegate-validate.yml")

    return run


@pytest.fixture
def check_out(tmp_path: Path) -> Callable[[Server], Runner]:
    """Check out a clean pull request, and stop there."""
    count = iter(range(100))

    def run(server: Server) -> Runner:
        pull = server.pull({b"README": b"Words.\n"})
        runner = Runner(
            tmp_path / f"clone{next(count)}",
            "pull_request",
            pull.event,
            server=server.folder,
            commit=pull.merge,
        )
        runner.check_out({"fetch-depth": "2", "persist-credentials": "false"})
        return runner

    return run


CheckOut = Callable[[Server], Runner]
