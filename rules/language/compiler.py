"""From nodes to a Python code object, through `ast`: no text is ever put together.

An expression becomes one lambda over the context. A check becomes one that first looks whether
what it reads is there::

    lambda c: UNKNOWN if (v0 := get(c["sidecar"], "EchoTime")) is None else
              MET if v0 > 0.001 else NOT_MET
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..outcome import Outcome
from . import access
from .context import Context
from .nodes import (
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
    Path,
    path_of,
)
from .table import FUNCTIONS

_OPERATORS: dict[str, str] = {
    "<": "less",
    "<=": "at_most",
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "remainder",
    "**": "power",
    "in": "member",
}
_SWAPPED = {">": "<", ">=": "<="}
_GLOBALS: dict[str, Any] = {
    "__builtins__": {},
    **{f"_{name}": getattr(access, name) for name in (*_OPERATORS.values(), "get", "item")},
    **{f"f_{name}": function.call for name, function in FUNCTIONS.items()},
    "MET": Outcome.MET,
    "NOT_MET": Outcome.NOT_MET,
    "UNKNOWN": Outcome.NOT_DETERMINABLE,
    "TRUE": True,
}
_AT: dict[str, Any] = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
_LOAD, _STORE = ast.Load(), ast.Store()
_ARGUMENTS = ast.arguments(
    posonlyargs=[], args=[ast.arg("c", **_AT)], kwonlyargs=[], kw_defaults=[], defaults=[]
)
Locals = Mapping[Path, str]


def compile_value(node: Node) -> Callable[[Context], Any]:
    """Compile an expression: a function from a context to a value."""
    return _function(_code(node, {}))


def compile_all(nodes: Sequence[Node]) -> Callable[[Context], bool]:
    """Compile expressions that must all be true: a function from a context to true or false."""
    if not nodes:
        return _function(_load("TRUE"))
    codes = [_code(node, {}) for node in nodes]
    every = codes[0] if len(codes) == 1 else ast.BoolOp(ast.And(), codes, **_AT)
    return _function(ast.IfExp(every, _constant(True), _constant(False), **_AT))


def compile_check(
    node: Node, read: Sequence[Path], tested: Sequence[Path]
) -> Callable[[Context], Outcome]:
    """Compile a check: a function from a context to one of three outcomes.

    Something read that is null makes it not determinable. So does a null result where something
    that was tested for null is null; any other result that isn't true is not met.
    """
    names = {path: f"v{number}" for number, path in enumerate(read)}
    result = ast.NamedExpr(ast.Name("r", _STORE, **_AT), _code(node, names), **_AT)
    failed: ast.expr = _load("NOT_MET")
    if tested:
        nulls = [_is_null(_path(path, {})) for path in tested]
        missing = nulls[0] if len(nulls) == 1 else ast.BoolOp(ast.Or(), nulls, **_AT)
        unknown = ast.BoolOp(ast.And(), [_is_null(_load("r")), missing], **_AT)
        failed = ast.IfExp(unknown, _load("UNKNOWN"), failed, **_AT)
    body: ast.expr = ast.IfExp(result, _load("MET"), failed, **_AT)
    if read:
        nulls = [
            _is_null(ast.NamedExpr(ast.Name(names[path], _STORE, **_AT), _path(path, {}), **_AT))
            for path in read
        ]
        missing = nulls[0] if len(nulls) == 1 else ast.BoolOp(ast.Or(), nulls, **_AT)
        body = ast.IfExp(missing, _load("UNKNOWN"), body, **_AT)
    return _function(body)


def _function(body: ast.expr) -> Callable[[Context], Any]:
    tree = ast.Expression(ast.Lambda(_ARGUMENTS, body, **_AT))
    made: Callable[[Context], Any] = eval(compile(tree, "<rule>", "eval"), _GLOBALS)  # noqa: S307
    return made


def _load(name: str) -> ast.expr:
    return ast.Name(name, _LOAD, **_AT)


def _constant(value: Any) -> ast.expr:
    return ast.Constant(value, **_AT)


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(_load(name), list(args), [], **_AT)


def _is_null(value: ast.expr) -> ast.expr:
    return ast.Compare(value, [ast.Is()], [_constant(None)], **_AT)


def _path(path: Path, names: Locals) -> ast.expr:
    if path in names:
        return _load(names[path])
    if len(path) == 1:
        return ast.Subscript(_load("c"), _constant(path[0]), _LOAD, **_AT)
    return _call("_get", _path(path[:-1], names), _constant(path[-1]))


def _code(node: Node, names: Locals) -> ast.expr:
    path = path_of(node)
    if path is not None:
        return _path(path, names)
    match node:
        case Literal(value=value):
            return _constant(value)
        case Field(of=of, name=name):
            return _call("_get", _code(of, names), _constant(name))
        case Item(of=of, place=index):
            return _call("_item", _code(of, names), _code(index, names))
        case Call(name=name, args=args):
            given = [_code(each, names) for each in args]
            extra = [_load("c")] if FUNCTIONS[name].context else []
            return _call(f"f_{name}", *extra, *given)
        case Not(operand=operand):
            return ast.UnaryOp(ast.Not(), _code(operand, names), **_AT)
        case Array(items=items):
            return ast.List([_code(each, names) for each in items], _LOAD, **_AT)
        case Object():
            return ast.Dict([], [], **_AT)
        case Binary(op=op, left=left, right=right):
            return _binary(op, _code(left, names), _code(right, names))
        case Name():  # always a path
            raise AssertionError(node)


def _binary(op: str, left: ast.expr, right: ast.expr) -> ast.expr:
    if op in ("&&", "||"):
        return ast.BoolOp(ast.And() if op == "&&" else ast.Or(), [left, right], **_AT)
    if op in ("==", "!="):
        # nothing in JSON makes == fail, so it needs no guard
        return ast.Compare(left, [ast.Eq() if op == "==" else ast.NotEq()], [right], **_AT)
    if op in _SWAPPED:
        op, left, right = _SWAPPED[op], right, left
    return _call(f"_{_OPERATORS[op]}", left, right)
