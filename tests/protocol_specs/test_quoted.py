"""Any text can be written into YAML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.quoted import quoted
from spinegate.system.yaml import parse_yaml


@given(st.text())
def test_any_text_is_read_again(word: str) -> None:
    value = parse_yaml(f"a: {quoted(word)}\n").value["a"]
    if all(c.isprintable() or c in "\n\t" for c in word):
        assert value == word
    else:
        assert len(value) == len(word)


def test_what_yaml_cannot_hold() -> None:
    assert quoted("a\x7f\ud800\x00b") == '"a???b"'
