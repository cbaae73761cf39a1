"""Consequences are dropped with their cause, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.loader import load_rules
from spinegate.validator.absorb import absorb
from spinegate.validator.finding import Finding, Origin, Scope, Severity, Status

RULES = load_rules()
IMAGE = "sub-a01/anat/sub-a01_T1w.nii.gz"
SIDECAR = "sub-a01/anat/sub-a01_T1w.json"
MASK = "derivatives/labels/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz"


def finding(code: str, location: str, *affects: str, **fields: object) -> Finding:
    made = Finding(
        code,
        Severity.ERROR,
        location,
        "A sentence.",
        Origin("spinegate", "0"),
        Scope.FILE,
        affects=affects,
        status=Status.NEW,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


LOST = finding("CONTRAST_LOST", IMAGE, SIDECAR, MASK, contrast="T1w", scope=Scope.SCAN)


@pytest.mark.parametrize(
    "consequence",
    [
        finding("SIDECAR_WITHOUT_IMAGE", SIDECAR),
        finding("DERIVATIVE_WITHOUT_SOURCE", MASK, SIDECAR),
        finding("CONTRAST_MISSING", "sub-a01", contrast="T1w", scope=Scope.SUBJECT),
    ],
)
def test_consequences_go(consequence: Finding) -> None:
    assert absorb([consequence, LOST], RULES) == [LOST]


@pytest.mark.parametrize(
    "other",
    [
        finding("SIDECAR_WITHOUT_IMAGE", SIDECAR, status=Status.OLD),
        finding("SIDECAR_WITHOUT_IMAGE", "sub-a01/anat/sub-a01_T2w.json"),
        finding("SIDECAR_WITHOUT_IMAGE", SIDECAR, "sub-a01/anat/sub-a01_T2w.json"),
        finding("SIDECAR_KEY_MISSING", SIDECAR),
        finding("CONTRAST_MISSING", "sub-a01", contrast="T2w", scope=Scope.SUBJECT),
        finding("CONTRAST_MISSING", "sub-a011", contrast="T1w", scope=Scope.SUBJECT),
        finding("CONTRAST_LOST", SIDECAR),
    ],
)
def test_what_is_something_else_stays(other: Finding) -> None:
    assert absorb([other, LOST], RULES) == [other, LOST]


def test_a_participant_who_is_gone_explains_all_contrasts_and_the_row() -> None:
    gone = finding("PARTICIPANT_REMOVED", "sub-a01", IMAGE, scope=Scope.SUBJECT)
    row = finding(
        "PARTICIPANT_WITHOUT_FOLDER", "participants.tsv", sub_code="sub-a01", scope=Scope.SUBJECT
    )
    other = replace(row, sub_code="sub-a02")
    missing = finding("CONTRAST_MISSING", "sub-a01", contrast="T2w", scope=Scope.SUBJECT)
    assert absorb([row, other, missing, gone], RULES) == [other, gone]


def test_a_waived_cause_takes_its_consequences_along() -> None:
    waived = replace(LOST, severity=Severity.IGNORE)
    assert absorb([waived, finding("SIDECAR_WITHOUT_IMAGE", SIDECAR)], RULES) == [waived]


FINDINGS = st.builds(
    finding,
    st.sampled_from(
        ["CONTRAST_LOST", "PARTICIPANT_REMOVED", "SIDECAR_WITHOUT_IMAGE", "CONTRAST_MISSING", "X"]
    ),
    st.one_of(st.sampled_from([IMAGE, SIDECAR, MASK, "sub-a01", ".", ""]), st.text(max_size=9)),
    scope=st.sampled_from(Scope),
    contrast=st.sampled_from(["", "T1w"]),
    status=st.sampled_from([None, *Status]),
    sub_code=st.text(max_size=9),
)


@given(st.lists(FINDINGS, max_size=6))
def test_it_only_ever_drops_new_consequences(findings: list[Finding]) -> None:
    kept = absorb(findings, RULES)
    dropped = [each for each in findings if each not in kept]
    assert [each for each in findings if each in kept] == kept
    assert all(each.status is Status.NEW for each in dropped)
    consequences = {"SIDECAR_WITHOUT_IMAGE", "CONTRAST_MISSING"}
    assert {each.code for each in dropped} <= consequences
    assert absorb(kept, RULES) == kept
