from __future__ import annotations

import sys
from pathlib import Path

import pytest

from spinegate.system.errors import ToolError
from spinegate.validator.bids import official
from spinegate.validator.bids.official import find_command, run_official
from spinegate.validator.finding import Severity


def test_a_validator_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="pip install bids-validator-deno"):
        run_official(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_validator_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "bids-validator-deno"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_command(tmp_path) == [str(tool)]


def test_beside_python_it_runs_without_network_and_git(tmp_path: Path) -> None:
    command = find_command(tmp_path)
    assert Path(command[0]).parent == Path(sys.executable).parent
    assert f"--allow-read={tmp_path}" in command
    assert not any(
        part.startswith(("--allow-net", "--allow-run", "--allow-write", "-A")) for part in command
    )


@pytest.mark.parametrize(
    ("script", "timeout", "message"),
    [
        ("import sys; sys.exit('a crash')", 60, "failed with exit status 1: a crash"),
        ("import time; time.sleep(60)", 0.2, "stopped after 0.2 s"),
        ("print('{}')", 60, "unexpected output"),
    ],
)
def test_a_validator_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, timeout: float, message: str
) -> None:
    monkeypatch.setattr(official, "find_command", lambda _: [sys.executable, "-c", script])
    with pytest.raises(ToolError, match=message):
        run_official(tmp_path, timeout=timeout)


def test_a_validator_that_can_not_be_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(official, "find_command", lambda _: [str(tmp_path / "none")])
    with pytest.raises(ToolError, match="could not be started"):
        run_official(tmp_path)


def test_a_small_dataset(tmp_path: Path) -> None:
    (tmp_path / "sub-a" / "anat").mkdir(parents=True)
    (tmp_path / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.8.0"}')
    (tmp_path / "sub-a" / "anat" / "sub_a_T2w.nii.gz").write_bytes(b"")
    (tmp_path / "sub-a" / "anat" / "sub-a_T1w.nii.gz").write_bytes(b"/annex/objects/MD5E-s1--0\n")
    absent = {"sub-a/anat/sub-a_T1w.nii.gz"}
    report = run_official(tmp_path, absent)
    errors = {
        (one.code, one.location) for one in report.findings if one.severity is Severity.ERROR
    }
    assert ("FILENAME_MISMATCH", "sub-a/anat/sub_a_T2w.nii.gz") in errors
    assert ("EMPTY_FILE", "sub-a/anat/sub_a_T2w.nii.gz") in errors
    assert not {place for _, place in errors} & absent
    assert report.undetermined == {"NIFTI_HEADER_UNREADABLE": 1}
    assert report.origin.version
    assert report.origin.standard_version


@pytest.mark.real
@pytest.mark.slow
def test_the_real_dataset(bundle: Path) -> None:
    images = {path.relative_to(bundle).as_posix() for path in bundle.glob("sub-*/*/*.nii.gz")}
    report = run_official(bundle, images)
    assert report.undetermined == {"NIFTI_HEADER_UNREADABLE": 1337}
    wrong = {one.location for one in report.findings if one.severity is Severity.ERROR}
    assert wrong == {f"sub-ucl0{n}/anat/sub-ucl0{n}_T2star.json" for n in range(1, 7)}
