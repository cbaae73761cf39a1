"""TSV tables from strangers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator import table
from spinegate.validator.table import LIMIT, Table, parse_table

CELLS = st.text(st.characters(exclude_characters="\t\n\r\ufeff", exclude_categories=["Cs"]))
NAMES = CELLS.map(str.strip)


@given(st.data(), st.lists(NAMES, min_size=1, max_size=5, unique=True), st.booleans())
def test_round_trip(data: st.DataObject, columns: list[str], windows: bool) -> None:
    width = len(columns)
    rows = data.draw(st.lists(st.tuples(*[CELLS] * width), max_size=5))
    end = "\r\n" if windows else "\n"
    text = "".join("\t".join(cells) + end for cells in [tuple(columns), *rows])
    read = parse_table(text.encode())
    if text != end:
        assert read == Table(tuple(columns), tuple(rows))
        assert read.column(columns[0]) == [row[0].strip() for row in rows]
        assert [list(record) for record in read.records()] == [columns] * len(rows)


@given(st.one_of(st.binary(), st.text("ab\t\n\r \ufeff\x00é").map(str.encode)))
def test_any_bytes_give_a_rectangle(content: bytes) -> None:
    read = parse_table(content)
    assert all(len(row) == len(read.columns) for row in read.rows)
    assert len(read.rows) <= content.count(b"\n")
    for line, message in read.faults:
        assert 1 <= line <= content.count(b"\n") + 1
        assert message
    assert read.column("no such column") is None or "no such column" in read.columns
    read.records()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", (1, "the table is empty")),
        (b"a\tb\n1\n", (2, "1 cells where the header has 2 columns")),
        (b"a\tb\n1\t2\n\n3\t4\n", (3, "1 cells where the header has 2 columns")),
        (b"a\tb\n1\t2\t3\n", (2, "3 cells where the header has 2 columns")),
        (b"a\n\xe9\n", (2, "not UTF-8 at byte 2")),
        (b"a\ta\n1\t2\n", (1, "the column 'a' stands here 2 times")),
        (b"\t" * 10_000, (1, "more than 10,000 columns")),
    ],
)
def test_faults(content: bytes, fault: tuple[int, str]) -> None:
    assert parse_table(content).faults == (fault,)


def test_rows_that_do_not_fit_are_filled_and_cut() -> None:
    assert parse_table(b"a\tb\n1\n1\t2\t3\n").rows == (("1", ""), ("1", "2"))


def test_byte_order_mark_is_no_part_of_a_name() -> None:
    assert parse_table("\ufeffa\n1\n".encode()).columns == ("a",)


def test_faults_are_bounded() -> None:
    read = parse_table(b"\t".join([b"c"] * 2) + b"\n" + b"\n" * 1_000_000)
    assert len(read.faults) == len(read.rows) + 3
    assert "not read" in read.faults[-1][1]
    assert len(read.rows) < 1_001


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "LIMIT", 2**20)
    read = parse_table(b"a\n" * 2**20)
    assert read == Table((), (), ((1, "the table is larger than 1 MiB"),), whole=False)
    assert LIMIT == 64 * 2**20


def test_a_million_rows_share_their_cells() -> None:
    read = parse_table(b"participant_id\tsex\n" + b"sub-amu01\tmale\n" * 1_000_000)
    assert len(read.rows) == 1_000_000
    assert len({id(cell) for row in read.rows for cell in row}) == 2


def test_padded_names_are_kept_beside_the_stripped() -> None:
    read = parse_table(b"a \tb\r\n1\t2\r\n")
    assert (read.columns, read.padded, read.whole) == (("a", "b"), ("a",), True)


def test_what_was_not_read_to_the_end_is_not_whole() -> None:
    for content in (b"", b"\t" * 10_000, b"a\tb\n" + b"1\n" * 1_001):
        assert not parse_table(content).whole
