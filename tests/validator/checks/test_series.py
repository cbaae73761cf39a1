"""What must be equal within a series: values of any type, words, metrics in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.protocol_specs.spec import Series, Spec
from spinegate.protocol_specs.tolerance import EXACT, Tolerance
from spinegate.validator.checks.series import CODES, check, code_of, same, text_of
from spinegate.validator.finding import Outcome
from spinegate.validator.verdict import Verdict
from tests.strategies import JSON_VALUES

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MT = ("MTon", "MToff", "GRE-T1w")


def failed(inspection: Any) -> list[Verdict]:
    return [verdict for verdict in check(inspection) if verdict.outcome is Outcome.NOT_MET]


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "alike"),
    [
        (5, 5.0, EXACT, True),
        (True, 1, EXACT, True),
        ("a", "b", EXACT, False),
        ([1, [2.0]], [1, [2.001]], Tolerance(relative=0.001), True),
        ([1, 2], [1, 2, 3], EXACT, False),
        ({"a": 1}, {"a": 1}, EXACT, True),
        ([1], "1", EXACT, False),
        (10**400, 10**400, EXACT, True),
    ],
)
def test_same(one: Any, other: Any, tolerance: Tolerance, alike: bool) -> None:
    assert same(one, other, tolerance) is alike


def test_each_key_of_the_protocol_has_a_code(spec: Spec) -> None:
    keys = {key for series in spec.series.values() for key in series.equal}
    assert set(CODES) <= keys
    assert {code_of(key) for key in keys - set(CODES)} == {"SERIES_PARAMETER_DIFFERS"}


def test_lists_are_written_with_commas_and_in_bounds() -> None:
    assert text_of([639, -7425.5, "x"]) == "[639, -7425.5, x]"
    assert len(text_of("x" * 10_000)) < 200


def test_a_difference_of_gre_t1w_leaves_mtr_alone(exam: Any) -> None:
    (verdict,) = failed(exam({"*": {"TxRefAmp": 280.0}, "GRE-T1w": {"TxRefAmp": 300.0}}))
    assert verdict.concerns == ("mtsat", "t1")
    (verdict,) = failed(exam({"*": {"TxRefAmp": 280.0}, "MTon": {"TxRefAmp": 300.0}}))
    assert verdict.concerns is None  # the rule's own: all three
    assert verdict.observed == {"MTon": 300.0, "MToff": 280.0, "GRE-T1w": 280.0}


def test_several_keys_of_one_code_are_one_finding(exam: Any) -> None:
    sidecars = {
        "*": {"Manufacturer": "Siemens", "OverallImageScaleFactor": 1, "FFTScaleFactor": [1, 2]},
        "MToff": {"OverallImageScaleFactor": 2, "FFTScaleFactor": [1, 3]},
    }
    (verdict,) = failed(exam(sidecars))
    assert (verdict.code, verdict.sub_code) == ("IMAGE_SCALE_DIFFERS", "MTS")
    assert set(verdict.observed) == {"OverallImageScaleFactor", "FFTScaleFactor"}
    assert "OverallImageScaleFactor differs" in verdict.message
    assert "MToff [1, 3]" in verdict.message


def test_the_larger_series_speaks_for_the_smaller(exam: Any) -> None:
    told = failed(exam({"*": {"EchoTime": 0.003}, "MToff": {"EchoTime": 0.004}}))
    assert [(verdict.code, verdict.contrast) for verdict in told] == [("ECHO_TIME_DIFFERS", "MTS")]


def test_every_outcome_is_counted_once_per_series_and_code(exam: Any) -> None:
    codes = [verdict.code for verdict in check(exam({}))]
    others = [code for code in codes if code != "SERIES_PARAMETER_DIFFERS"]
    assert len(others) == len(set(others))
    assert set(codes) >= {"SHIM_SETTING_DIFFERS", "REPETITION_TIME_DIFFERS", "ECHO_TIME_DIFFERS"}


@LENIENT
@given(
    st.lists(st.dictionaries(st.sampled_from(sorted(CODES)), JSON_VALUES), min_size=3, max_size=3)
)
def test_any_value_of_any_key_is_survived(exam: Any, values: list[dict[str, Any]]) -> None:
    sidecars = dict(zip(MT, values, strict=True))
    for maker in ("Siemens", "Philips", None):
        for verdict in check(exam({"*": {"Manufacturer": maker}, **sidecars})):
            assert verdict.outcome is not Outcome.NOT_MET or verdict.message.endswith(".")


@LENIENT
@given(
    st.lists(st.floats(1, 400), min_size=3, max_size=3),
    st.floats(0, 0.2),
    st.floats(0, 0.5),
)
def test_a_wider_tolerance_never_adds_a_finding(
    exam: Any, values: list[float], narrow: float, more: float
) -> None:
    inspection = exam({name: {"TxRefAmp": value} for name, value in zip(MT, values, strict=True)})

    def count(relative: float) -> int:
        series = Series("MTS", MT, {"TxRefAmp": Tolerance(relative=relative)})
        inspection.spec = replace(inspection.spec, series={"MTS": series})
        return len(failed(inspection))

    assert count(narrow + more) <= count(narrow)


@LENIENT
@given(st.permutations(range(7)), st.lists(st.integers(1, 2), min_size=3, max_size=3))
def test_the_order_of_files_does_not_matter(
    exam: Any, order: list[int], values: list[int]
) -> None:
    sidecars = {name: {"TxRefAmp": value} for name, value in zip(MT, values, strict=True)}
    assert list(check(exam(sidecars, order))) == list(check(exam(sidecars)))
