"""JSON sidecars from strangers: every fault is a finding, none is a crash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LIMIT = 4 * 1024 * 1024
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with a text file: a rule code, a sentence, a line."""

    code: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A parsed JSON file; `value` is empty where it could not be parsed."""

    value: Mapping[str, Any]
    faults: tuple[TextFault, ...] = ()


_notes: list[TextFault] = []


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                _notes.append(
                    TextFault("SIDECAR_DUPLICATE_KEY", f"the key {key!r} stands here twice")
                )
            seen.add(key)
    return value


def _constant(word: str) -> None:
    _notes.append(TextFault("SIDECAR_NOT_A_NUMBER", f"{word} is not allowed in JSON"))


_decode = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant).decode


def parse_sidecar(content: bytes) -> Sidecar:
    """Parse one sidecar.

    Parameters
    ----------
    content
        At most `LIMIT` + 1 bytes of the file: one byte too many says that it is too large.
    """
    if len(content) > LIMIT:
        return _broken("SIDECAR_TOO_LARGE", f"larger than {LIMIT // 2**20} MiB")
    faults: list[TextFault] = []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _broken("SIDECAR_NOT_UTF8", f"not UTF-8 at byte {error.start}", line)
    if text.startswith("\ufeff"):
        faults.append(TextFault("SIDECAR_NOT_UTF8", "starts with a byte order mark", 1))
        text = text[1:]
    if text.count("[") + text.count("{") > _DEPTH and _too_deep(text):
        return _broken("SIDECAR_TOO_DEEP", f"nested more than {_DEPTH} deep")
    _notes.clear()
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        return _broken("SIDECAR_NOT_JSON", f"{error.msg} (column {error.colno})", error.lineno)
    except (ValueError, RecursionError) as error:
        return _broken("SIDECAR_NOT_JSON", str(error))
    if _notes:
        faults.extend(dict.fromkeys(_notes))
        _notes.clear()
    if not isinstance(value, dict):
        kind = type(value).__name__.replace("NoneType", "null")
        return _broken("SIDECAR_NOT_OBJECT", f"holds a {kind} where {{...}} belongs", 1)
    return Sidecar(value, tuple(faults))


def _broken(code: str, message: str, line: int | None = None) -> Sidecar:
    return Sidecar({}, (TextFault(code, message, line),))


def _too_deep(text: str) -> bool:
    depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > _DEPTH:
                return True
        elif char in "]}":
            depth -= 1
    return False
