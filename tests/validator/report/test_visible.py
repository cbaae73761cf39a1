from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.report.visible import columns, fit, visible

ANY = st.text(st.characters(codec=None, exclude_categories=[]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich 3 T ± 5 %", "Zürich 3 T ± 5 %"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b[2J\x07\x7f\x9b", r"\x1b[2J\x07\x7f\x9b"),
        ("a\u202eb\u200b\u2028", r"a\u202eb\u200b\u2028"),
        ("\udcff\ud800", r"\udcff\ud800"),
        ("a\xa0b", r"a\xa0b"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY)
def test_nothing_invisible_remains(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode("utf-8")


@given(ANY, st.sampled_from(["ascii", "latin-1", "cp1252", "cp437", "utf-8", "no such", None]))
def test_fit_can_be_written(text: str, encoding: str | None) -> None:
    fitted = fit(visible(text), encoding)
    fitted.encode("ascii" if encoding in {"no such", "ascii"} else encoding or "utf-8")


def test_signs_have_words_in_ascii() -> None:
    assert fit("120° ± 5 ° → …", "ascii") == "120 deg +- 5 deg -> ..."
    assert fit("é", "ascii") == r"\xe9"


def test_columns() -> None:
    assert columns("abc") == 3
    assert columns("e\u0301") == 1
    assert columns("頸髄") == 4
