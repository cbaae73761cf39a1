"""What an expression reads of its context, and what it asks of it."""

from __future__ import annotations

from collections.abc import Iterator

from ...system.errors import ConfigError
from ...system.patterns import compile_pattern
from ..spelling import did_you_mean
from .nodes import (
    Array,
    Binary,
    Call,
    Literal,
    Name,
    Node,
    Path,
    children,
    path_of,
)
from .table import FUNCTIONS, WORDS

DISPATCH_KEYS = frozenset(("suffix", "contrast", "datatype", "stage", "extension"))
_NULL = Literal(None)


def reads(node: Node) -> tuple[frozenset[Path], frozenset[Path]]:
    """Return the paths that an expression reads, and those that it tests for null.

    A path that is tested anywhere (``x == null``, ``"Key" in x``, ``type(x)``, ``first(x, y)``)
    is not among those read.
    """
    read: set[Path] = set()
    tested: set[Path] = set()
    _collect(node, read, tested)
    return frozenset(read - tested), frozenset(tested)


def _collect(node: Node, read: set[Path], tested: set[Path]) -> None:
    path = path_of(node)
    if path is not None:
        read.add(path)
        return
    below = children(node)
    if type(node) is Binary:
        if node.op in ("==", "!=") and _NULL in (node.left, node.right):
            below = _without_paths(below, tested)
        elif node.op == "in" and type(node.left) is Literal and isinstance(node.left.value, str):
            container = path_of(node.right)
            if container is not None:
                tested.add((*container, node.left.value))
    elif type(node) is Call and FUNCTIONS[node.name].tests_null:
        below = _without_paths(below, tested)
    for each in below:
        _collect(each, read, tested)


def _without_paths(nodes: tuple[Node, ...], tested: set[Path]) -> tuple[Node, ...]:
    paths = [path_of(node) for node in nodes]
    tested.update(path for path in paths if path is not None)
    return tuple(node for node, path in zip(nodes, paths, strict=True) if path is None)


def calls(node: Node) -> Iterator[Call]:
    """Yield every function call."""
    if type(node) is Call:
        yield node
    for each in children(node):
        yield from calls(each)


def check_calls(node: Node) -> None:
    """Check that each function is known and gets the right number of arguments.

    Raises
    ------
    ConfigError
        An unknown function, too few or too many arguments, or a pattern that isn't one.
    """
    for call in calls(node):
        function = FUNCTIONS.get(call.name)
        if function is None:
            hint = did_you_mean(call.name, FUNCTIONS)
            raise ConfigError(f"no function {call.name!r} (column {call.at}){hint}")
        if not function.least <= len(call.args) <= function.most:
            least, most = function.least, function.most
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ConfigError(
                f"{call.name}() takes {wanted} arguments, not {len(call.args)} (column {call.at})"
            )
        _check_words(call)


def _check_words(call: Call) -> None:
    """Check the second argument where it must be a pattern, or one of a few words."""
    if len(call.args) < 2 or type(call.args[1]) is not Literal:
        return
    word = call.args[1].value
    if call.name == "match":
        try:
            compile_pattern(str(word))
        except ValueError as error:
            raise ConfigError(f"not a pattern: {error} (column {call.at})") from None
    known = WORDS.get(call.name)
    if known and isinstance(word, str) and word not in known:
        hint = did_you_mean(word, known)
        raise ConfigError(f"{call.name}() knows no {word!r} (column {call.at}){hint}")


def dispatch(nodes: tuple[Node, ...]) -> dict[str, frozenset[str]]:
    """Return the only values that the cheap keys may have where all expressions hold."""
    result: dict[str, frozenset[str]] = {}
    for node in nodes:
        for key, values in _allowed(node).items():
            result[key] = result[key] & values if key in result else values
    return result


def _allowed(node: Node) -> dict[str, frozenset[str]]:
    if type(node) is not Binary:
        return {}
    left, right = node.left, node.right
    if node.op == "&&":
        return dispatch((left, right))
    if node.op == "||":
        one, other = _allowed(left), _allowed(right)
        return {key: one[key] | other[key] for key in one.keys() & other.keys()}
    if node.op == "==" and type(right) is Name:
        left, right = right, left
    if type(left) is not Name or left.name not in DISPATCH_KEYS:
        return {}
    wanted = right.items if node.op == "in" and type(right) is Array else (right,)
    if node.op not in ("==", "in") or not all(type(each) is Literal for each in wanted):
        return {}
    values = [each.value for each in wanted if type(each) is Literal]
    if not all(isinstance(value, str) for value in values):
        return {}
    return {left.name: frozenset(str(value) for value in values)}
