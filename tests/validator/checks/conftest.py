"""A way to run one module of checks on a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.validator.checks.table import load_check
from spinegate.validator.dataset import load_dataset
from spinegate.validator.inspection import Inspection
from spinegate.validator.tree import open_tree
from spinegate.validator.verdict import Verdict

Judge = Callable[..., list[Verdict]]


@pytest.fixture(scope="session")
def spec() -> Spec:
    """The protocol that is used by default."""
    return load_spec("spine-generic")


@pytest.fixture(scope="session")
def judge(spec: Spec) -> Judge:
    """Return what one or more modules of checks say of a folder."""

    def run(folder: Path, *modules: str, ref: str | None = None) -> list[Verdict]:
        inspection = Inspection(load_dataset(open_tree(folder, ref), spec), spec)
        return [verdict for name in modules for verdict in load_check(name)(inspection)]

    return run
