"""What the standard's cases leave open, and the functions that spinegate adds."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.language import Context, Expression
from spinegate.rules.language import extras as ex

AXIAL = [1, 0, 0, 0, 1, 0]


def tilted(degrees: float) -> list[float]:
    """An axial orientation, turned about the x axis."""
    turn = math.radians(degrees)
    return [1, 0, 0, 0, math.cos(turn), math.sin(turn)]


def header(x: float = 0, flip: bool = False, length: int = 10) -> dict[str, Any]:
    """A box of 10 mm cubes, moved along x; or the same box with its x axis stored backwards."""
    first = [-1, 0, 0, x + length - 1] if flip else [1, 0, 0, x]
    return {"shape": [length, 10, 10, 3], "affine": [first, [0, 1, 0, 0], [0, 0, 1, 0]]}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 < null", None),
        ("'1' < 2", None),
        ("'10:00' < '11:00'", True),
        ("null + 1", None),
        ("true + 1", None),
        ("'a' + 1", None),
        ("1 / 0", None),
        ("1 % 0", None),
        ("2 ** 3 ** 2", 512),
        ("10 ** -3", 0.001),
        ("9 ** 9 ** 9", None),
        ("-8 ** 0.5", None),
        ("'a' in 'abc'", None),
        ("'a' in ['a']", True),
        ("[1] in {}", False),
        ("1 in 2", None),
        ("[1, 2][-1]", None),
        ("[1, 2][1.0]", 2),
        ("[1, 2][true]", None),
        ("'abc'[9]", None),
        ("length(1)", None),
        ("length('abc')", 3),
        ("count(null, 1)", None),
        ("count(['a', 'b', 'a'], 'a')", 2),
        ("index('abc', 'b')", None),
        ("intersects('a', ['a', 'b'])", ["a"]),
        ("intersects([[1]], [[1], 2])", [[1]]),
        ("unique([[1], [1], 2])", [[1], 2]),
        ("allequal([1, 2], [1])", False),
        ("max(['10', '9', 'n/a'])", 10),
        ("min([])", None),
        ("match(1, '1')", None),
        ("sorted([3, 'b', 1])", [1, 3, "b"]),
        ("sorted(['10', '9'], 1)", None),
        ("sorted(['10', 'n/a', '9'], 'numeric')", ["9", "n/a", "10"]),
        ("substr('abc', -2, 2)", "ab"),
        ("type(1.5)", "number"),
        ("number('27')", 27),
        ("number('27.5')", 27.5),
        ("number('n/a')", None),
        ("number(true)", None),
        ("abs(-3)", 3),
        ("abs('x')", None),
        ("first(null, 0, 1)", 0),
        ("difference(['a', 'b', 'c'], ['b'])", ["a", "c"]),
        ("difference(null, [])", None),
        ("increasing([1, 1, 2])", True),
        ("increasing([2, 1])", False),
        ("increasing([1, 'a'])", None),
        ("increasing(3)", None),
        ("plain('Prisma_fit') == plain('Prisma-fit')", True),
        ("plain(1)", None),
        ("seconds('18:01:49.5')", 64909.5),
        ("seconds('2019-01-11T00:00:01') - seconds('2019-01-10T23:59:59')", 2.0),
        ("seconds('0000-99-99T00:00:00')", None),
        ("seconds('noon')", None),
        ("spread([1, 4, 2])", 3.0),
        ("spread([[1, 10], [2, 30]])", 20.0),
        ("spread([[1], [1, 2]])", None),
        ("spread(['a'])", None),
        ("spread([])", None),
        ("within(1, 'nothing that accepts')", None),
        ("same([1, 1])", True),
        ("same([1, 1.05])", False),
        ("same([1, 1.05], 0.1)", True),
        ("same([0.36, 0.35], 0.01)", True),
        ("same([0, 0.1, 0.2], 0.1)", False),
        ("same(['a', 'a'])", True),
        ("same(['a', 'b'])", False),
        ("same([[1, 2], [1, 2.05]], 0.1)", True),
        ("same([[1, 2], [1, 2.5]], 0.1)", False),
        ("same([[1, 2], [1]], 9)", False),
        ("same([1, null])", None),
        ("same([null, null])", None),
        ("same([])", True),
        ("same(null)", None),
        ("same('aa')", None),
        ("same([1, 'a'])", False),
    ],
)
def test_value(source: str, value: Any) -> None:
    found = Expression.of(source).evaluate(Context())
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("value", "word", "expected"),
    [
        ("EDR_GEMS_MT_GEMS_FILTERED_GEMS_PFF", "MT_GEMS", True),
        ("EDR_GEMS_FILTERED_GEMS_PFF", "MT_GEMS", False),
        ("MTC_SP", "MTC", True),
        ("MTC\\SP", "MTC", True),
        ("MTC_SP", "MT", False),
        ("PFP_SFS_CT", "CT", True),
        ("FC_SAT_GEMS", "CT", False),
        (["ORIGINAL", "NORM"], "NORM", True),
        (["ORIGINAL", "M_NORM"], "NORM", True),
        ([], "NORM", False),
        (None, "NORM", None),
        (3, "NORM", None),
        ("NORM", None, None),
        ("", "MT", False),
    ],
)
def test_contains(value: Any, word: Any, expected: bool | None) -> None:
    assert ex.contains(value, word) is expected


@pytest.mark.parametrize("degrees", [0.0, 0.001, 0.05, 10, 45, 89.9])
def test_angle_between_planes(degrees: float) -> None:
    assert ex.angle(AXIAL, tilted(degrees)) == pytest.approx(degrees, abs=1e-9)
    assert ex.angle(AXIAL, tilted(degrees + 180)) == pytest.approx(degrees, abs=1e-9)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_angle_is_symmetric(orientation: list[float]) -> None:
    assert ex.angle(AXIAL, orientation) == ex.angle(orientation, AXIAL)


@pytest.mark.parametrize("wrong", [None, [1, 2], [0] * 6, ["1"] * 6, "axial", [True] * 6])
def test_angle_of_no_orientation(wrong: Any) -> None:
    assert ex.angle(AXIAL, wrong) is None


def test_geometry_distance() -> None:
    assert ex.geometry_distance(header(), header()) == 0
    assert ex.geometry_distance(header(), header(flip=True)) == 0
    assert ex.geometry_distance(header(), header(x=2.5)) == pytest.approx(2.5)
    assert ex.geometry_distance(header(), header(length=12)) == pytest.approx(2)
    assert ex.geometry_distance(header(length=12), header()) == pytest.approx(2)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        {"shape": [1, 2, 3]},
        {"shape": [1, 2], "affine": header()["affine"]},
        {"shape": [1, 2, 3], "affine": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
        {"shape": [1, 2, 3], "affine": [[math.nan] * 4] * 3},
        {"shape": 3, "affine": 3},
    ],
)
def test_geometry_of_no_header(wrong: Any) -> None:
    assert ex.geometry_distance(header(), wrong) is None


def test_within_passes_on_what_the_parameter_says() -> None:
    class Even:
        def accepts(self, value: Any) -> bool:
            return bool(value % 2 == 0)

    assert ex.within(2, Even()) is True
    assert ex.within(3, Even()) is False
    assert ex.within(None, Even()) is None
    assert ex.within("text", Even()) is None
