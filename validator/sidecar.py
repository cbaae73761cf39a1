"""JSON sidecars from strangers: every fault is a finding, none is a crash."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

LIMIT = 4 * 1024 * 1024
_DEPTH = 100
_BRACKETS = re.compile(r"[][{}]")


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong with a text file: a rule code, a sentence, a line."""

    code: str
    message: str
    line: int | None = None


class Sidecar(NamedTuple):
    """A parsed JSON file; `value` is empty where it could not be parsed.

    `crlf` says whether its lines end as Windows writes them.
    """

    value: Mapping[str, Any]
    faults: tuple[TextFault, ...] = ()
    crlf: bool = False


# How Python's parsers begin their sentences, which differ from version to version: and ours.
_SAID = {
    "Unterminated string": "a text without its closing quote",
    "Invalid control character": "a line break or another control character inside a text",
    "Invalid \\": "a backslash inside a text that means nothing",
    "Extra data": "something stands after the end",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing after the key",
    "Expecting property name": "a key in double quotes is missing",
    "Expecting value": "a value is missing",
}
_notes: list[TextFault] = []  # of the text being parsed: one list spares a decoder per file


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                _notes.append(TextFault("SIDECAR_DUPLICATE_KEY", key))
            seen.add(key)
    return value


def _constant(word: str) -> None:
    _notes.append(TextFault("SIDECAR_NOT_A_NUMBER", f"{word} is not allowed in JSON"))


def _float(text: str) -> float | None:
    value = float(text)
    if value - value == 0:
        return value
    _notes.append(TextFault("SIDECAR_NOT_A_NUMBER", f"{text[:20]} is too large a number"))
    return None


_decode = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float
).decode


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
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return _broken("SIDECAR_NOT_UTF8", "UTF-16 where UTF-8 belongs", 1)
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
        return Sidecar({}, (_tell(error),))
    except ValueError:  # what Python refuses beside bad JSON
        return _broken("SIDECAR_NOT_JSON", "a number has thousands of digits")
    except RecursionError:
        return _broken("SIDECAR_NOT_JSON", "nested too deep")
    if _notes:
        faults.extend(_place(note, text) for note in dict.fromkeys(_notes))
        _notes.clear()
    if "\\ud" in text or "\\uD" in text:
        mended = _mend(value)
        if mended != value:
            faults.append(TextFault("SIDECAR_NOT_UTF8", "half a character (lone surrogate)"))
            value = mended
    if not isinstance(value, dict):
        kind = type(value).__name__.replace("NoneType", "null")
        return _broken("SIDECAR_NOT_OBJECT", f"holds a {kind} where {{...}} belongs", 1)
    return Sidecar(value, tuple(faults), b"\r" in content)


def _broken(code: str, message: str, line: int | None = None) -> Sidecar:
    return Sidecar({}, (TextFault(code, message, line),))


def _tell(error: json.JSONDecodeError) -> TextFault:
    """Say what is wrong, and where, in words that are the same under every Python."""
    text, place = error.doc, error.pos
    before = text[:place].rstrip()
    if text[place : place + 1] in ("}", "]") and before.endswith(","):
        place = len(before) - 1
    if text[place : place + 1] == "," and text[place + 1 :].lstrip()[:1] in ("}", "]"):
        said = "a comma before the closing bracket"
    elif place >= len(text.rstrip()):
        place = len(text.rstrip())
        said = "it ends too early" if place else "it is empty"
    else:
        known = (ours for theirs, ours in _SAID.items() if error.msg.startswith(theirs))
        said = next(known, "not JSON")
    line = text.count("\n", 0, place) + 1
    column = place - text.rfind("\n", 0, place)
    return TextFault("SIDECAR_NOT_JSON", f"{said} (column {column})", line)


def _place(note: TextFault, text: str) -> TextFault:
    """Spell out a duplicate key; the line is known if the key stands there exactly twice."""
    if note.code != "SIDECAR_DUPLICATE_KEY":
        return note
    key = note.message
    shown = key.encode("utf-8", "backslashreplace").decode()
    found = [match.start() for match in re.finditer(re.escape(f'"{key}"') + r"\s*:", text)]
    line = text.count("\n", 0, found[1]) + 1 if len(found) == 2 else None
    return TextFault(note.code, f"the key {shown!r} stands here twice", line)


def _mend(value: Any) -> Any:
    """Replace lone surrogates, which no output could hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mend(key): _mend(part) for key, part in value.items()}
    return [_mend(part) for part in value] if isinstance(value, list) else value


def _too_deep(text: str) -> bool:
    """Count brackets outside of strings; cuts instead of a pattern, which could backtrack."""
    pieces = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]
    depth = 0
    for piece in pieces:
        for bracket in _BRACKETS.findall(piece):
            depth += 1 if bracket in "[{" else -1
            if depth > _DEPTH:
                return True
    return False
