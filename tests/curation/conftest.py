"""Datasets that may be changed: the phantom, alone, in git, and in git-annex."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def tool_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment for programs: nobody's settings, a name for commits."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Tester\n\temail = tester@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def identity(tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own user also commits what the code under test commits."""
    monkeypatch.setenv("HOME", tool_environment["HOME"])


@pytest.fixture(scope="session")
def run(tool_environment: dict[str, str]) -> Run:
    """Run a program in a folder and return what it prints."""

    def call(folder: Path, *argv: str | Path) -> str:
        done = subprocess.run(
            argv, cwd=folder, env=tool_environment, capture_output=True, check=False
        )
        assert done.returncode == 0, (argv, done.stderr.decode(errors="replace"))
        return done.stdout.decode(errors="surrogateescape")

    return call


@pytest.fixture(scope="session")
def annex_tool(tool_environment: dict[str, str]) -> str:
    """The git-annex program; tests that need it are skipped where there is none."""
    found = shutil.which("git-annex", path=tool_environment["PATH"])
    if found is None:
        pytest.skip("git-annex is not installed")
    return found


@pytest.fixture(scope="session")
def fingerprint() -> Fingerprint:
    """What every file of a folder is: kind, rights and content; git's own folder left out."""

    def take(folder: Path) -> dict[str, str]:
        found = {}
        for top, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if name != ".git"]
            links = [name for name in folders if os.path.islink(os.path.join(top, name))]
            for name in [*files, *links]:
                path = os.path.join(top, name)
                shown = os.path.relpath(path, folder)
                if os.path.islink(path):
                    found[shown] = "link " + os.readlink(path)
                else:
                    with open(path, "rb") as file:
                        digest = hashlib.sha256(file.read()).hexdigest()
                    found[shown] = f"{os.stat(path).st_mode:o} {digest}"
        return found

    return take


@pytest.fixture(scope="session")
def clean_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantom without faults. Never changed."""
    folder = tmp_path_factory.mktemp("clean") / "phantom"
    assert spinegate(["example", str(folder), "--sites", "1", "--participants", "2"]) == 0
    return folder


@pytest.fixture(scope="session")
def faulty_phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantom with all faults. Never changed."""
    folder = tmp_path_factory.mktemp("faulty") / "phantom"
    assert spinegate(["example", str(folder), "--with-faults"]) == 0
    return folder


@pytest.fixture
def phantom(clean_phantom: Path, tmp_path: Path) -> Path:
    """A copy of the phantom, that git knows nothing of."""
    return Path(shutil.copytree(clean_phantom, tmp_path / "dataset", symlinks=True))


@pytest.fixture
def repository(phantom: Path, run: Run) -> Path:
    """A copy of the phantom in a git repository."""
    run(phantom, "git", "init", "-q")
    run(phantom, "git", "add", ".")
    run(phantom, "git", "commit", "-q", "-m", "A phantom")
    return phantom


@pytest.fixture
def annexed(phantom: Path, run: Run, annex_tool: str) -> Path:
    """A copy of the phantom whose images are in git-annex: locked, and those of dwi unlocked."""
    run(phantom, "git", "init", "-q")
    run(phantom, annex_tool, "init", "-q", "here")
    run(phantom, "git", "config", "annex.largefiles", "include=*.nii.gz")
    run(phantom, annex_tool, "add", "-q", ".")
    run(phantom, "git", "commit", "-q", "-m", "A phantom")
    run(phantom, annex_tool, "unlock", "-q", "--include=*_dwi.nii.gz")
    run(phantom, "git", "commit", "-q", "-a", "-m", "dwi is unlocked")
    return phantom


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small dataset that git knows nothing of."""
    top = tmp_path / "top"
    top.mkdir()
    (top / "edited.json").write_text('{"PatientName": "x", "A": 1}\n')
    for name in ("lower.txt", "other.txt"):
        (top / name).write_text(name)
    return top


@pytest.fixture
def dataset(folder: Path, run: Run) -> Path:
    """The same in git."""
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "x")
    return folder
