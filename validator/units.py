"""Between which numbers a value in BIDS units lies: outside, its unit is wrong.

The unit rules of `rules/sidecars.yaml` say the same to people.
"""

from __future__ import annotations

from typing import Any

from ..protocol_specs.parameter import is_number

BOUNDS = {
    "EchoTime": (0.0005, 0.5),
    "RepetitionTime": (0.001, 30),
    "InversionTime": (0.001, 20),
    "FlipAngle": (1, 360),
}
"""Lowest and highest value of a key, in s or degrees."""
_MT_REPETITION = 1  # s; below, for the MT series


def is_plausible(key: str, value: Any, suffix: str | None = None) -> bool:
    """Whether a number can be a key's value in its BIDS unit; keys without bounds take any.

    >>> is_plausible("RepetitionTime", 1500), is_plausible("RepetitionTime", 1.5)
    (False, True)
    """
    if not is_number(value) or key not in BOUNDS:
        return True
    if key == "InversionTime" and value == 0:
        return True  # no inversion
    if key == "RepetitionTime" and suffix == "MTS" and value >= _MT_REPETITION:
        return False
    low, high = BOUNDS[key]
    return bool(low <= value <= high)
