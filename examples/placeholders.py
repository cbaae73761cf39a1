"""Texts of faults.yaml with the names of the participants put in that a fault claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..system.errors import ConfigError
from .participants import Participant

_PLACE = re.compile(r"\{(sub\d*|label\d*|site|each)\}")


def fill(value: Any, claimed: Sequence[Participant], each: Participant | None = None) -> Any:
    """Put the claimed participants' names into every text in a value."""
    if isinstance(value, list):
        return [fill(item, claimed, each) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, claimed, each) for key, item in value.items()}
    if not isinstance(value, str):
        return value

    def name(match: re.Match[str]) -> str:
        word = match[1]
        if word == "each":
            return each.name if each else match[0]
        if word == "site":
            return _nth(claimed, 1, value).site
        kind = word.rstrip("0123456789")
        one = _nth(claimed, int(word[len(kind) :] or 1), value)
        return one.name if kind == "sub" else one.label

    return _PLACE.sub(name, value)


def _nth(claimed: Sequence[Participant], number: int, text: str) -> Participant:
    if not 1 <= number <= len(claimed):
        raise ConfigError(f"{text!r} names a participant that the fault does not claim")
    return claimed[number - 1]
