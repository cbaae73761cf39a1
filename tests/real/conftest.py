"""The report on the real multi-subject dataset, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate


@pytest.fixture(scope="session")
def report(bundle: Path) -> Report:
    """What the validator says of the real dataset by default."""
    return validate(Options(bundle))
