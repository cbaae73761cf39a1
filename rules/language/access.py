"""What operators do at run time: null in, null out; a value of the wrong type gives null."""

from __future__ import annotations

from typing import Any

_LARGEST = 2.0**53


def get(value: Any, key: str) -> Any:
    """Return a field; null where the value has no fields or not this one."""
    if value is None:
        return None
    try:
        return value.get(key)
    except (AttributeError, TypeError):
        return None


def item(value: Any, index: Any) -> Any:
    """Return an element of an array or a character of a string, or a field by its name."""
    if isinstance(index, str):
        return get(value, index)
    if isinstance(index, bool) or not isinstance(value, list | tuple | str):
        return None
    try:
        if index < 0 or index != int(index):
            return None
        return value[int(index)]
    except (TypeError, ValueError, ArithmeticError, IndexError):
        return None


def member(value: Any, container: Any) -> bool | None:
    """``in``: a field of an object or an element of an array; null for anything else."""
    if container is None or isinstance(container, str):
        return None
    try:
        return value in container
    except TypeError:
        return get(container, value) is not None if hasattr(container, "get") else None


def less(a: Any, b: Any) -> bool | None:
    """``a < b``, of two numbers or two strings."""
    try:
        return bool(a < b)
    except (TypeError, ValueError, RecursionError):
        return None


def at_most(a: Any, b: Any) -> bool | None:
    """``a <= b``."""
    try:
        return bool(a <= b)
    except (TypeError, ValueError, RecursionError):
        return None


def number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def add(a: Any, b: Any) -> Any:
    """``a + b``: a sum, or two strings joined."""
    if (number(a) and number(b)) or (isinstance(a, str) and isinstance(b, str)):
        try:
            return a + b
        except OverflowError:
            return None
    return None


def subtract(a: Any, b: Any) -> Any:
    """``a - b``."""
    try:
        return a - b if number(a) and number(b) else None
    except OverflowError:
        return None


def multiply(a: Any, b: Any) -> Any:
    """``a * b``."""
    try:
        return a * b if number(a) and number(b) else None
    except OverflowError:
        return None


def divide(a: Any, b: Any) -> Any:
    """``a / b``; null where b is 0."""
    try:
        return a / b if number(a) and number(b) else None
    except ArithmeticError:
        return None


def remainder(a: Any, b: Any) -> Any:
    """``a % b``; null where b is 0."""
    try:
        return a % b if number(a) and number(b) else None
    except ArithmeticError:
        return None


def power(a: Any, b: Any) -> Any:
    """``a ** b``, in floating point, so that no exponent can fill the memory."""
    if not (number(a) and number(b)):
        return None
    try:
        result = float(a) ** b
    except (ArithmeticError, ValueError):
        return None
    if isinstance(result, complex):
        return None
    whole = isinstance(a, int) and isinstance(b, int) and b >= 0 and abs(result) < _LARGEST
    return int(result) if whole else result
