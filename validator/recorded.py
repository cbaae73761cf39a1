"""Observed values as a record holds them: small, plain, and the same when they are read again."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

_DEPTH = 12
_LENGTH = 1_000
_DIGITS = 64  # bits of a number: more are written as text


def recorded(observed: Any) -> Any:
    """Return an observed value as JSON has it; of one that is large or deep, a hash of it.

    >>> recorded({1: (2, float("nan"))})
    {'1': [2, 'nan']}
    """
    if observed is None or type(observed) is bool:
        return observed
    if type(observed) is int and abs(observed).bit_length() < _DIGITS:
        return observed
    value = _plain(observed, 0)
    if isinstance(value, str) and len(value) < _LENGTH:
        return value
    text = json.dumps(value)
    if len(text) < _LENGTH:
        return value
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: Any, depth: int) -> Any:
    if value is None or type(value) is bool:
        return value
    if type(value) is int:
        return value if abs(value).bit_length() < _DIGITS else hex(value)
    if type(value) is float:
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict | list | tuple) and depth >= _DEPTH:
        return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).hexdigest()
    if isinstance(value, dict):
        return {writable(str(key)): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return writable(str(value))


def writable(text: str) -> str:
    """Return a text as a file can hold it: half characters, which JSON allows, as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
