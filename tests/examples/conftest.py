"""One small phantom for the whole folder: three vendors, one participant each."""

from __future__ import annotations

import importlib
import json
import warnings
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


@pytest.fixture(scope="session")
def csareader() -> Any:
    """nibabel's reader of CSA headers; it warns when it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("nibabel.nicom.csareader")
