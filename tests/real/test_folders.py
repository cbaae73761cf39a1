"""Converted images as they come from the scanner: no dataset yet, not the protocol's contrasts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from spinegate.cli import run

pytestmark = pytest.mark.real


def test_real_output_of_the_converter(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "exam"
    shutil.copytree(shared_data / "dicom" / "dcm2niix_reference", folder)
    assert run(["validate", str(folder), "--format", "json"]) in (0, 1)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert json.loads(out)["summary"]["files"] == len(list(folder.iterdir()))
