"""Fixtures that several test folders share."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import hypothesis
import pytest

SLOW = ("slow", "real")
SHARED = Path(__file__).parents[2] / "shared" / "data"

# The same examples in every run, so that a change is judged by what it changes; `make fuzz` seeks
# new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("fuzz", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("fuzz" if os.environ.get("SPINEGATE_FUZZ") else "same")


def clone_bundle(bundle: Path, target: Path) -> Path:
    """Clone the real multi-subject dataset, with its git-annex branch, from its bundle."""
    clone = ["git", "clone", "-q", "-b", "master", str(bundle), str(target)]
    branch = ["git", "-C", str(target), "branch", "-q", "git-annex", "origin/git-annex"]
    subprocess.run(clone, check=True)
    subprocess.run(branch, check=True)
    return target


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fast tests first: whoever waits for a failure should not wait long."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in SLOW])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; tests that need it are skipped where it isn't."""
    if not SHARED.is_dir():
        if os.environ.get("SPINEGATE_REQUIRE_REAL"):
            pytest.fail(f"the real data are missing: {SHARED}")
        pytest.skip("the real data are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def bundle(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the real dataset: 24,469 files, images as annex pointers. Never changed."""
    source = shared_data / "spine-generic-multi-subject.bundle"
    return clone_bundle(source, tmp_path_factory.mktemp("bundle") / "dataset")
