"""A way to run one module of checks on a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.validator.checks.table import load_check
from spinegate.validator.dataset import load_dataset
from spinegate.validator.finding import Outcome
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


Exam = Callable[..., Inspection]
CONTRASTS = ("T1w", "T2w", "T2star", "dwi", "MTon", "MToff", "GRE-T1w")
_STEMS = {
    "MTon": "flip-1_mt-on_MTS",
    "MToff": "flip-1_mt-off_MTS",
    "GRE-T1w": "flip-2_mt-off_MTS",
}


class Verdicts(list[Verdict]):
    """What modules say, by code and outcome."""

    def of(self, code: str, outcome: Outcome = Outcome.NOT_MET) -> list[Verdict]:
        """Return the verdicts of a code that count anything."""
        return [v for v in self if (v.code, v.outcome) == (code, outcome) and v.count]

    def number(self, code: str, outcome: Outcome) -> int:
        """Count the units of a code."""
        return sum(verdict.count for verdict in self.of(code, outcome))


@dataclass(frozen=True)
class Checker:
    """Writes a small dataset, and asks modules about it."""

    folder: Path
    judge: Judge

    def write(self, files: Mapping[str, Any], *, bare: bool = False) -> None:
        """Write texts as they are, values as JSON; a description too, but for `bare`."""
        whole = files if bare else {"dataset_description.json": {"Name": "X"}, **files}
        for name, value in whole.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value if isinstance(value, str) else json.dumps(value))

    def __call__(self, *modules: str) -> Verdicts:
        """Return what the modules say."""
        return Verdicts(self.judge(self.folder, *modules))


@pytest.fixture
def check(tmp_path: Path, judge: Judge) -> Checker:
    """A folder of a test, its writer and its judge."""
    return Checker(tmp_path, judge)


@pytest.fixture(scope="session")
def exam(spec: Spec, tmp_path_factory: pytest.TempPathFactory) -> Exam:
    """Return a participant's exam under other sidecars, in any order of the files.

    Sidecars are given by contrast; those under "*" go to all.
    """
    folder = tmp_path_factory.mktemp("exam")
    for contrast in CONTRASTS:
        kind = "dwi" if contrast == "dwi" else "anat"
        image = folder / f"sub-a01/{kind}/sub-a01_{_STEMS.get(contrast, contrast)}.nii.gz"
        image.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(b"")
    base = load_dataset(open_tree(folder), spec)

    def make(
        sidecars: Mapping[str, Mapping[str, Any]], order: Sequence[int] | None = None
    ) -> Inspection:
        scans = [
            scan._replace(
                sidecar={**sidecars.get("*", {}), **sidecars.get(scan.contrast or "", {})}
            )
            for scan in base.scans
        ]
        if order is not None:
            scans = [scans[index] for index in order]
        by_path = {scan.path: scan for scan in scans}
        return Inspection(replace(base, scans=tuple(scans), by_path=by_path), spec)

    return make
