"""Exams of the three vendors as DICOM, datasets that lack one of them, and headers to change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.cli import run as spinegate
from spinegate.examples.dataset import Options, write_dataset
from spinegate.examples.dicom_dataset import write_dicom

pytest.importorskip("pydicom")

Run = Callable[..., str]
Change = Callable[[Any], None]
Rewrite = Callable[[Path, Change], None]
Ingest = Callable[..., tuple[int, str, str]]
NO_FACE = ("--no-face", "a phantom has none")
OPTIONS = Options(sites=1, participants=1, size="tiny")


@pytest.fixture(scope="session")
def exams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One exam per vendor: siemensA01, geA01, philipsA01. Never changed."""
    folder = tmp_path_factory.mktemp("exams")
    write_dicom(folder, OPTIONS)
    return folder


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same participants as a BIDS dataset. Never changed."""
    folder = tmp_path_factory.mktemp("truth")
    write_dataset(folder, OPTIONS)
    return folder


@pytest.fixture
def exam(exams: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one vendor's exam that may be changed."""

    def copy(vendor: str) -> Path:
        return Path(shutil.copytree(exams / f"{vendor}A01", tmp_path / "exam"))

    return copy


@pytest.fixture
def dataset(truth: Path, tmp_path: Path) -> Path:
    """A dataset whose only participant is at the first site; the others are to come."""
    folder = Path(shutil.copytree(truth, tmp_path / "dataset"))
    for name in ("sub-geA01", "sub-philipsA01", "sub-siemensA01", "derivatives"):
        shutil.rmtree(folder / name)
    return folder


@pytest.fixture
def rewrite() -> Rewrite:
    """Change the header of every DICOM file of a folder."""
    import pydicom

    def change(folder: Path, edit: Change) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                header = pydicom.dcmread(path)
                edit(header)
                header.save_as(path)

    return change


@pytest.fixture
def ingest(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Ingest:
    """Run the command; return status, what it says and what it tells on the way."""

    def call(*argv: str | Path) -> tuple[int, str, str]:
        salt = ["--salt-file", str(tmp_path / "salt")]
        capfd.readouterr()
        status = spinegate(["curate", "ingest", *map(str, argv), *salt])
        told = capfd.readouterr()
        return status, told.out, told.err

    return call
