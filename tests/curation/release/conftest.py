"""A small dataset without images: alone, and published with a git-annex branch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]


@pytest.fixture
def dataset(tmp_path: Path, run: Run) -> Path:
    folder = tmp_path / "d"
    (folder / "sub-a1/anat").mkdir(parents=True)
    described = {"Name": "x", "BIDSVersion": "1.10.0", "License": "CC0", "Authors": ["A. One"]}
    (folder / "dataset_description.json").write_text(json.dumps(described))
    (folder / "README").write_text("A dataset of nobody, for a test.\n" * 5)
    columns = ["participant_id", "sex", "age", "height", "weight", "date_of_scan"]
    columns += ["institution_id", "manufacturer", "manufacturers_model_name", "software_versions"]
    cells = ["sub-a1", *["n/a"] * (len(columns) - 1)]
    (folder / "participants.tsv").write_text("\t".join(columns) + "\n" + "\t".join(cells) + "\n")
    (folder / "participants.json").write_text(json.dumps({name: {} for name in columns[1:]}))
    (folder / "sub-a1/anat/sub-a1_T2w.json").write_text("{}")
    run(folder, "git", "init", "-q")
    run(folder, "git", "config", "user.name", "Tester")
    run(folder, "git", "config", "user.email", "tester@example.org")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "Data")
    return folder


@pytest.fixture
def published(
    dataset: Path, tmp_path: Path, run: Run, annex_tool: str,
    tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch,
) -> Path:  # fmt: skip
    """The dataset with an annex, and a bare repository where it is published."""
    monkeypatch.setenv("PATH", tool_environment["PATH"])
    origin = tmp_path / "origin.git"
    run(dataset, annex_tool, "init", "-q", "manager")
    run(tmp_path, "git", "init", "-q", "--bare", origin)
    run(dataset, "git", "remote", "add", "origin", origin)
    run(dataset, "git", "push", "-q", "-u", "origin", "main", "git-annex")
    return dataset
