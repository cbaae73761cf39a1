"""Turns one YAML entry of a parameter into a `Parameter`."""

from __future__ import annotations

import re
from typing import Any

from ..system.patterns import compile_pattern
from .parameter import Parameter, Place
from .tolerance import Side, Tolerance, Value, is_number

_SIDES = {"target": Side.BOTH, "at_least": Side.AT_LEAST, "at_most": Side.AT_MOST}
_WORDS = ("unit", "level", "source", "note", "remedy", "text", "pattern", "contains", "lacks")


def as_fraction(value: Any) -> float:
    """Read a relative tolerance: 0.05 and `5 %` are the same, None is 0.

    Raises
    ------
    ValueError
        Neither a number nor a percentage.
    """
    if value is None:
        return 0.0
    if isinstance(value, str):
        found = re.fullmatch(r"\s*([0-9.]+)\s*%\s*", value)
        if not found:
            raise ValueError(f"{value!r} is not a number or a percentage")
        return float(found[1]) / 100
    return float(value)


def build_parameter(
    name: str, entry: Any, default: dict[str, Any], source: str = "", level: str | None = None
) -> Parameter:
    """Build a parameter from its YAML entry.

    Parameters
    ----------
    entry
        A mapping, or the bare target.
    default
        What the spec's `parameters` say of every parameter of this name: unit, tolerance.
    source, level
        Taken where neither the entry nor the default has one.

    Raises
    ------
    ValueError
        The entry contradicts itself; the message says how.
    """
    own: dict[str, Any] = entry if isinstance(entry, dict) else {"target": entry}
    given = [key for key in _SIDES if own.get(key) is not None]
    if len(given) > 1:
        raise ValueError(f"only one of {', '.join(given)} can be the target")
    side = _SIDES[given[0]] if given else Side.BOTH
    target = as_value(own[given[0]]) if given else None
    if side is not Side.BOTH and not is_number(target):
        raise ValueError(f"{given[0]} needs a number")
    # A tolerance of the entry replaces the general one whole: both together would widen it.
    tolerant = own if "absolute" in own or "relative" in own else default
    width, share = float(tolerant.get("absolute", 0)), as_fraction(tolerant.get("relative"))
    low, high = (
        own.get("minimum", default.get("minimum")),
        own.get("maximum", default.get("maximum")),
    )
    if width < 0 or share < 0:
        raise ValueError("a tolerance can't be negative")
    if low is not None and high is not None and low > high:
        raise ValueError(f"minimum {low} lies above maximum {high}")
    words = {key: own.get(key, default.get(key)) for key in _WORDS}
    _check_pattern(words["pattern"])
    values = tuple(as_value(value) for value in own.get("list", ()))
    if width or share or words["unit"] or low is not None or high is not None:
        _check_numbers(target, *values)
    return Parameter(
        name=name,
        target=target,
        tolerance=Tolerance(width, share, side),
        values=values,
        minimum=low,
        maximum=high,
        where=Place(own.get("where", default.get("where", "sidecar"))),
        pattern=words["pattern"],
        contains=words["contains"],
        lacks=words["lacks"],
        unit=words["unit"] or "",
        level=words["level"] or level,
        source=words["source"] or source,
        note=words["note"] or "",
        remedy=words["remedy"] or "",
        text="" if words["text"] is None else str(words["text"]),
    )


def as_value(value: Any) -> Value:
    """Turn a YAML scalar or list into a target."""
    return tuple(value) if isinstance(value, list) else value


def _check_numbers(*values: Value | None) -> None:
    """Refuse texts where a unit or a width says that a number is meant."""
    for value in values:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, str):
                raise ValueError(f"{part!r} is a text where a number belongs")


def _check_pattern(pattern: str | None) -> None:
    if pattern is None:
        return
    try:
        compile_pattern(pattern)
    except ValueError as error:
        raise ValueError(f"not a regular expression: {error}") from None
