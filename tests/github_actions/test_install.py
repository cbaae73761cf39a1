"""The step that installs spinegate, and the lock that it installs by."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from spinegate.github_actions.install import cache_key, lock_file
from tests.github_actions.pulls import Server
from tests.github_actions.runner import ROOT, Runner, read_commands

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {False: ("remote",), True: ("remote", "bids")}


def read_lock(*, bids: bool) -> list[tuple[Requirement, int]]:
    """Return each locked requirement with how many hashes it has."""
    text = lock_file(bids=bids).read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return [
        (Requirement(entry.partition(" \\\n")[0]), entry.count("--hash=sha256:"))
        for entry in entries
        if entry.strip()
    ]


@pytest.mark.parametrize("bids", [False, True])
def test_the_lock_satisfies_the_project(bids: bool) -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *(one for name in LOCKS[bids] for one in extras[name])]
    locked = read_lock(bids=bids)
    for text in wanted:
        requirement = Requirement(text)
        found = [
            one
            for one, _ in locked
            if canonicalize_name(one.name) == canonicalize_name(requirement.name)
        ]
        assert found, f"make lock: {text} is not locked"
        for one in found:
            [pin] = one.specifier
            assert pin.operator == "=="
            assert requirement.specifier.contains(pin.version), f"make lock: {text}, {one}"


@pytest.mark.parametrize("bids", [False, True])
def test_every_line_has_hashes(bids: bool) -> None:
    assert all(hashes > 0 for _, hashes in read_lock(bids=bids))
    assert "://" not in lock_file(bids=bids).read_text()


def test_both_locks_agree() -> None:
    small = {str(one) for one, _ in read_lock(bids=False)}
    large = {str(one) for one, _ in read_lock(bids=True)}
    assert small < large
    assert {line.partition("==")[0] for line in large - small} == {"bids-validator-deno", "deno"}


def test_the_key_of_the_cache_changes_with_the_lock() -> None:
    assert cache_key(bids=False) != cache_key(bids=True)


def test_an_unknown_word_is_refused() -> None:
    argv = [sys.executable, "-I", str(ROOT / "github_actions" / "install.py"), "remove"]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 2


@pytest.mark.slow
def test_the_step_installs_what_the_check_needs(
    server: Server, workflows: Path, tmp_path: Path
) -> None:
    """The workflow with nothing left out: packages by the lock, spinegate from the checkout."""
    change = {b"click.py": b"raise SystemExit(66)\n", b"pip.conf": b"[global]\nno-index = true\n"}
    pull = server.pull(change)
    runner = Runner(
        tmp_path / "runner", "pull_request", pull.event, server=server.folder,
        commit=pull.merge, installed=False,
    )  # fmt: skip
    result = runner.run_workflow(workflows / "spinegate-validate.yml")
    assert result.steps[-1].outputs["result"] in {"passed", "failed"}, runner.log
    assert read_commands(runner.log)
    home = runner.temp / "spinegate" / "venv"
    assert home.is_dir()
    assert not home.is_symlink()
    ask = "import spinegate, sys; print(spinegate.__file__, *sys.path, sep='\\n')"
    python = [str(home / "bin" / "python"), "-I", "-c", ask]
    told = subprocess.run(
        python, cwd=runner.workspace, check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(runner.workspace)},
    ).stdout.split()  # fmt: skip
    assert Path(told[0]).is_relative_to(ROOT / "src")
    assert not [path for path in told if path.startswith(str(runner.workspace))]


@pytest.mark.slow
def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    """Were a registry or a cache to hand out something else, nothing would be installed."""
    copy = tmp_path / "github_actions"
    copy.mkdir()
    for name in ("install.py", "requirements.txt"):
        (copy / name).write_text((ROOT / "github_actions" / name).read_text())
    lock = copy / "requirements.txt"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", lock.read_text()))
    argv = [sys.executable, "-I", str(copy / "install.py"), "install", str(tmp_path / "venv")]
    done = subprocess.run(argv, capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert "HASHES" in done.stderr
