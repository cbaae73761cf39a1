"""What a parameter accepts, and how it says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.parameter import Parameter, Place
from spinegate.protocol_specs.tolerance import Side, Tolerance

FIVE = Tolerance(relative=0.05)
TR = Parameter("RepetitionTime", 1.5, FIVE, unit="s", source="P")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
PARAMETERS = [
    TR,
    Parameter("EchoTime", 0.0072, Tolerance(0.0007), values=(0.0021,)),
    Parameter("MagneticFieldStrength", minimum=2.89, maximum=3),
    Parameter("ImageType", contains="NORM"),
    Parameter("ImageType", lacks="NORM"),
    Parameter("MRAcquisitionType", "3D"),
    Parameter("MTState", True),
    Parameter("VoxelSize", (0.5, 0.5, 5), FIVE, where=Place.HEADER),
    Parameter("SequenceName", pattern=r"\*?spc.*"),
    Parameter("ShimMode", text="Standard", where=Place.CARD),
]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EchoTime", "ECHO_TIME_OUT_OF_TOLERANCE"),
        ("MTState", "MT_STATE_OUT_OF_TOLERANCE"),
        ("MRAcquisitionType", "MR_ACQUISITION_TYPE_OUT_OF_TOLERANCE"),
        ("AcquisitionMatrixPE", "ACQUISITION_MATRIX_PE_OUT_OF_TOLERANCE"),
        ("ImageScaleCorrectionFactor", "IMAGE_SCALE_CORRECTION_FACTOR_OUT_OF_TOLERANCE"),
    ],
)
def test_code_from_name(name: str, code: str) -> None:
    assert Parameter(name, 1).code == code


@pytest.mark.parametrize(
    ("observed", "accepted"),
    [
        (1.5, True),
        (1.53, True),
        (2, False),
        (None, None),
        ("1.5", None),
        ([1.5], None),
        (True, None),
        (float("nan"), None),
        ({}, None),
    ],
)
def test_a_number(observed: Any, accepted: bool | None) -> None:
    assert TR.accepts(observed) is accepted


def test_further_values_are_accepted_outright() -> None:
    first_echo = Parameter("EchoTime", 0.0072, Tolerance(0.0007), values=(0.0021,))
    assert first_echo.accepts(0.002678)
    assert first_echo.accepts(0.0071)
    assert first_echo.accepts(0.0045) is False
    assert first_echo.accepts("0.0022,0.0085,0.0148") is None


def test_limits_bind_as_well_as_the_tolerance() -> None:
    sar = Parameter("RepetitionTime", 0.035, Tolerance(0, 0.05, Side.AT_LEAST), maximum=0.05)
    assert [sar.accepts(t) for t in (0.03, 0.034, 0.036, 0.045, 0.0645023)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert sar.at_least == 0.035
    assert sar.at_most is None


@pytest.mark.parametrize(
    ("observed", "accepted"),
    [
        (["ORIGINAL", "PRIMARY", "M", "NORM"], True),
        (["ORIGINAL", "PRIMARY"], False),
        ("ORIGINAL\\PRIMARY\\NORM", True),
        ("ORIGINAL_PRIMARY_NORM", True),
        ("NORMAL", False),
        ([1, 2], None),
        (7, None),
    ],
)
def test_words_inside_text_or_list(observed: Any, accepted: bool | None) -> None:
    assert Parameter("ImageType", contains="NORM").accepts(observed) is accepted
    opposite = None if accepted is None else not accepted
    assert Parameter("ImageType", lacks="NORM").accepts(observed) is opposite


def test_a_pattern_fits_the_whole_word() -> None:
    spc = Parameter("SequenceName", pattern=r"\*?spc.*")
    assert spc.accepts("*spcR_76ns")
    assert spc.accepts("xspc") is False


def test_what_stands_on_the_card_is_never_judged() -> None:
    card = Parameter("ShimMode", "Standard", where=Place.CARD)
    assert card.accepts("Tune up") is None
    assert not card.is_checkable


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (TR, "1.5 s ± 5 %"),
        (Parameter("FlipAngle", 9, Tolerance(1), unit="degree"), "9 degree ± 1 degree"),
        (
            Parameter("RepetitionTime", 0.6, FIVE, values=(0.625,), unit="s"),
            "0.6 s or 0.625 s (each ± 5 %)",
        ),
        (
            Parameter("RepetitionTime", 0.035, Tolerance(side=Side.AT_LEAST), unit="s"),
            "at least 0.035 s",
        ),
        (
            Parameter("MagneticFieldStrength", minimum=2.89, maximum=3, unit="T"),
            "between 2.89 and 3 T",
        ),
        (Parameter("X", minimum=1), "not below 1"),
        (Parameter("X", maximum=1), "not above 1"),
        (Parameter("ImageType", contains="NORM"), "holds NORM"),
        (Parameter("ImageType", lacks="NORM"), "does not hold NORM"),
        (Parameter("VoxelSize", (0.5, 0.5, 5), unit="mm"), "0.5 x 0.5 x 5 mm"),
        (Parameter("X", pattern="a.*"), "matches a.*"),
        (Parameter("ShimMode", text="Standard"), "Standard"),
        (Parameter("X"), "not set by the protocol"),
    ],
)
def test_expected_text(parameter: Parameter, text: str) -> None:
    assert parameter.expected_text() == text


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: f"{p.name}-{p.expected_text()}")
def test_json_keeps_what_is_set(parameter: Parameter) -> None:
    data = json.loads(json.dumps(parameter.to_json()))
    assert data["name"] == parameter.name
    assert data["expected"] == parameter.expected_text()
    assert data.get("unit", "") == parameter.unit
    assert None not in data.values()


def test_json_of_a_two_sided_number() -> None:
    assert TR.to_json() == {
        "name": "RepetitionTime",
        "target": 1.5,
        "relative": 0.05,
        "unit": "s",
        "where": "sidecar",
        "source": "P",
        "expected": "1.5 s ± 5 %",
    }


def test_json_keeps_a_target_of_zero() -> None:
    assert Parameter("X", 0).to_json()["target"] == 0


def test_at_level_leaves_the_rest() -> None:
    assert TR.at_level("warning") == replace(TR, level="warning")


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: f"{p.name}-{p.expected_text()}")
@given(observed=JSON)
def test_any_json_gives_one_of_three_answers(parameter: Parameter, observed: Any) -> None:
    assert parameter.accepts(observed) in (True, False, None)


@given(
    st.floats(-1e3, 1e3),
    st.floats(0, 1e3),
    st.floats(0, 1e3),
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
)
def test_widening_everything_never_rejects_more(
    observed: float, width: float, more: float, low: float, high: float
) -> None:
    narrow = Parameter("X", 1.0, Tolerance(width), minimum=low, maximum=high)
    wide = Parameter("X", 1.0, Tolerance(width + more), minimum=low - more, maximum=high + more)
    assert wide.accepts(observed) or not narrow.accepts(observed)
