from __future__ import annotations

import pytest

from spinegate.rules.language.nodes import Binary, Field, Item, Literal, Name, Not
from spinegate.rules.language.parser import MAX_CHARACTERS, MAX_DEPTH, MAX_TOKENS, parse
from spinegate.system.errors import ConfigError


def test_columns_are_kept() -> None:
    assert parse("  sidecar.EchoTime") == Field(Name("sidecar", 3), "EchoTime", 11)


def test_a_field_can_be_written_as_an_index() -> None:
    node = parse('sidecar["EchoTime"]')
    assert isinstance(node, Field)
    assert node.name == "EchoTime"
    assert isinstance(parse("sidecar.EchoTime[0]"), Item)


def test_a_sign_belongs_to_a_number_only() -> None:
    assert parse("1 -2") == Binary("-", Literal(1), Literal(2))
    assert parse("1 - -2") == Binary("-", Literal(1), Literal(-2))
    with pytest.raises(ConfigError, match="a value is missing"):
        parse("-x")


def test_not_binds_looser_than_a_comparison() -> None:
    assert parse("!1 == 2") == Not(Binary("==", Literal(1), Literal(2)))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (r'"a\"b"', 'a"b'),
        (r"'it\'s'", "it's"),
        (r'"\.nii"', r"\.nii"),
        (r'"\\.nii"', r"\.nii"),
        ('"é\t"', "é\t"),
        ("1e-3", 0.001),
        ("12", 12),
    ],
)
def test_literals(source: str, value: object) -> None:
    assert parse(source) == Literal(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "a value is missing before 'the end'"),
        ("1 +", r"a value is missing before 'the end' \(column 4\)"),
        ("(1", r"'\)' is missing before 'the end'"),
        ("[1, ]", r"a value is missing before '\]'"),
        ("1 2", "an operator or the end is missing before '2'"),
        ("a.1", "the name of a field is missing"),
        ("a.b(1)", "only a function can be called"),
        ("a ? b", r"cannot be read from column 3: '\? b'"),
        ("'open", r"cannot be read from column 1"),
        ("a = 1", "cannot be read from column 3"),
        ("a == !b", r"a value is missing before '!'"),
        ("{a}", r"'}' is missing"),
        ("in", "a value is missing before 'in'"),
    ],
)
def test_what_is_wrong_is_said(source: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(source)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000,
        "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1),
        "!" * (MAX_DEPTH + 1) + "1",
        "1+" * MAX_TOKENS + "1",
        "a" * (MAX_CHARACTERS + 1),
    ],
)
def test_size_and_depth_are_bounded(source: str) -> None:
    with pytest.raises(ConfigError):
        parse(source)
