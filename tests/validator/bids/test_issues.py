from __future__ import annotations

import json
from typing import Any

import pytest

from spinegate.system.errors import ToolError
from spinegate.validator.bids.issues import is_about_name, read_report
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
    assert report.undetermined == {"NIFTI_HEADER_UNREADABLE": 1}
    assert [(one.code, one.location) for one in report.findings] == [
        ("FILENAME_MISMATCH", "sub-a/anat/sub-a_T1w.nii.gz"),
        ("NIFTI_HEADER_UNREADABLE", "sub-b/anat/sub-b_T1w.nii.gz"),
    ]


def test_an_issue_said_twice_is_one_finding() -> None:
    assert len(read_report(text(HEADER, HEADER)).findings) == 1


def test_a_place_is_taken_from_what_is_affected() -> None:
    missing = {"code": "MISSING_DATASET_DESCRIPTION", "affects": ["/dataset_description.json"]}
    nowhere = {"code": "SOMETHING"}
    second, first = read_report(text(missing, nowhere)).findings
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
