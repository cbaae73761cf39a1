"""bval and bvec files from strangers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.gradients import LIMIT, Gradients, parse_gradients

NUMBERS = st.floats(-1e4, 1e4)


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.tuples(*[NUMBERS] * n), min_size=1)))
def test_round_trip(rows: list[tuple[float, ...]]) -> None:
    text = "\n".join("  ".join(map(repr, row)) + " " for row in rows)
    read = parse_gradients("x.bvec", text.encode())
    assert read == Gradients("x.bvec", tuple(rows))
    context = read.to_context()
    assert (context["n_rows"], context["n_cols"]) == (len(rows), len(rows[0]))
    assert context["values"] == list(rows[0])


@given(st.one_of(st.binary(), st.text("0123.eE+-_ \t\r\nnaif").map(str.encode)))
def test_any_bytes_give_finite_rows_or_a_fault(content: bytes) -> None:
    read = parse_gradients("x.bval", content)
    assert bool(read.fault) != bool(read.rows)
    assert len({len(row) for row in read.rows}) <= 1
    assert all(math.isfinite(number) for row in read.rows for number in row)
    assert (read.to_context()["rows"] is None) == bool(read.fault)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "empty"),
        (b" \n\r\n", "empty"),
        (b"0 800 nan", "not rows of numbers"),
        (b"0 1e999", "not rows of numbers"),
        (b"0 8_00", "not rows of numbers"),
        (b"0,800", "not rows of numbers (could not convert string to float: '0,800')"),
        (b"1 2\n1 2 3\n", "rows of different lengths (2, 3)"),
        (b"0 " * LIMIT, "larger than 1024 KiB"),
    ],
)
def test_faults(content: bytes, fault: str) -> None:
    assert parse_gradients("x.bval", content).fault == fault
