"""The benchmark runs, and its enlarged dataset is one. What it measures is never asserted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPINEGATE = str(Path(sys.executable).with_name("spinegate"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small phantom in a git repository."""
    target = tmp_path_factory.mktemp("bench") / "dataset"
    small = ["--vendors", "siemens", "--sites", "1", "--participants", "2"]
    subprocess.run([SPINEGATE, "example", target, *small], check=True, capture_output=True)
    git = ["git", "-C", str(target), "-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "A phantom"], check=True)
    return target


def test_every_line_has_its_ratio(dataset: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.bench",
            dataset,
            "--runs",
            "1",
            "--times",
            "2",
            "--no-peers",
        ],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    lines = re.findall(r"^(\S.*?) +[0-9.]+ +[0-9.]+ +[0-9]+ +[0-9.]+$", done.stdout, re.MULTILINE)
    assert lines == [
        "floor",
        "spinegate validate",
        "one changed sidecar",
        "spinegate --help",
        "a pull request, both trees",
        "1x",
        "2x",
        "floor 1x",
        "floor 2x",
    ]


def test_the_enlarged_dataset_is_one(dataset: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in dataset.glob("*.tsv")}
    large = tmp_path / "large"
    grow = [sys.executable, "-m", "tests.bench.grow", str(dataset), str(large), "3"]
    subprocess.run(grow, check=True, cwd=ROOT)
    assert len(list(large.glob("sub-*"))) == 3 * len(list(dataset.glob("sub-*"))) == 6
    rows = (large / "participants.tsv").read_text().splitlines()[1:]
    assert sorted(row.partition("\t")[0] for row in rows) == sorted(
        path.name for path in large.glob("sub-*")
    )
    assert {path: path.read_bytes() for path in dataset.glob("*.tsv")} == before
    deleted = subprocess.run(
        ["git", "-C", large, "ls-files", "--deleted"], check=True, capture_output=True
    )
    assert deleted.stdout == b""
