from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from spinegate.system.errors import ToolError
from spinegate.validator.bids import official
from spinegate.validator.bids.official import (
    find_command,
    is_about_name,
    read_report,
    run_official,
)
from spinegate.validator.finding import Remedy, Scope, Severity

HEADER = {
    "code": "NIFTI_HEADER_UNREADABLE",
    "severity": "error",
    "location": "/sub-a/anat/sub-a_T1w.nii.gz",
}


def text(*issues: dict[str, Any]) -> str:
    messages = {"NIFTI_HEADER_UNREADABLE": "We were unable to parse\nheader data."}
    block = {"issues": issues, "codeMessages": messages}
    return json.dumps({"issues": block, "summary": {"schemaVersion": "1.2.7"}})


def test_an_issue_becomes_a_finding() -> None:
    report = read_report(text(HEADER), version="3.0.2")
    [finding] = report.findings
    assert finding.code == "NIFTI_HEADER_UNREADABLE"
    assert finding.severity is Severity.ERROR
    assert finding.location == "sub-a/anat/sub-a_T1w.nii.gz"
    assert finding.message == "We were unable to parse header data."
    assert finding.scope is Scope.FILE
    assert finding.remedy is Remedy.RECONVERT
    assert finding.origin.to_json() == {
        "validator": "bids-validator-deno",
        "version": "3.0.2",
        "standard": "BIDS",
        "standardVersion": "1.2.7",
    }


def test_an_absent_content_is_not_determinable() -> None:
    present = HEADER | {"location": "/sub-b/anat/sub-b_T1w.nii.gz"}
    named = HEADER | {"code": "FILENAME_MISMATCH"}
    report = read_report(text(HEADER, present, named), {"sub-a/anat/sub-a_T1w.nii.gz"})
    assert report.undetermined == 1
    assert [(one.code, one.location) for one in report.findings] == [
        ("NIFTI_HEADER_UNREADABLE", "sub-b/anat/sub-b_T1w.nii.gz"),
        ("FILENAME_MISMATCH", "sub-a/anat/sub-a_T1w.nii.gz"),
    ]


def test_an_issue_said_twice_is_one_finding() -> None:
    assert len(read_report(text(HEADER, HEADER)).findings) == 1


def test_a_place_is_taken_from_what_is_affected() -> None:
    missing = {"code": "MISSING_DATASET_DESCRIPTION", "affects": ["/dataset_description.json"]}
    nowhere = {"code": "SOMETHING"}
    first, second = read_report(text(missing, nowhere)).findings
    assert (first.location, first.affects, first.scope) == (
        "dataset_description.json",
        (),
        Scope.DATASET,
    )
    assert (second.location, second.message, second.remedy) == (".", "SOMETHING", None)


def test_a_message_is_one_line_without_links() -> None:
    row = HEADER | {"subCode": "Run", "issueMessage": "See\n[run](SPEC_ROOT/x#run). " + "a " * 900}
    [finding] = read_report(text(row)).findings
    assert "See run. a a" in finding.message
    assert finding.message.startswith("Run: We were unable")
    assert "\n" not in finding.message
    assert len(finding.message) < 400


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("FILENAME_MISMATCH", Remedy.RENAME),
        ("NOT_INCLUDED", Remedy.RENAME),
        ("SIDECAR_KEY_REQUIRED", Remedy.EDIT),
        ("TSV_EQUAL_ROWS", Remedy.EDIT),
        ("EMPTY_FILE", Remedy.RECONVERT),
        ("HED_ERROR", None),
    ],
)
def test_remedies(code: str, remedy: Remedy | None) -> None:
    [finding] = read_report(text(HEADER | {"code": code})).findings
    assert finding.remedy is remedy
    assert is_about_name(code) == (remedy is Remedy.RENAME)


def test_output_of_another_form() -> None:
    with pytest.raises(ToolError, match=r"unexpected output, 'issues\.issues' is missing"):
        read_report("{}")


def test_a_validator_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"pip install 'spinegate\[bids\]'"):
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
    assert report.undetermined == 1
    assert report.origin.version
    assert report.origin.standard_version


@pytest.mark.real
@pytest.mark.slow
def test_the_real_dataset(bundle: Path) -> None:
    images = {path.relative_to(bundle).as_posix() for path in bundle.glob("sub-*/*/*.nii.gz")}
    report = run_official(bundle, images)
    assert report.undetermined == 1337
    wrong = {one.location for one in report.findings if one.severity is Severity.ERROR}
    assert wrong == {f"sub-ucl0{n}/anat/sub-ucl0{n}_T2star.json" for n in range(1, 7)}
