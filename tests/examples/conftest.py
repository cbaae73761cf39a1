"""One small phantom for the whole folder: three vendors, one participant each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spinegate.examples.dataset import Options, write_dataset

SMALL = Options(sites=1, participants=1)
TINY = Options(sites=1, participants=1, size="tiny")


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A noise-free phantom at its usual size. Never changed."""
    folder = tmp_path_factory.mktemp("phantom") / "dataset"
    folder.mkdir()
    write_dataset(folder, SMALL)
    return folder


@pytest.fixture(scope="session")
def truth(phantom: Path) -> dict[str, Any]:
    """The phantom's truth.json."""
    content: dict[str, Any] = json.loads((phantom / "truth.json").read_text())
    return content
