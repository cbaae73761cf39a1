from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.bids.output import Issue, OutputError, parse_output
from spinegate.validator.finding import Severity


def text(*issues: dict[str, Any], **more: Any) -> str:
    return json.dumps(
        {"issues": {"issues": issues, **more}, "summary": {"schemaVersion": "1.2.7"}}
    )


def test_an_issue() -> None:
    row = {
        "code": "JSON_SCHEMA_VALIDATION_ERROR",
        "subCode": "EchoTime",
        "severity": "error",
        "location": "/sub-a/anat/sub-a_T2star.json",
        "issueMessage": "must be number",
        "rule": "rules.sidecars.mri",
        "affects": ["/sub-a/anat/sub-a_T2star.nii.gz"],
        "line": 3,
        "a key of tomorrow": [],
    }
    output = parse_output(text(row, codeMessages={"JSON_SCHEMA_VALIDATION_ERROR": "Invalid."}))
    assert output.schema_version == "1.2.7"
    assert output.code_messages == {"JSON_SCHEMA_VALIDATION_ERROR": "Invalid."}
    assert output.issues == (
        Issue(
            code="JSON_SCHEMA_VALIDATION_ERROR",
            severity=Severity.ERROR,
            sub_code="EchoTime",
            location="sub-a/anat/sub-a_T2star.json",
            message="must be number",
            rule="rules.sidecars.mri",
            affects=("sub-a/anat/sub-a_T2star.nii.gz",),
            line=3,
        ),
    )


def test_an_issue_without_a_place() -> None:
    [issue] = parse_output(text({"code": "X", "severity": "warning"})).issues
    assert issue == Issue("X", Severity.WARNING)


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "'output' is list"),
        ("{}", "'issues.issues' is missing"),
        ('{"issues": []}', "'issues' is list"),
        ('{"issues": {"issues": {}}}', "'issues' is dict"),
        ('{"issues": {"issues": [1]}}', "'issue' is int"),
        ('{"issues": {"issues": [{}]}}', "no 'code'"),
        (text({"code": 1}), "'code' is int"),
        (text({"code": "X", "severity": "fatal"}), "'fatal'"),
        (text({"code": "X", "affects": [1]}), "'affects' is int"),
        (text({"code": "X", "line": True}), "'line' is bool"),
        (text(codeMessages={"X": 1}), "'codeMessages' is int"),
    ],
)
def test_another_form_is_refused(broken: str, named: str) -> None:
    with pytest.raises(OutputError, match=named):
        parse_output(broken)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["issues", "code", "summary", "line"]), inner)
        ),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        output = parse_output(json.dumps(value))
    except OutputError:
        return
    assert all(issue.code for issue in output.issues)
