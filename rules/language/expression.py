"""The three things that a rule holds: an expression, a selector, a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..outcome import Outcome
from .compiler import compile_all, compile_check, compile_value
from .context import Context
from .nodes import Literal, Node, Path
from .parser import parse
from .reads import check_calls, dispatch, reads


class Names(Protocol):
    """What knows the names that may be used."""

    def check(self, node: Node) -> None:
        """Raise ConfigError for a name that isn't known."""


def _parsed(source: str, names: Names | None) -> Node:
    node = parse(source)
    check_calls(node)
    if names is not None:
        names.check(node)
    return node


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that gives a value; null where it can't be computed."""

    source: str
    node: Node = field(repr=False, compare=False)
    evaluate: Callable[[Context], Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, source: str, names: Names | None = None) -> Expression:
        """Parse; it is compiled when it is first evaluated, since few are.

        Raises
        ------
        ConfigError
            The text isn't an expression, or uses a name that `names` doesn't know.
        """
        node = _parsed(source, names)
        compiled: list[Callable[[Context], Any]] = []

        def evaluate(context: Context) -> Any:
            if not compiled:
                compiled.append(compile_value(node))
            return compiled[0](context)

        return cls(source, node, evaluate)

    @classmethod
    def constant(cls, value: Any) -> Expression:
        """Return an expression that always gives this value."""
        return cls(repr(value), Literal(None), lambda _: value)


@dataclass(frozen=True, slots=True)
class Check:
    """An expression that must hold, with three outcomes.

    Attributes
    ----------
    reads
        The paths it reads; where one of them is null, it is not determinable.
    tested
        The paths that it tests for null itself.
    """

    source: str
    node: Node = field(repr=False, compare=False)
    reads: frozenset[Path] = field(compare=False)
    tested: frozenset[Path] = field(compare=False)
    evaluate: Callable[[Context], Outcome] = field(repr=False, compare=False)

    @classmethod
    def of(cls, source: str, names: Names | None = None) -> Check:
        """Parse and compile; see `Expression.of`."""
        node = _parsed(source, names)
        read, tested = reads(node)
        compiled = compile_check(node, sorted(read), sorted(tested))
        return cls(source, node, read, tested, compiled)


@dataclass(frozen=True, slots=True)
class Selector:
    """Expressions that must all be true for a rule to apply; null is false.

    Attributes
    ----------
    dispatch
        For cheap keys (suffix, contrast, datatype, stage, extension) the only values with which
        all expressions can be true; a key that is absent may have any value.
    """

    sources: tuple[str, ...]
    nodes: tuple[Node, ...] = field(repr=False, compare=False)
    dispatch: Mapping[str, frozenset[str]] = field(compare=False)
    applies: Callable[[Context], bool] = field(repr=False, compare=False)

    @classmethod
    def of(cls, *sources: str, names: Names | None = None) -> Selector:
        """Parse and compile; see `Expression.of`."""
        nodes = tuple(_parsed(source, names) for source in sources)
        return cls(sources, nodes, dispatch(nodes), compile_all(nodes))
