"""Plain YAML words that are numbers, truth values or nothing."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


def typed(value: Any) -> Any:
    """Give scalars that were read as text their type; a spec has no text that looks like one."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, str):
        return value
    if value in _WORDS:
        return _WORDS[value]
    if not _NUMBER.match(value):
        return value
    return int(value) if value.lstrip("+-").isdigit() else float(value)
