"""Sidecars from strangers."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spinegate.validator.sidecar import LIMIT, Sidecar, parse_sidecar

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False)
    .filter(math.isfinite) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def codes(content: bytes | str) -> list[str]:
    raw = content.encode() if isinstance(content, str) else content
    return [fault.code for fault in parse_sidecar(raw).faults]


@given(st.dictionaries(WORDS, VALUES), st.booleans(), st.sampled_from([None, 2]))
def test_every_object_is_read_as_it_is(
    value: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert parse_sidecar(text.encode()) == Sidecar(value)


JSON_LIKE = st.text('{}[]":,\\u0123dDeE.+- \n\tnulltrefasNI\ufeff', max_size=80).map(str.encode)


@given(st.one_of(st.binary(max_size=200), JSON_LIKE))
@example(b"")
@example(b"\x00")
@example(b'{"a": 1e999}')
@example(b'"\\')
def test_any_bytes_give_a_value_or_a_fault(content: bytes) -> None:
    sidecar = parse_sidecar(content)
    assert sidecar.value or sidecar.faults or json.loads(content) == {}
    json.dumps(sidecar.value, allow_nan=False, ensure_ascii=False).encode()
    for fault in sidecar.faults:
        assert fault.code.startswith("SIDECAR_")
        fault.message.encode()
        assert fault.line is None or 1 <= fault.line <= content.count(b"\n") + 1


@pytest.mark.parametrize(
    ("content", "code", "message", "line"),
    [
        (b"", "SIDECAR_NOT_JSON", "it is empty (column 1)", 1),
        (b" \n ", "SIDECAR_NOT_JSON", "it is empty (column 1)", 1),
        (b'{"a": 1,\n}', "SIDECAR_NOT_JSON", "a comma before the closing bracket (column 8)", 1),
        (b'{"a": [1, ]}', "SIDECAR_NOT_JSON", "a comma before the closing bracket (column 9)", 1),
        (b'{"a": 1}\n{"b": 2}', "SIDECAR_NOT_JSON", "after the end (column 1)", 2),
        (b'{"a": "x\ty"}', "SIDECAR_NOT_JSON", "control character inside a text (column 9)", 1),
        (b'{"a": "\\x"}', "SIDECAR_NOT_JSON", "a backslash inside a text that", 1),
        (b'{"a": "\\u1"}', "SIDECAR_NOT_JSON", "a backslash inside a text that", 1),
        (b"{'a': 1}", "SIDECAR_NOT_JSON", "a key in double quotes is missing (column 2)", 1),
        (b'{"a" 1}', "SIDECAR_NOT_JSON", "a colon is missing after the key (column 6)", 1),
        (b'{"a": }', "SIDECAR_NOT_JSON", "a value is missing (column 7)", 1),
        (b'{"a": 1\n"b": 2}', "SIDECAR_NOT_JSON", "a comma or a closing bracket", 2),
        (b'{"a": 1\n', "SIDECAR_NOT_JSON", "it ends too early (column 8)", 1),
        (b'{"a": "b\n', "SIDECAR_NOT_JSON", "", 1),
        (b'{"a": "b', "SIDECAR_NOT_JSON", "a text without its closing quote (column 7)", 1),
        (b'{"a": ' + b"9" * 5000 + b"}", "SIDECAR_NOT_JSON", "thousands of digits", None),
        (b'{"a":\n "\xe9"}', "SIDECAR_NOT_UTF8", "not UTF-8 at byte 8", 2),
        ('{"a": 1}'.encode("utf-16"), "SIDECAR_NOT_UTF8", "UTF-16", 1),
        (b"[1]", "SIDECAR_NOT_OBJECT", "holds a list", 1),
        (b"null", "SIDECAR_NOT_OBJECT", "holds a null", 1),
        (b'"text"', "SIDECAR_NOT_OBJECT", "holds a str", 1),
        (b"[" * 10_000 + b"]" * 10_000, "SIDECAR_TOO_DEEP", "more than 100 deep", None),
        (b'{"a":' * 10_000, "SIDECAR_TOO_DEEP", "more than 100 deep", None),
        (b"[" * 101, "SIDECAR_TOO_DEEP", "more than 100 deep", None),
        (b" " * (LIMIT + 1), "SIDECAR_TOO_LARGE", "larger than 4 MiB", None),
    ],
)
def test_broken(content: bytes, code: str, message: str, line: int | None) -> None:
    sidecar = parse_sidecar(content)
    assert sidecar.value == {}
    (fault,) = sidecar.faults
    assert (fault.code, fault.line) == (code, line)
    assert message in fault.message


@pytest.mark.parametrize(
    ("text", "value", "code", "message", "line"),
    [
        ('{"a": NaN}', {"a": None}, "SIDECAR_NOT_A_NUMBER", "NaN is not allowed", None),
        ('{"a": [-Infinity]}', {"a": [None]}, "SIDECAR_NOT_A_NUMBER", "-Infinity", None),
        ('{"a": 1e999}', {"a": None}, "SIDECAR_NOT_A_NUMBER", "1e999 is too large", None),
        ('{"a": 1,\n"a": 2}', {"a": 2}, "SIDECAR_DUPLICATE_KEY", "the key 'a'", 2),
        ('{"b": {"a": 1,\n"a": 2}}', {"b": {"a": 2}}, "SIDECAR_DUPLICATE_KEY", "'a'", 2),
        ('{"b": {"a": 1}, "a": 1,\n"a": 2}', {"b": {"a": 1}, "a": 2}, "SIDECAR_DUPLICATE_KEY",
         "'a'", None),
        ('\ufeff{"a": 1}', {"a": 1}, "SIDECAR_NOT_UTF8", "byte order mark", 1),
        ('{"a": "x\\ud800y"}', {"a": "x\ufffdy"}, "SIDECAR_NOT_UTF8", "surrogate", None),
        ('{"\\uD800": [1]}', {"\ufffd": [1]}, "SIDECAR_NOT_UTF8", "surrogate", None),
    ],
)  # fmt: skip
def test_read_with_a_fault(
    text: str, value: dict[str, Any], code: str, message: str, line: int | None
) -> None:
    sidecar = parse_sidecar(text.encode())
    assert sidecar.value == value
    (fault,) = sidecar.faults
    assert (fault.code, fault.line) == (code, line)
    assert message in fault.message


def test_faults_of_one_file_do_not_show_in_the_next() -> None:
    assert codes('{"a": NaN, "a": NaN, "b": NaN') == ["SIDECAR_NOT_JSON"]
    assert codes('{"a": 1}') == []
    assert codes('{"a": NaN, "b": NaN}') == ["SIDECAR_NOT_A_NUMBER"]


def test_brackets_in_text_are_not_depth() -> None:
    text = json.dumps({"a": '[{\\"' * 500, "b": [[]] * 500})
    assert codes(text) == []
    assert parse_sidecar(text.encode()).value["a"] == '[{\\"' * 500


def test_pair_of_surrogates_is_a_character() -> None:
    sidecar = parse_sidecar(b'{"a": "\\ud83d\\ude00"}')
    assert sidecar == Sidecar({"a": "\U0001f600"})


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"\\", b"[]", b"{", b'"[', b"1e9,"])
def test_large_nonsense_takes_no_time_and_no_stack(piece: bytes) -> None:
    assert codes(b'{"a": ' + piece * (LIMIT // len(piece) - 10))
