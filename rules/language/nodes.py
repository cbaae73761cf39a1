"""The parsed form of an expression: plain tuples with names."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str, ...]


class Literal(NamedTuple):
    """A number, a string, true, false or null."""

    value: str | float | bool | None


class Name(NamedTuple):
    """A name of the context; `at` is its column, from 1."""

    name: str
    at: int


class Field(NamedTuple):
    """``of.name``, or ``of["name"]``."""

    of: Node
    name: str
    at: int


class Item(NamedTuple):
    """``of[index]``."""

    of: Node
    place: Node


class Call(NamedTuple):
    """A function with its arguments."""

    name: str
    args: tuple[Node, ...]
    at: int


class Not(NamedTuple):
    """``!operand``."""

    operand: Node


class Binary(NamedTuple):
    """Two operands with an operator between."""

    op: str
    left: Node
    right: Node


class Array(NamedTuple):
    """``[a, b]``."""

    items: tuple[Node, ...]


class Object(NamedTuple):
    """``{}``: the only object that can be written."""


Node: TypeAlias = Literal | Name | Field | Item | Call | Not | Binary | Array | Object


def path_of(node: Node) -> Path | None:
    """Return ``("sidecar", "EchoTime")`` for ``sidecar.EchoTime``, None for anything computed."""
    if type(node) is Name:
        return (node.name,)
    if type(node) is Field:
        base = path_of(node.of)
        return None if base is None else (*base, node.name)
    return None


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below one."""
    match node:
        case Field(of=of):
            return (of,)
        case Item(of=of, place=index):
            return (of, index)
        case Call(args=args):
            return args
        case Not(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Array(items=items):
            return items
    return ()
