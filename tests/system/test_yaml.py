"""YAML 1.2 scalars, lines, and what strangers write."""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system import yaml as ours
from spinegate.system.errors import ConfigError
from spinegate.system.yaml import parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("No", "No"), ("true", True), ("FALSE", False),
        ("~", None), ("", None), ("null", None), ("'null'", "null"), ('"12"', "12"),
        ("12", 12), ("-7", -7), ("+7", 7), ("012", 12), ("1e-3", 0.001), ("1.", 1.0),
        (".5", 0.5), ("-1.5E+2", -150.0), ("12:30", "12:30"), ("2020-01-01", "2020-01-01"),
        ("1_000", "1_000"), ("0x1F", "0x1F"), (".inf", ".inf"), ("<<", "<<"), ("=", "="),
        ("|\n  12\n", "12\n"), ("!!python/object:os.system x", "x"),
    ],
)  # fmt: skip
def test_scalars(text: str, value: Any) -> None:
    read = parse_yaml(text).value
    assert read == value
    assert type(read) is type(value)


def unresolved(text: str) -> bool:
    """Whether a text that PyYAML writes without quotes is text in YAML 1.2 too."""
    return text in ours._WORDS or not (ours._INT.match(text) or ours._FLOAT.match(text))


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
WORDS = PRINTABLE.filter(unresolved)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False).filter(math.isfinite)
    | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)


@given(PLAIN, st.booleans())
def test_reads_what_pyyaml_writes(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=1000)
    assert parse_yaml(text).value == value


@given(st.one_of(st.binary(), st.text("-: \n{}[]&*!|>'\"#%@,ab1\t")))
def test_any_bytes_give_a_value_or_an_error(content: bytes | str) -> None:
    with suppress(ConfigError):
        assert parse_yaml(content, "x.yaml").line() >= 1


@given(st.text("-: \n{}[]&*!|>'\"#,ab1"))
def test_accepts_what_pyyaml_accepts(text: str) -> None:
    """Its nodes are built by ourselves; the parser beneath is the same."""
    try:
        node = yaml.compose(text, Loader=ours._Loader)
    except (yaml.YAMLError, RecursionError):
        with pytest.raises(ConfigError):
            parse_yaml(text)
        return
    if node is None:
        assert parse_yaml(text).value is None


def test_lines_and_errors_name_file_line_and_key() -> None:
    document = parse_yaml("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n", "spec.yaml")
    assert document.value == {"a": 1, "b": ["x", {"c": 2, "d": 3}]}
    assert [document.line(*path) for path in (("a",), ("b",), ("b", 0), ("b", 1, "d"))] == [
        1, 2, 3, 5,
    ]  # fmt: skip
    assert document.line("b", 1, "missing", "deeper") == 4
    assert str(document.error("is wrong", "b", 1, "d")) == "spec.yaml:5: b.1.d: is wrong"
    assert str(document.error("is wrong")) == "spec.yaml:1: is wrong"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"x\.yaml:3: the key 'a' stands here twice"),
        ("a:\n  b: 1\n  'b': 2\n", r"x\.yaml:3: the key 'b'"),
        ("[a, b]: 1\n", r"x\.yaml:1: a key must be a word"),
        ("a: [1, 2\nb: 3\n", r"x\.yaml:2: not YAML"),
        ("a: 1\n---\nb: 2\n", r"x\.yaml:2: not YAML"),
        ("a: *missing\n", r"x\.yaml:1: not YAML"),
        ("a: &a [*a]\n", r"x\.yaml:1: nested too deep"),
        (b"a: \xff\xfe\n", r"x\.yaml: not YAML"),
        ("a: " + "9" * 5000, r"x\.yaml:1: a number that is too large"),
        ("a: 1e999", r"x\.yaml:1: a number that is too large"),
        ("[" * 102 + "]" * 102, "nested too deep"),
        ("[" * 300_000, "nested too deep"),
        ("- " * 300_000, "nested too deep"),
        ("? " * 300_000, "nested too deep"),
        ("{a: " * 300_000, "nested too deep"),
        ("a: b\x00c", "not YAML"),
    ],
)
def test_faults(text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_yaml(text, "x.yaml")


def test_aliases_of_aliases_are_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(ConfigError, match="too large"):
        parse_yaml("\n".join(lines))


def test_an_alias_is_its_value() -> None:
    assert parse_yaml("a: &x {b: 1}\nc: *x\n").value == {"a": {"b": 1}, "c": {"b": 1}}


def test_reading_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("é: 1\n", encoding="utf-8")
    assert read_yaml(path).value == {"é": 1}
    with pytest.raises(ConfigError, match=r"spec\.yaml: cannot be read: No such file"):
        read_yaml(tmp_path / "missing", "spec.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_yaml(tmp_path)
