"""How far a value may lie from its target, and how values are written for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Value = float | int | str | bool | tuple[float | int | str, ...]

# Sidecars hold rounded decimal numbers: 0.061 lies within 1 ms of 0.060 although binary floats
# say otherwise.
SLACK = 1e-9


class Side(StrEnum):
    """Which side of the target is accepted beyond the tolerance."""

    BOTH = "both"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may lie from its target; the wider of the two widths counts.

    Attributes
    ----------
    absolute
        Width in the parameter's unit.
    relative
        Width as a fraction of the target: 0.05 is 5 %.
    side
        `at_least` accepts everything above the target as well, `at_most` everything below.
    """

    absolute: float = 0.0
    relative: float = 0.0
    side: Side = Side.BOTH

    def width(self, target: float) -> float:
        """Return the accepted distance from a target, in its unit."""
        return max(self.absolute, self.relative * abs(target))

    def accepts(self, observed: float, target: float) -> bool:
        """Say whether a number lies near enough to its target."""
        distance = observed - target
        if (self.side is Side.AT_LEAST and distance > 0) or (
            self.side is Side.AT_MOST and distance < 0
        ):
            return True
        return abs(distance) <= self.width(target) + SLACK * max(abs(target), abs(observed))

    def text(self, unit: str = "") -> str:
        """Say the width for people: `± 5 %`, `± 0.5 ms`, nothing where there is none."""
        parts = []
        if self.absolute:
            parts.append(f"± {number_text(self.absolute)}{unit and ' ' + unit}")
        if self.relative:
            parts.append(f"± {number_text(self.relative * 100)} %")
        return " or ".join(parts)


EXACT = Tolerance()


def is_number(value: Any) -> bool:
    """Say whether a value is a finite number, and no boolean."""
    if type(value) is float:  # as good as always, and asked tens of thousands of times
        return math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def number_text(value: float) -> str:
    """Write a number as short as it can be read back to six figures."""
    return f"{value:.6g}"


def value_text(value: Any) -> str:
    """Write any value of a protocol for people: `0.5 x 0.5 x 5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(value)
    if isinstance(value, list | tuple):
        joint = " x " if all(is_number(part) for part in value) else ", "
        return joint.join(value_text(part) for part in value)
    return str(value)


def agrees(observed: Any, target: Value, tolerance: Tolerance) -> bool | None:
    """Compare a value with a target of any kind; None where their types can't be compared."""
    if isinstance(target, bool):
        return observed is target if isinstance(observed, bool) else None
    if isinstance(target, str):
        return observed == target if isinstance(observed, str) else None
    if isinstance(target, tuple):
        return _agrees_in_order(observed, target, tolerance)
    return tolerance.accepts(observed, target) if is_number(observed) else None


def _agrees_in_order(observed: Any, target: Sequence[Any], tolerance: Tolerance) -> bool | None:
    if not isinstance(observed, list | tuple):
        return None
    if len(observed) != len(target):
        return False
    answers = [agrees(o, t, tolerance) for o, t in zip(observed, target, strict=True)]
    return None if None in answers else all(answers)
