"""Frames of reference and positions of the table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from spinegate.validator.checks.repositioning import FRAME, TABLE, check
from spinegate.validator.finding import Outcome
from tests.strategies import JSON_VALUES

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
T, F = "TablePosition", "FrameOfReferenceHash"


def outcomes(inspection: Any) -> dict[str, Any]:
    return {verdict.code: verdict for verdict in check(inspection)}


def test_the_smaller_part_is_what_lies_elsewhere(exam: Any) -> None:
    verdict = outcomes(exam({"*": {F: "one"}, "dwi": {F: "two"}, "T2star": {F: "two"}}))[FRAME]
    assert verdict.outcome is Outcome.NOT_MET
    assert verdict.observed == [["T1w", "MToff", "MTon", "GRE-T1w", "T2w"], ["T2star", "dwi"]] or (
        sorted(map(len, verdict.observed)) == [2, 5]
    )
    assert len(verdict.affects) == 6


def test_a_known_difference_counts_though_others_are_silent(exam: Any) -> None:
    verdict = outcomes(exam({"T1w": {F: "one"}, "dwi": {F: "two"}}))[FRAME]
    assert verdict.outcome is Outcome.NOT_MET
    verdict = outcomes(exam({"T1w": {F: "one"}, "dwi": {F: "one"}}))[FRAME]
    assert verdict.outcome is Outcome.NOT_DETERMINABLE


@pytest.mark.parametrize(
    ("contrast", "z", "outcome"),
    [
        ("MToff", -1200.9, Outcome.MET),
        ("MToff", -1202.0, Outcome.NOT_MET),
        ("T2w", -1245.0, Outcome.MET),
        ("T2w", -1255.0, Outcome.NOT_MET),
    ],
)
def test_the_table_stays_within_a_series(exam: Any, contrast: str, z: float, outcome: Any) -> None:
    verdict = outcomes(exam({"*": {T: [0, 0, -1200]}, contrast: {T: [0, 0, z]}}))[TABLE]
    assert verdict.outcome is outcome


def test_the_first_scan_in_time_is_what_the_rest_is_counted_from(exam: Any) -> None:
    sidecars = {
        "*": {T: [0, 0, 0], "AcquisitionTime": "10:00:00"},
        "T2w": {T: [0, 0, 90], "AcquisitionTime": "10:30:00"},
    }
    verdict = outcomes(exam(sidecars))[TABLE]
    assert "by 90 mm to T2w" in verdict.message


@LENIENT
@given(JSON_VALUES, JSON_VALUES)
def test_any_value_is_survived(exam: Any, one: Any, other: Any) -> None:
    for key in (T, F):
        assert set(outcomes(exam({"*": {key: one}, "MToff": {key: other}}))) == {TABLE, FRAME}
