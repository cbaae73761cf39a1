"""Fixtures that several test folders share."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


def clone_bundle(bundle: Path, target: Path) -> Path:
    """Clone the real multi-subject dataset, with its git-annex branch, from its bundle."""
    subprocess.run(["git", "clone", "-q", "-b", "master", bundle, target], check=True)
    subprocess.run(["git", "-C", target, "branch", "-q", "git-annex", "origin/git-annex"], check=True)
    return target


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; tests that need it are skipped where it isn't."""
    if not SHARED.is_dir():
        pytest.skip("the real data are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def bundle(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the real dataset: 24,469 files, images as annex pointers. Never changed."""
    source = shared_data / "spine-generic-multi-subject.bundle"
    return clone_bundle(source, tmp_path_factory.mktemp("bundle") / "dataset")
