"""The standard's own parser as an oracle: both must read an expression alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bidsschematools.schema import load_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.rules.language import parse
from spinegate.rules.language.nodes import (
    Array,
    Binary,
    Call,
    Field,
    Item,
    Literal,
    Name,
    Node,
    Not,
    Object,
)
from spinegate.rules.language.reads import check_calls

oracle = pytest.importorskip("bidsschematools.expressions")  # needs pyparsing
SCHEMA = load_schema().to_dict()
WORDS = {"true": True, "false": False, "null": None}


def from_oracle(node: Any) -> Node:
    """Rewrite the oracle's nodes as ours, without columns."""
    match node:
        case oracle.RightOp():
            return Not(from_oracle(node.rh))
        case oracle.BinOp():
            return Binary(node.op, from_oracle(node.lh), from_oracle(node.rh))
        case oracle.Function():
            return Call(node.name, tuple(map(from_oracle, node.args)), 0)
        case oracle.Element():
            if isinstance(node.index, str) and node.index[0] in "\"'":
                return Field(from_oracle(node.name), node.index[1:-1], 0)
            return Item(from_oracle(node.name), from_oracle(node.index))
        case oracle.Property():
            return Field(from_oracle(node.name), node.field, 0)
        case oracle.Array():
            return Array(tuple(map(from_oracle, node.elements)))
        case oracle.Object():
            return Object()
        case str():
            if node[0] in "\"'":
                return Literal(node[1:-1])
            return Literal(WORDS[node]) if node in WORDS else Name(node, 0)
    return Literal(node)


def without_columns(node: Node) -> Node:
    match node:
        case Name(name=name):
            return Name(name, 0)
        case Field(of=of, name=name):
            return Field(without_columns(of), name, 0)
        case Item(of=of, place=place):
            return Item(without_columns(of), without_columns(place))
        case Call(name=name, args=args):
            return Call(name, tuple(map(without_columns, args)), 0)
        case Not(operand=operand):
            return Not(without_columns(operand))
        case Binary(op=op, left=left, right=right):
            return Binary(op, without_columns(left), without_columns(right))
        case Array(items=items):
            return Array(tuple(map(without_columns, items)))
    return node


def same_tree(source: str) -> bool:
    return without_columns(parse(source)) == from_oracle(oracle.parse(source))


def official_expressions(value: Any = SCHEMA["rules"]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("selectors", "checks") and isinstance(inner, list):
                yield from (each for each in inner if isinstance(each, str))
            else:
                yield from official_expressions(inner)


OFFICIAL = sorted(set(official_expressions()))


def test_the_schema_has_expressions() -> None:
    assert len(OFFICIAL) > 200


@pytest.mark.parametrize("source", OFFICIAL)
def test_official_expression_is_read_as_by_the_standard_parser(source: str) -> None:
    assert same_tree(source)
    check_calls(parse(source))


atoms = st.sampled_from(
    ["a", "b.c", "1", "-2", "1.5", '"x"', "null", "[]", "[1, a]", "f(a)", "{}"]
)
operators = st.sampled_from(
    ["||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "**"]
)
chains = st.lists(st.tuples(operators, atoms), max_size=6).flatmap(
    lambda pairs: atoms.map(lambda first: first + "".join(f" {op} {atom}" for op, atom in pairs))
)
nested = st.recursive(
    chains,
    lambda inner: st.one_of(
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"!{text}"),
        inner.map(lambda text: f"[{text}][0]"),
        inner.map(lambda text: f"g({text}).h"),
    ),
    max_leaves=3,
)


@settings(max_examples=150, deadline=None)
@given(nested)
def test_precedence_is_that_of_the_standard_parser(source: str) -> None:
    assert same_tree(source)
