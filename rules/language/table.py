"""Every function by its name, with the number of arguments it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from . import extras, functions


class Function(NamedTuple):
    """A function of the language.

    `tests_null`: its arguments may be null, and the rule means it. `context`: it also gets the
    context, before its arguments.
    """

    call: Callable[..., Any]
    least: int
    most: int
    tests_null: bool = False
    context: bool = False


STANDARD = {
    "allequal": Function(functions.allequal, 2, 2),
    "count": Function(functions.count, 2, 2),
    "exists": Function(functions.exists, 2, 2, tests_null=True, context=True),
    "index": Function(functions.index, 2, 2),
    "intersects": Function(functions.intersects, 2, 2),
    "length": Function(functions.length, 1, 1),
    "match": Function(functions.match, 2, 2),
    "max": Function(functions.largest, 1, 1),
    "min": Function(functions.smallest, 1, 1),
    "sorted": Function(functions.ordered, 1, 2),
    "substr": Function(functions.substr, 3, 3),
    "type": Function(functions.kind, 1, 1, tests_null=True),
    "unique": Function(functions.unique, 1, 1),
}
ADDED = {
    "abs": Function(extras.magnitude, 1, 1),
    "angle": Function(extras.angle, 2, 2),
    "contains": Function(extras.contains, 2, 2),
    "difference": Function(extras.difference, 2, 2),
    "first": Function(extras.first, 1, 10, tests_null=True),
    "geometry_distance": Function(extras.geometry_distance, 2, 2),
    "increasing": Function(extras.increasing, 1, 1),
    "number": Function(functions.as_number, 1, 1),
    "plain": Function(extras.plain, 1, 1),
    "same": Function(extras.same, 1, 2),
    "seconds": Function(extras.seconds, 1, 1),
    "spread": Function(extras.spread, 1, 1),
    "within": Function(extras.within, 2, 2),
}
FUNCTIONS = STANDARD | ADDED
WORDS = {"exists": functions.EXISTS_RULES, "sorted": functions.SORT_METHODS}
