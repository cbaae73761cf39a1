"""The functions of the standard, one by one as it defines them."""

from __future__ import annotations

from typing import Any

from ...system.patterns import compile_pattern
from .access import number

_TYPES = (
    (bool, "boolean"),
    (int | float, "number"),
    (str, "string"),
    (list | tuple, "array"),
)
SORT_METHODS = ("auto", "numeric", "lexical")
EXISTS_RULES = ("dataset", "subject", "stimuli", "file", "bids-uri")


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else [value]


def as_number(value: Any) -> float | int | None:
    """Return a number, also from the text that a table holds; null for anything else."""
    if number(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        try:
            return float(value) if any(c in value for c in ".eEnN") else int(value)
        except ValueError:
            return None
    return None


def allequal(a: Any, b: Any) -> bool:
    """Tell whether two arrays hold the same values in the same order."""
    if a is None or b is None:
        return False
    return bool(_listed(a) == _listed(b))


def count(array: Any, value: Any) -> int | None:
    """Count the elements that equal a value."""
    return None if array is None else sum(1 for each in _listed(array) if each == value)


def exists(context: Any, files: Any, rule: Any) -> int:
    """Count the files of an array that exist, where `rule` says: see EXISTS_RULES."""
    ask = getattr(context, "exists", None)
    if files is None or rule not in EXISTS_RULES or ask is None:
        return 0
    return sum(1 for file in _listed(files) if isinstance(file, str) and ask(file, rule))


def index(array: Any, value: Any) -> int | None:
    """Return the place of the first element that equals a value, from 0."""
    if not isinstance(array, list | tuple):
        return None
    return next((place for place, each in enumerate(array) if each == value), None)


def intersects(a: Any, b: Any) -> list[Any] | bool:
    """Return the elements of a that are in b too; false where there are none."""
    if a is None or b is None:
        return False
    others: Any = _listed(b)
    try:
        others = set(others)
        found = [each for each in _listed(a) if each in others]
    except TypeError:  # an element that has no hash
        others = _listed(b)
        found = [each for each in _listed(a) if each in others]
    return found or False


def length(array: Any) -> int | None:
    """Return the number of elements of an array, or of characters of a string."""
    return len(array) if isinstance(array, list | tuple | str | dict) else None


def match(text: Any, pattern: Any) -> bool | None:
    """Tell whether a pattern is found in a text (anywhere: anchor it with ``^`` and ``$``).

    Null of a pattern that could take for ever, and of a text too long for it.
    """
    if not isinstance(text, str):
        return None
    if not isinstance(pattern, str):
        return False
    try:
        return compile_pattern(pattern).found_in(text)
    except ValueError:
        return None


def _numbers(array: Any) -> list[float | int] | None:
    if array is None:
        return None
    return [found for each in _listed(array) if (found := as_number(each)) is not None]


def largest(array: Any) -> float | int | None:
    """``max``: the largest number; other elements do not count."""
    return max(_numbers(array) or (), default=None)


def smallest(array: Any) -> float | int | None:
    """``min``: the smallest number; other elements do not count."""
    return min(_numbers(array) or (), default=None)


def ordered(array: Any, method: Any = "auto") -> list[Any] | None:
    """``sorted``: "numeric", "lexical", or by the type of the elements.

    In a numeric order, elements that are no numbers keep their places.
    """
    if array is None or method not in SORT_METHODS:
        return None
    elements = _listed(array)
    if method == "lexical" or (method == "auto" and not all(map(number, elements))):
        return sorted(elements, key=str)
    numbers = [as_number(each) for each in elements]
    pairs = [(key, each) for key, each in zip(numbers, elements, strict=True) if key is not None]
    following = iter(sorted(pairs, key=lambda pair: pair[0]))
    return [
        each if key is None else next(following)[1]
        for key, each in zip(numbers, elements, strict=True)
    ]


def substr(text: Any, start: Any, end: Any) -> str | None:
    """Return the characters from `start` (from 0) up to, not with, `end`."""
    if not (isinstance(text, str) and number(start) and number(end)):
        return None
    try:
        return text[max(int(start), 0) : max(int(end), 0)]
    except (ValueError, OverflowError):
        return None


def kind(value: Any) -> str:
    """``type``: null, boolean, number, string, array or object."""
    if value is None:
        return "null"
    return next((name for types, name in _TYPES if isinstance(value, types)), "object")


def unique(array: Any) -> list[Any] | None:
    """Return the elements without repetition, in the order of their first places."""
    if array is None:
        return None
    elements = _listed(array)
    try:
        return list(dict.fromkeys(elements))
    except TypeError:
        kept: list[Any] = []
        for each in elements:
            if each not in kept:
                kept.append(each)
        return kept
