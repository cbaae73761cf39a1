"""participants.tsv is merged row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.merge.rows import Merged, People, merge_people, read_people

HEAD = "participant_id\tage\tsex"


def table(*lines: str, end: str = "\n") -> bytes:
    return (end.join([HEAD, *lines]) + end).encode()


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    return merge_people(*map(read_people, (base, ours, theirs)))


ONE, TWO, THREE = "sub-a01\t28\tM", "sub-b01\t30\tF", "sub-c01\t31\tF"


def test_rows_that_both_sides_append_stand_in_order() -> None:
    found = merge(table(ONE), table(ONE, THREE), table(ONE, TWO))
    assert found.content == table(ONE, TWO, THREE)
    assert (found.added, found.conflicts) == (("sub-b01",), ())


def test_where_there_is_no_order_rows_come_last() -> None:
    found = merge(table(TWO, ONE), table(TWO, ONE), table(TWO, ONE, THREE, "sub-A00\t1\tM"))
    assert found.content == table(TWO, ONE, THREE, "sub-A00\t1\tM")


def test_lines_of_the_dataset_stay_as_they_are() -> None:
    ours = f"{HEAD}\r\n{ONE}  \r\n{TWO}".encode()
    found = merge_people(People((), {}, {}), read_people(ours), read_people(table(THREE)))
    assert found.content == f"{HEAD}\r\n{ONE}  \r\n{TWO}\r\n{THREE}\r\n".encode()


def test_cells_that_one_side_changed() -> None:
    ours, theirs = table("sub-a01\t29\tM"), table("sub-a01\t28\tF")
    found = merge(table(ONE), ours, theirs)
    assert found.content == table("sub-a01\t29\tF")
    assert found.changed == ("sub-a01",)


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (table(ONE), table("sub-a01\t29\tM"), table("sub-a01\t30\tM")),
        (table(), table(ONE), table("sub-a01\t99\tM")),
        (table(ONE), table(), table("sub-a01\t30\tM")),
        (table(ONE), table("sub-a01\t30\tM"), table()),
        (table(ONE), table(ONE), table(ONE, TWO, TWO)),
        (table(ONE), table(ONE), table(ONE, "sub-b01\t30")),
        (table(ONE), table(ONE), b"age\n3\n"),
        (table(ONE), table(ONE), b""),
        (table(ONE), table(ONE), b"participant_id\tage\nsub-a01\t28\n"),
        (table(ONE), table(ONE), b"participant_id\tage\tsex\tx\nsub-a01\t28\tM\t1\n"),
    ],
    ids=["cells", "same name", "gone here", "gone there", "twice", "short", "no names", "empty",
         "column gone", "column new"],
)  # fmt: skip
def test_what_a_person_must_decide(base: bytes, ours: bytes, theirs: bytes) -> None:
    found = merge(base, ours, theirs)
    assert found.conflicts
    assert found.content == b""


def test_a_row_that_one_side_took_out() -> None:
    found = merge(table(ONE, TWO), table(ONE, TWO), table(TWO))
    assert (found.content, found.removed) == (table(TWO), ("sub-a01",))
    assert merge(table(ONE, TWO), table(TWO), table(ONE, TWO)).content == table(TWO)


names = st.integers(0, 30).map(lambda number: f"sub-x{number:02d}")
rows = st.dictionaries(names, st.sampled_from(["1", "2", "n/a"]), max_size=8)


def written(ages: dict[str, str]) -> bytes:
    return table(*(f"{name}\t{ages[name]}\tM" for name in sorted(ages)))


@given(base=rows, ours=rows, theirs=rows)
def test_nobody_is_lost_and_sides_can_be_exchanged(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]
) -> None:
    ours, theirs = base | ours, base | theirs
    one, other = (
        merge(*map(written, (base, ours, theirs))),
        merge(*map(written, (base, theirs, ours))),
    )
    assert bool(one.conflicts) == bool(other.conflicts)
    if not one.conflicts:
        assert one.content == other.content
        assert set(read_people(one.content).rows) == {*ours, *theirs}


@given(content=st.binary(max_size=200), ours=rows)
def test_any_bytes_are_read(content: bytes, ours: dict[str, str]) -> None:
    found = merge_people(People((), {}, {}), read_people(written(ours)), read_people(content))
    assert found.conflicts or set(read_people(found.content).rows) >= set(ours)
