"""What a check can say."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """A check has three outcomes, never two."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_DETERMINABLE = "not_determinable"

    __hash__ = object.__hash__  # Enum's own is no C function, and outcomes are counted
