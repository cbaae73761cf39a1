"""Edits change what they were asked to change, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.edit import EditError, edit_content, edit_json, edit_table
from spinegate.validator.operation import Edit, Remove, Set

SIDECAR = b"""{
\t"EchoTime": 0.00250,
\t"ImageType": [
\t\t"ORIGINAL",
\t\t1.50 ],
\t"Note": "Z\xc3\xbcrich",
\t"SliceTiming": [1.0, 2.00]
}
"""
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def lines_changed(before: bytes, after: bytes) -> list[bytes]:
    old = before.splitlines()
    return [line for line in after.splitlines() if line not in old]


def test_only_the_line_of_the_key_changes() -> None:
    after = edit_json(SIDECAR, [Set("x.json", "EchoTime", 0.003)])
    assert lines_changed(SIDECAR, after) == [b'\t"EchoTime": 0.003,']
    assert after.count(b"\n") == SIDECAR.count(b"\n")


def test_a_new_key_stands_last_and_as_the_others() -> None:
    after = edit_json(SIDECAR, [Set("x.json", "MTState", True), Set("x.json", "City", "Zürich")])
    assert lines_changed(SIDECAR, after) == [
        b'\t"SliceTiming": [1.0, 2.00],',
        b'\t"MTState": true,',
        '\t"City": "Zürich"'.encode(),
    ]


def test_a_list_over_several_lines_stays_so() -> None:
    after = edit_json(SIDECAR, [Set("x.json", "ImageType", ["A", "B"])])
    assert b'\t"ImageType": [\n\t\t"A",\n\t\t"B" ],\n' in after
    after = edit_json(SIDECAR, [Set("x.json", "ImageType", ["A", "B", "C"])])
    assert b'\t"ImageType": [\n\t\t"A",\n\t\t"B",\n\t\t"C"\n\t],\n' in after
    after = edit_json(SIDECAR, [Set("x.json", "SliceTiming", [1, 2])])
    assert b'\t"SliceTiming": [1, 2]\n}' in after


def test_only_what_differs_within_a_value_changes() -> None:
    before = b'{"A": [ {"x":1e0,\t"y" : ["p",  "q"]}, 2.50 ]}'
    after = edit_json(before, [Set("x.json", "A", [{"x": 1.0, "y": ["p", "r"]}, 2.5])])
    assert after == before.replace(b'"q"', b'"r"')
    after = edit_json(before, [Set("x.json", "A", [{"x": 1.0, "z": ["p", "q"]}, True])])
    assert after == b'{"A": [ {"x":1e0,\t"z" : ["p",  "q"]}, true ]}'


@pytest.mark.parametrize("key", ["EchoTime", "Note", "SliceTiming"])
def test_a_key_goes_with_its_line(key: str) -> None:
    after = edit_json(SIDECAR, [Remove("x.json", key)])
    wanted = {k: v for k, v in json.loads(SIDECAR).items() if k != key}
    assert list(json.loads(after).items()) == list(wanted.items())
    assert after.count(b"\n") == SIDECAR.count(b"\n") - 1


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (b"{}", Set("x.json", "A", 1), b'{\n  "A": 1\n}'),
        (b'{"A": 1}\r\n', Remove("x.json", "A"), b"{}\r\n"),
        (b'{"A":1,"B":2}', Set("x.json", "C", 3), b'{"A":1,"B":2,"C":3}'),
        (b'{"A":1,"B":2}', Remove("x.json", "A"), b'{"B":2}'),
        (
            b'{\r\n  "A": [\r\n    1\r\n  ]\r\n}\r\n',
            Set("x.json", "A", [2]),
            b'{\r\n  "A": [\r\n    2\r\n  ]\r\n}\r\n',
        ),
        (b'{"A": {"B": 1}, "B": 2}', Set("x.json", "B", 3), b'{"A": {"B": 1}, "B": 3}'),
        (b'{"A": "\\u00fc"}', Set("x.json", "B", "ü"), b'{"A": "\\u00fc", "B": "\\u00fc"}'),
    ],
)
def test_small_objects(before: bytes, edit: Edit, after: bytes) -> None:
    assert edit_json(before, [edit]) == after


@given(
    st.dictionaries(KEYS, VALUES, max_size=5), KEYS, VALUES,
    st.sampled_from([None, 0, 1, 4, "\t"]), st.booleans(),
)  # fmt: skip
def test_editing_is_what_editing_the_value_is(
    value: dict[str, Any], key: str, new: Any, indent: int | str | None, plain: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain).encode()
    after = edit_json(text, [Set("x.json", key, new)])
    assert list(json.loads(after).items()) == list({**value, key: new}.items())
    back = edit_json(after, [Remove("x.json", key)])
    assert json.loads(back) == {k: v for k, v in value.items() if k != key}
    if key not in value and value:
        assert back == text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[1]", "no JSON object"),
        (b"{", "no JSON object"),
        (b'{"A": 1} x', "no JSON object"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b'\xef\xbb\xbf{"A": 1}', "byte order mark"),
        (b'{"B": 1}', "no key 'A'"),
        (b'{"A": 1, "A": 2}', "twice"),
    ],
)
def test_what_cannot_be_edited(content: bytes, told: str) -> None:
    with pytest.raises(EditError, match=told):
        edit_json(content, [Remove("x.json", "A")])


@given(st.binary(max_size=60))
def test_no_bytes_crash_an_edit(content: bytes) -> None:
    for path, edit in (("x.json", Set("x.json", "A", 1)), ("x.tsv", Set("x.tsv", "A", "1", "2"))):
        try:
            edit_content(path, content, [edit])
        except EditError:
            continue


TABLE = b"participant_id\tage\tsex\r\nsub-a\t-\tM\r\nsub-b\t30\t-\r\nsub-c\t-\tF\r\n"


def test_cells_that_hold_a_text() -> None:
    after = edit_table(TABLE, [Set("p.tsv", "age", "n/a", "-")])
    assert after == TABLE.replace(b"a\t-\t", b"a\tn/a\t").replace(b"c\t-\t", b"c\tn/a\t")


def test_one_row() -> None:
    after = edit_table(TABLE, [Set("p.tsv", "age", 31, row="sub-b")])
    assert after == TABLE.replace(b"30", b"31")
    assert edit_table(TABLE, [Set("p.tsv", "sex", "O", "-", "sub-b")]).endswith(
        b"sub-b\t30\tO\r\nsub-c\t-\tF\r\n"
    )


def test_edits_see_the_table_as_it_was() -> None:
    edits = [
        Set("p.tsv", "participant_id", "sub-z", row="sub-a"),
        Set("p.tsv", "age", "20", row="sub-a"),
    ]
    assert b"sub-z\t20\tM" in edit_table(TABLE, edits)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (Set("p.tsv", "height", "1", "2"), "no column 'height'"),
        (Set("p.tsv", "age", "1"), "which cells"),
        (Set("p.tsv", "age", "1", "2"), "no '2' in column 'age'"),
        (Set("p.tsv", "age", "1", row="sub-x"), "no row 'sub-x'"),
        (Set("p.tsv", "age", "1\t2", "-"), "tabs"),
        (Set("p.tsv", "age", [1], "-"), "text or a number"),
        (Set("p.tsv", "age", True, "-"), "text or a number"),
        (Remove("p.tsv", "age"), "a table"),
    ],
)
def test_edits_that_a_table_refuses(edit: Edit, told: str) -> None:
    with pytest.raises(EditError, match=told):
        edit_table(TABLE, [edit])


def test_two_values_for_a_cell() -> None:
    edits = [Set("p.tsv", "age", "1", "-"), Set("p.tsv", "age", "2", row="sub-a")]
    with pytest.raises(EditError, match="two values"):
        edit_table(TABLE, edits)


def test_tables_that_are_broken() -> None:
    for content in (b"", b"\xff\tage\n"):
        with pytest.raises(EditError, match="can't be read"):
            edit_table(content, [Set("p.tsv", "age", "1", "2")])
    twice = b"a\ta\n1\t2\n"
    with pytest.raises(EditError, match="more than one column"):
        edit_table(twice, [Set("p.tsv", "a", "1", "2")])
    with pytest.raises(EditError, match="2 rows 'x'"):
        edit_table(b"a\tb\nx\t1\nx\t2\n", [Set("p.tsv", "b", "1", row="x")])


def test_other_files_are_not_edited() -> None:
    with pytest.raises(EditError, match=r"only \.json, \.tsv and"):
        edit_content("a.txt", b"{}", [Set("a.txt", "A", 1)])
    with pytest.raises(EditError, match="for tables"):
        edit_content("a.json", b"{}", [Set("a.json", "A", 1, "x")])
