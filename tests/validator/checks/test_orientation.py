"""Slice normals and the angles between them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.validator.checks.orientation import angle, check, slice_normal
from spinegate.validator.finding import Outcome
from tests.strategies import JSON_VALUES

LENIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
KEY = "ImageOrientationPatientDICOM"


def tilted(degrees: float) -> list[float]:
    turn = math.radians(degrees)
    return [1, 0, 0, 0, math.cos(turn), math.sin(turn)]


def failed(inspection: Any) -> list[tuple[str, str]]:
    return [(v.code, v.location) for v in check(inspection) if v.outcome is Outcome.NOT_MET]


@pytest.mark.parametrize(
    "cosines",
    [None, "x", [], [1, 0, 0, 0, 1], [1, 0, 0, 1, 0, 0], [0] * 6, [1, 0, 0, 0, True, 0],
     [1, 0, 0, 0, math.nan, 0], [1e200, 0, 0, 0, 1e200, 0], {"0": 1}],
)  # fmt: skip
def test_what_is_no_orientation_has_no_normal(cosines: Any) -> None:
    assert slice_normal(cosines) is None


def test_the_normal_of_axial_slices_points_along_z() -> None:
    assert slice_normal([1, 0, 0, 0, 1, 0]) == (0, 0, 1)


@given(st.floats(0, 90), st.floats(0, 90))
def test_the_angle_is_the_difference_of_tilts(one: float, other: float) -> None:
    normals = [slice_normal(tilted(degrees)) for degrees in (one, other)]
    assert normals[0] is not None
    assert normals[1] is not None
    assert angle(normals[0], normals[1]) == pytest.approx(abs(one - other), abs=1e-5)


def test_slices_of_opposite_order_are_parallel() -> None:
    assert angle((0, 0, 1), (0, 0, -1)) == 0


@pytest.mark.parametrize(("tilt", "count"), [(0.04, 0), (0.06, 1), (-2.2, 1)])
def test_rounding_is_no_tilt(exam: Any, tilt: float, count: int) -> None:
    found = failed(exam({"*": {KEY: tilted(10)}, "MToff": {KEY: tilted(10 + tilt)}}))
    assert [code for code, _ in found] == ["SLICE_ORIENTATION_DIFFERS"] * count


@pytest.mark.parametrize(("tilt", "count"), [(2.9, 0), (3.1, 1)])
def test_a_jump_to_dwi(exam: Any, tilt: float, count: int) -> None:
    found = failed(exam({"*": {KEY: tilted(5)}, "T2star": {KEY: tilted(5 + tilt)}}))
    place = "sub-a01/anat/sub-a01_T2star.nii.gz"
    assert found == [("SESSION_ORIENTATION_JUMP", place)] * count


def test_a_known_tilt_is_told_though_another_scan_is_silent(exam: Any) -> None:
    found = failed(exam({"dwi": {KEY: tilted(0)}, "T2star": {KEY: tilted(9)}}))
    assert [code for code, _ in found] == ["SESSION_ORIENTATION_JUMP"]


@LENIENT
@given(JSON_VALUES, JSON_VALUES)
def test_any_value_is_survived(exam: Any, one: Any, other: Any) -> None:
    list(check(exam({"*": {KEY: one}, "MToff": {KEY: other}, "dwi": {KEY: other}})))


@LENIENT
@given(st.permutations(range(7)), st.floats(-4, 4))
def test_the_order_of_files_does_not_matter(exam: Any, order: list[int], tilt: float) -> None:
    sidecars = {"*": {KEY: tilted(0)}, "MToff": {KEY: tilted(tilt)}, "dwi": {KEY: tilted(tilt)}}
    assert list(check(exam(sidecars, order))) == list(check(exam(sidecars)))
