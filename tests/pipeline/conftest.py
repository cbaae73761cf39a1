"""Images that the Spinal Cord Toolbox is tested with, and what it makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def images(shared_data: Path) -> Path:
    return shared_data / "sct_testing_data"


@pytest.fixture(scope="session")
def golden(shared_data: Path) -> Path:
    return shared_data / "sct_golden"
