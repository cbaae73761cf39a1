"""What sidecars tell of the MT pulse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from spinegate.validator.checks.swap import check, has_pulse
from spinegate.validator.finding import Outcome
from tests.strategies import JSON_VALUES

LENIENT = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MET, NOT, BLIND = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_DETERMINABLE


def outcome(exam: Any, on: dict[str, Any], off: dict[str, Any]) -> Outcome:
    (verdict,) = check(exam({"MTon": on, "MToff": off}))
    found: Outcome = verdict.outcome
    return found


@pytest.mark.parametrize(
    ("sidecar", "pulse"),
    [
        ({"Manufacturer": "Siemens", "SequenceVariant": "MTC_SP"}, True),
        ({"Manufacturer": "Siemens", "SequenceVariant": "MTC\\SP"}, True),
        ({"Manufacturer": "Siemens", "SequenceVariant": ["MTC", "SP"]}, True),
        ({"Manufacturer": "Siemens", "SequenceVariant": "SP"}, False),
        ({"Manufacturer": "Siemens", "SequenceVariant": "SK"}, None),
        ({"Manufacturer": "Siemens"}, None),
        ({"ScanOptions": "MT"}, True),
        ({"Manufacturer": "GE", "ScanOptions": "FILTERED_GEMS_MT_GEMS_PFF"}, True),
        ({"Manufacturer": "GE MEDICAL SYSTEMS", "ScanOptions": "FILTERED_GEMS"}, False),
        ({"Manufacturer": "Philips", "ScanOptions": "FS_OTHER", "SequenceVariant": "SK"}, None),
        ({"ScanOptions": "SMTX"}, None),
    ],
)
def test_has_pulse(exam: Any, sidecar: dict[str, Any], pulse: bool | None) -> None:
    scans = {scan.contrast: scan for scan in exam({"MTon": sidecar}).raw}
    assert has_pulse(scans["MTon"]) is pulse


@pytest.mark.parametrize(
    ("on", "off", "expected"),
    [
        ({"MTState": True}, {"MTState": False}, MET),
        ({"MTState": False}, {"MTState": True}, NOT),
        ({"MTState": True}, {"MTState": True}, NOT),
        ({"MTState": False}, {"MTState": False}, NOT),
        ({}, {"MTState": True}, NOT),
        ({"MTState": True}, {}, BLIND),
        ({"MTState": 1}, {"MTState": 0}, MET),
        ({"SAR": 0.98}, {"SAR": 0.01}, MET),
        ({"SAR": 4.05}, {"SAR": 0.01}, MET),
        ({"SAR": 0.01}, {"SAR": 0.98}, NOT),
        ({"SAR": 2.3}, {"SAR": 2.3}, BLIND),
        ({"SAR": 2.3}, {"SAR": 0}, BLIND),
        ({"SAR": "high"}, {"SAR": 0.1}, BLIND),
    ],
)
def test_evidence(exam: Any, on: dict[str, Any], off: dict[str, Any], expected: Outcome) -> None:
    assert outcome(exam, on, off) is expected


def test_a_contradiction_is_told_with_both_sides(exam: Any) -> None:
    on = {"MTState": False, "SAR": 0.98}
    (verdict,) = check(exam({"MTon": on, "MToff": {"MTState": True, "SAR": 0.01}}))
    assert "MTState is true in MToff" in verdict.message
    assert "but the SAR of MTon is 98 times" in verdict.message


@LENIENT
@given(JSON_VALUES, JSON_VALUES)
def test_any_value_is_survived(exam: Any, one: Any, other: Any) -> None:
    for key in ("MTState", "SAR", "ScanOptions", "SequenceVariant", "Manufacturer"):
        on, off = {"Manufacturer": "Siemens", key: one}, {"Manufacturer": "Siemens", key: other}
        assert outcome(exam, on, off) in (MET, NOT, BLIND)
