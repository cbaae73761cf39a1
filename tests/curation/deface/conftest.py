"""Heads that several tests look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spinegate.curation.deface.search import Placement
from tests.curation.deface.heads import Head, Pose, View, make


@pytest.fixture(scope="session")
def upright() -> Head:
    """A head as the template has it: the way to it is known without a search."""
    return make(Pose(warp=0, noise=0.01), View(voxel=(4, 4, 4), bottom=-60))


@pytest.fixture(scope="session")
def in_place() -> Placement:
    """Where the template lies in an upright head."""
    return Placement(np.eye(4), np.eye(4), 1.0, 1.0)


@pytest.fixture
def image(upright: Head, tmp_path: Path) -> Path:
    return upright.save(tmp_path / "sub-a01_T1w.nii.gz")
