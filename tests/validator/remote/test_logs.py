"""The git-annex branch's line formats: the newest line counts, nothing crashes."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.remote import logs

PARSERS: tuple[Callable[[bytes], object], ...] = (
    logs.parse_locations,
    logs.parse_urls,
    logs.parse_remotes,
    logs.parse_words,
    logs.parse_number,
    logs.parse_exports,
    logs.parse_chunks,
    logs.parse_versions,
)


@pytest.mark.parametrize(
    ("content", "present"),
    [
        (b"", ()),
        (b"1660771143.723888s 1 a\n1749581349s 1 b\n", ("a", "b")),
        (b"2s 0 a\n1s 1 a\n", ()),
        (b"1s 1 a\n2s 0 a\n", ()),
        (b"2s 1 a\n1s 0 a\n", ("a",)),
        (b"1.5s 1 a\n1.25s 0 a\n", ("a",)),
        (b"9.9s 0 a\n10s 1 a\n", ("a",)),
        (b"1s X a\n1s 1 b", ("b",)),
        (b"1 1 a\n", ("a",)),
        (b"1s 1\nnonsense\n\n1s 1 b\n", ("b",)),
    ],
)
def test_locations(content: bytes, present: tuple[str, ...]) -> None:
    assert logs.parse_locations(content) == present


LINES = st.lists(
    st.tuples(st.integers(0, 99), st.sampled_from("01X"), st.sampled_from("abc")),
    unique_by=lambda line: (line[0], line[2]),
)


@given(LINES, st.randoms())
def test_the_order_of_lines_says_nothing(
    lines: list[tuple[int, str, str]], order: random.Random
) -> None:
    text = [f"{time}s {status} {uuid}\n" for time, status, uuid in lines]
    newest = {uuid: status for _, status, uuid in sorted(lines)}
    expected = tuple(sorted(uuid for uuid, status in newest.items() if status == "1"))
    order.shuffle(text)
    assert logs.parse_locations("".join(text).encode()) == expected


def test_urls() -> None:
    content = b"1s 1 http://a/b c\n1s 1 http://gone\n2s 0 http://gone\n3s 1 :quvi:http://x\n"
    assert logs.parse_urls(content) == ("http://a/b c", ":quvi:http://x")


def test_remotes() -> None:
    content = (
        b"u1 type=S3 name=old bucket=b timestamp=1s\n"
        b"u1 bucket=b&32;c&38;d fileprefix=a=b/ name=new type=S3 timestamp=2s\n"
        b"u2 sameas-name=mirror sameas-uuid=u1 type=httpalso url=https://x timestamp=1.5s\n"
        b"u3 name=&99999999;&55296; timestamp=1s\n"
        b"u4\n"
    )
    found = logs.parse_remotes(content)
    assert found["u1"] == {
        "bucket": "b c&d",
        "fileprefix": "a=b/",
        "name": "new",
        "type": "S3",
    }
    assert found["u2"]["sameas-uuid"] == "u1"
    assert found["u3"] == {"name": "&99999999;\ufffd"}
    assert "u4" not in found


def test_words() -> None:
    content = b"u1 me@host:~/x y timestamp=2s\nu1 old timestamp=1s\nu2 X timestamp=1s\nu3\n"
    assert logs.parse_words(content) == {"u1": "me@host:~/x y", "u2": "X", "u3": ""}


def test_numbers() -> None:
    assert logs.parse_number(b"2s 3\n1s 2\nrubbish\n5s many\n") == 3
    assert logs.parse_number(b"") is None


def test_exports() -> None:
    content = b"1s me:store old\n3s me:store new other\n2s you:store yours\nbad\n1s a:b \n"
    assert logs.parse_exports(content) == {"store": "new"}


def test_chunks() -> None:
    content = b"1s u1:1024 5\n1s u2:10 0\n2s u3:4 1\n3s u3:4 0\n1s bad\n"
    assert logs.parse_chunks(content) == {"u1": 1024}


def test_versions() -> None:
    coded = base64.b64encode(b"v3#a b/c.nii.gz").decode()
    content = (
        f"1s u1:V +v1#a/b.nii.gz +v2#x\n2s u1:V -v2#x\n1s u2:V +!{coded} +plain\n1s u2:W +v9#no\n"
    )
    assert logs.parse_versions(content.encode()) == {
        "u1": ("v1#a/b.nii.gz",),
        "u2": ("v3#a b/c.nii.gz",),
    }


WORDS = st.sampled_from(["1s", "u:V", "+!x", "+a#b", "-", "u:1", "=", "timestamp=", "&55296;", ""])


@given(st.binary(max_size=200) | st.lists(WORDS).map(lambda words: " ".join(words).encode()))
def test_nothing_crashes(content: bytes) -> None:
    for parse in PARSERS:
        parse(content)
