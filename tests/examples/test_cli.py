from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinegate.cli import run


def test_writes_and_says_so_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "phantom"
    arguments = ["example", str(target), "--sites", "1", "--participants", "1", "--vendors", "GE"]
    assert run(arguments) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "1 participants at 1 sites" in err
    assert (target / "sub-geA01" / "dwi" / "sub-geA01_dwi.bvec").is_file()
    assert json.loads((target / "truth.json").read_text())["Seed"] == 0
    assert run(arguments) == 2
    assert "not empty" in capfd.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--vendors", "ge,acme"],
        ["--vendors", "ge,ge"],
        ["--vendors", ""],
        ["--sites", "0"],
        ["--participants", "100"],
        ["--noise", "-1"],
        ["--with-faults", "--dicom"],
        ["--dicom", "--multi-echo"],
    ],
)
def test_wrong_usage_is_status_2_and_writes_nothing(
    tmp_path: Path, wrong: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["example", str(tmp_path / "phantom"), *wrong]) == 2
    assert capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
