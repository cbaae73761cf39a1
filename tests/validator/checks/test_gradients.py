"""Gradient tables: shapes, norms, volumes, schemes."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.variant import Scheme
from spinegate.validator.checks.gradients import _compare as compare
from spinegate.validator.checks.gradients import check, distinct_directions
from spinegate.validator.dataset import load_dataset
from spinegate.validator.finding import Outcome, Scope
from spinegate.validator.inspection import Inspection
from spinegate.validator.tree import open_tree
from spinegate.validator.verdict import Verdict

SPEC = load_spec("spine-generic")
SCHEMES = (Scheme((800.0,), 30, 5), Scheme((800.0,), 60, 5))
PRISMA = '{"Manufacturer": "Siemens", "ManufacturersModelName": "Prisma"}'


def table(zeros: int, weighted: int, b: float = 800) -> tuple[str, str]:
    angles = [math.pi * i / weighted for i in range(weighted)]  # half a circle: all differ
    rows = ([math.cos(a) for a in angles], [math.sin(a) for a in angles], [0.0] * weighted)
    return (
        " ".join(["0"] * zeros + [f"{b:g}"] * weighted),
        "\n".join(" ".join(["0"] * zeros + [f"{x:.6f}" for x in row]) for row in rows),
    )


def write(folder: Path, label: str, bval: str | None, bvec: str | None) -> None:
    stem = folder / f"sub-{label}/dwi/sub-{label}_dwi"
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".nii.gz").write_bytes(b"")
    stem.with_suffix(".json").write_text(PRISMA)
    for suffix, text in ((".bval", bval), (".bvec", bvec)):
        if text is not None:
            stem.with_suffix(suffix).write_text(text)


def failed(folder: Path) -> list[Verdict]:
    inspection = Inspection(load_dataset(open_tree(folder), SPEC), SPEC)
    return [verdict for verdict in check(inspection) if verdict.outcome is Outcome.NOT_MET]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([0] * 5 + [800] * 30, ""),
        ([0] * 5 + [800] * 60, ""),
        ([5] * 5 + [799.6] * 30, ""),
        ([0] * 5 + [839] * 30, ""),
        ([0] * 5 + [850] * 30, "B_VALUE_OUT_OF_SCHEME"),
        ([0] * 5, "B_VALUE_OUT_OF_SCHEME"),
        ([0] * 5 + [800] * 29 + [1000], "B_VALUE_OUT_OF_SCHEME"),
        ([0] * 4 + [800] * 30, "DIRECTIONS_OUT_OF_SCHEME"),
        ([0] * 5 + [800] * 31, "DIRECTIONS_OUT_OF_SCHEME"),
    ],
)
def test_schemes(values: list[float], code: str) -> None:
    assert compare(tuple(values), SCHEMES)[0] == code


@given(
    st.lists(st.floats(0, 3000), max_size=8),
    st.floats(0.01, 0.2),
    st.floats(0, 0.5),
)
def test_a_wider_tolerance_never_adds_a_finding(
    values: list[float], narrow: float, more: float
) -> None:
    wide = compare(tuple(values), (Scheme((800.0,), 30, 5, narrow + more),))[0]
    tight = compare(tuple(values), (Scheme((800.0,), 30, 5, narrow),))[0]
    assert not (wide == "B_VALUE_OUT_OF_SCHEME" and tight != wide)


UNIT = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: math.hypot(*v) > 0.1)


@given(st.lists(UNIT, min_size=1, max_size=12), st.integers(1, 3))
def test_repeats_and_opposites_add_no_direction(
    vectors: list[tuple[float, float, float]], times: int
) -> None:
    def count(listed: list[tuple[float, ...]]) -> int:
        return distinct_directions((800.0,) * len(listed), tuple(zip(*listed, strict=True)))

    opposite = [tuple(-x for x in vector) for vector in vectors]
    assert 1 <= count([*vectors]) <= len(vectors)
    assert count([*vectors[:1], *opposite[:1]] * times) == 1
    assert count([(1, 0, 0), (0, 1, 0), (0, 0, 1)] * times) == 3


def test_two_shells_may_share_their_directions() -> None:
    rows = ((1.0, 0.0, 1.0, 0.0), (0.0, 1.0, 0.0, 1.0), (0.0,) * 4)
    assert distinct_directions((800.0, 800.0, 1500.0, 1500.0), rows) == 4
    assert distinct_directions((800.0, 800.0, 805.0, 795.0), rows) == 2
    assert distinct_directions((0.0, 0.0, 0.0, 0.0), rows) == 0


def test_one_wrong_site_is_one_finding(tmp_path: Path) -> None:
    for label in ("a01", "a02", "a03"):
        write(tmp_path, label, *table(5, 30, 750))
    write(tmp_path, "b01", *table(5, 30, 750))
    whole, alone = sorted(failed(tmp_path), key=lambda verdict: verdict.site)
    assert (whole.scope, whole.count, len(whole.affects)) == (Scope.SITE, 3, 2)
    assert (alone.scope, alone.count, alone.affects) == (None, 1, ())


def test_different_faults_of_one_site_stay_apart(tmp_path: Path) -> None:
    write(tmp_path, "a01", *table(5, 30, 750))
    write(tmp_path, "a02", *table(5, 30, 700))
    assert [verdict.location.partition("/")[0] for verdict in failed(tmp_path)] == [
        "sub-a01",
        "sub-a02",
    ]


def test_one_right_scan_keeps_the_wrong_ones_apart(tmp_path: Path) -> None:
    for label, b in (("a01", 750), ("a02", 750), ("a03", 800)):
        write(tmp_path, label, *table(5, 30, b))
    assert Counter(verdict.code for verdict in failed(tmp_path)) == {"B_VALUE_OUT_OF_SCHEME": 2}


TEXTS = st.one_of(
    st.none(),
    st.text("0123456789.-+einaf \n\t_x", max_size=40),
    st.sampled_from(["0 800\n", "0 1\n0 0\n0 0\n", "1e308 1e308\n", "0 1e308\n0 0\n0 0\n"]),
)


@settings(max_examples=60, deadline=None)
@given(bval=TEXTS, bvec=TEXTS)
def test_any_text_is_survived(tmp_path_factory: Any, bval: str | None, bvec: str | None) -> None:
    folder = tmp_path_factory.mktemp("dwi")
    write(folder, "a01", bval, bvec)
    for verdict in failed(folder):
        assert verdict.message.endswith(".")
