"""Repositories and files that the tests of several readers share."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]


@pytest.fixture(scope="session")
def tool_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment for git and git-annex: nobody's settings, a name for commits."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Tester\n\temail = tester@example.org\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n'
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    beside = str(Path(sys.executable).parent)
    return {
        **kept,
        "HOME": str(home),
        "PATH": beside + os.pathsep + kept["PATH"],
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture(scope="session")
def run(tool_environment: dict[str, str]) -> Run:
    """Run a program in a folder and return what it prints."""

    def call(folder: Path, *argv: str | bytes | Path) -> str:
        for _ in range(3):
            done = subprocess.run(
                argv, cwd=folder, env=tool_environment, capture_output=True, check=False
            )
            # moto answers with an error page now and then where the machine is busy.
            if done.returncode == 0 or b"DOCTYPE" not in done.stdout + done.stderr:
                break
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


@pytest.fixture
def repository(tmp_path: Path, run: Run) -> Path:
    """A git repository without files."""
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "git", "init", "-q")
    return folder


@pytest.fixture
def commit(run: Run) -> Callable[[Path, dict[str, str | bytes]], Path]:
    """Write files into a repository and commit all of them."""

    def make(folder: Path, files: dict[str, str | bytes]) -> Path:
        write_files(folder, files)
        run(folder, "git", "add", "-A")
        run(folder, "git", "commit", "-q", "-m", "files")
        return folder

    return make


def write_files(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write files, folders included."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture(scope="session")
def nifti() -> bytes:
    """The smallest gzipped NIfTI-1 image: one voxel of 1 mm."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    header[123] = 2
    struct.pack_into("<2h", header, 252, 1, 0)
    header[344:348] = b"n+1\0"
    return gzip.compress(bytes(header) + b"\1", mtime=0)


@pytest.fixture
def files() -> Callable[[Path, dict[str, str | bytes]], None]:
    """Write files, folders included."""
    return write_files


@pytest.fixture
def as_nobody(tool_environment: dict[str, str]) -> Callable[..., str]:
    """Run Python code without root's rights; skipped where that can't be done."""
    argv = [sys.executable, "-c"]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and there is no setpriv")
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *argv]

    def call(folder: Path, script: str) -> str:
        for place in (folder, *folder.parents):
            if place.stat().st_uid == os.geteuid() and place != Path(place.root):
                place.chmod(place.stat().st_mode | 0o055)
        done = subprocess.run(
            [*argv, script], env=tool_environment, capture_output=True, check=False, cwd="/"
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return call
