"""Times and numbers of an exam."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.validator.checks.order import check, clock, number
from spinegate.validator.finding import Outcome
from tests.strategies import JSON_VALUES

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ORDER = ("T1w", "T2w", "dwi", "MTon", "MToff", "GRE-T1w", "T2star")


def timed(minutes: list[float], numbers: list[int]) -> dict[str, dict[str, Any]]:
    return {
        contrast: {
            "AcquisitionTime": f"{int(m // 60) % 24:02d}:{int(m % 60):02d}:{m * 60 % 60:06.3f}",
            "SeriesNumber": count,
        }
        for contrast, m, count in zip(ORDER, minutes, numbers, strict=True)
    }


def found(inspection: Any) -> dict[str, str]:
    return {v.code: v.location for v in check(inspection) if v.outcome is Outcome.NOT_MET}


USUAL = [600.0, 606, 611, 615, 618, 621, 623]


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("14:04:28.88", 14 * 60 + 4 + 28.88 / 60),
        ("14:4:28.88", 14 * 60 + 4 + 28.88 / 60),
        ("2019-01-10T09:30:00.5", 570 + 0.5 / 60),
        ("093000.250000", 570 + 0.25 / 60),
        ("20190110093000", 570),
        ("T93:84:0.039", None),
        ("2019-01-10T93:84:0.039062", None),
        ("25:00:00", None),
        ("", None),
        (93000, None),
        (None, None),
        (["10:00:00"], None),
    ],
)
def test_clock(exam: Any, said: Any, minutes: float | None) -> None:
    scan = next(s for s in exam({"T1w": {"AcquisitionTime": said}}).raw if s.contrast == "T1w")
    assert clock(scan) == (None if minutes is None else pytest.approx(minutes))


@pytest.mark.parametrize(
    ("said", "count"),
    [(5, 5), (40005, 5), (40000, 40000), (501, 501), (-1, None), ("5", None), (True, None)],
)
def test_number(exam: Any, said: Any, count: int | None) -> None:
    scan = next(s for s in exam({"T1w": {"SeriesNumber": said}}).raw if s.contrast == "T1w")
    assert number(scan) == count


def test_a_usual_exam_is_met(exam: Any) -> None:
    assert found(exam(timed(USUAL, [2, 3, 4, 5, 6, 7, 8]))) == {}


def test_over_midnight(exam: Any) -> None:
    assert found(exam(timed([m + 830 for m in USUAL], [2, 3, 4, 5, 6, 7, 8]))) == {}


def test_a_second_exam_lies_at_its_first_scan(exam: Any) -> None:
    told = found(exam(timed(USUAL, [2, 3, 4, 5, 6, 2, 3])))
    assert told == {"SERIES_NUMBER_RESTARTS": "sub-a01/anat/sub-a01_flip-2_mt-off_MTS.nii.gz"}


def test_gaps(exam: Any) -> None:
    late = [600.0, 606, 611, 615, 636, 639, 670]
    told = found(exam(timed(late, [2, 3, 4, 5, 6, 7, 8])))
    assert set(told) == {"SERIES_LONG_GAP", "SESSION_LONG_GAP"}


def test_one_missing_time_makes_the_session_not_determinable(exam: Any) -> None:
    sidecars = timed(USUAL, [9, 3, 4, 5, 6, 7, 8])
    del sidecars["T2star"]["AcquisitionTime"]
    outcomes = {v.code: v.outcome for v in check(exam(sidecars))}
    assert outcomes["SERIES_NUMBER_RESTARTS"] is Outcome.NOT_DETERMINABLE
    assert outcomes["SERIES_LONG_GAP"] is Outcome.MET


@LENIENT
@given(st.lists(JSON_VALUES, min_size=4, max_size=4))
def test_any_value_is_survived(exam: Any, values: list[Any]) -> None:
    keys = ("AcquisitionTime", "AcquisitionDateTime", "SeriesNumber", "SeriesNumber")
    usual = timed(USUAL, [2, 3, 4, 5, 6, 7, 8])
    for key, value in zip(keys, values, strict=True):
        list(check(exam({**usual, "MTon": {**usual["MTon"], key: value}})))


@LENIENT
@given(
    st.permutations(range(7)),
    st.lists(st.floats(0, 1430), min_size=7, max_size=7, unique=True),
    st.lists(st.integers(0, 50), min_size=7, max_size=7),
)
def test_the_order_of_files_does_not_matter(
    exam: Any, order: list[int], minutes: list[float], numbers: list[int]
) -> None:
    sidecars = timed(minutes, numbers)
    assert list(check(exam(sidecars, order))) == list(check(exam(sidecars)))
