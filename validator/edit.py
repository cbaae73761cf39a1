"""Edits of JSON files and tables that leave every other character as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..system.errors import SpinegateError
from .edit_yaml import edit_yaml
from .operation import Edit, Remove, Set
from .sidecar import parse_sidecar
from .table import parse_table

_SPACE = re.compile(r"[ \t\n\r]*")
_HARMLESS = frozenset({"SIDECAR_DUPLICATE_KEY", "SIDECAR_NOT_A_NUMBER"})


class EditError(SpinegateError):
    """A file that can't be edited so, and why."""


class _Member(NamedTuple):
    """Places in a text: a key's start and end, its value's start and end."""

    name: str
    start: int
    colon: int
    value: int
    end: int


def edit_content(path: str, content: bytes, edits: Sequence[Edit]) -> bytes:
    """Return a file's content with all edits made.

    Raises
    ------
    EditError
        Neither JSON, YAML nor a table, broken, or without what is to be changed.
    """
    if path.endswith(".json"):
        return edit_json(content, edits)
    if path.endswith(".tsv"):
        return edit_table(content, edits)
    if path.endswith((".yml", ".yaml")):
        try:
            return edit_yaml(content, edits)
        except SpinegateError as error:
            raise EditError(str(error)) from None
    raise EditError("only .json, .tsv and .yml files can be edited")


def edit_json(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Set and remove top-level keys of a JSON object.

    Key order, indentation, line ends, and how all other numbers are written stay.

    Raises
    ------
    EditError
        Not a JSON object, a key that isn't there or that is there twice.
    """
    sidecar = parse_sidecar(content)
    faults = [fault for fault in sidecar.faults if fault.code not in _HARMLESS]
    if faults:
        raise EditError(f"is no JSON object that can be edited: {faults[0].message}")
    text = content.decode()
    for edit in edits:
        if isinstance(edit, Set) and (edit.former is not None or edit.row is not None):
            raise EditError("from and row are for tables")
        members = _members(text)
        found = [member for member in members if member.name == edit.key]
        if len(found) > 1:
            raise EditError(f"the key {edit.key!r} stands there twice")
        if isinstance(edit, Set):
            text = _replaced(text, found[0], edit.value) if found else _added(text, members, edit)
        elif found:
            text = _removed(text, members, members.index(found[0]))
        else:
            raise EditError(f"has no key {edit.key!r}")
    return text.encode()


def _members(text: str) -> list[_Member]:
    """Find the members of the object that a valid JSON text holds."""
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("{") + 1)
    members = []
    while text[at] != "}":
        start = at
        name, colon = decoder.raw_decode(text, at)
        value = _skip(text, _skip(text, colon) + 1)
        _, end = decoder.raw_decode(text, value)
        members.append(_Member(name, start, colon, value, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _replaced(text: str, member: _Member, value: Any) -> str:
    changes = _changes(text, member.value, value)
    if changes is not None:
        for start, end, part in reversed(changes):
            text = text[:start] + _written(text, part) + text[end:]
        return text
    old = text[member.value : member.end]
    margin = text[text.rfind("\n", 0, member.start) + 1 : member.start]
    spread = "\n" in old and not margin.strip()
    written = _written(text, value, margin if spread else None)
    return text[: member.value] + written + text[member.end :]


def _changes(text: str, at: int, value: Any) -> list[tuple[int, int, Any]] | None:
    """Find what differs within a list or an object; None where it has other parts than before."""
    former, end = json.JSONDecoder().raw_decode(text, at)
    if type(former) is type(value) and former == value and not isinstance(value, list | dict):
        return []
    kind = type(value)
    if type(former) is not kind or kind not in (list, dict) or len(former) != len(value):
        return None if kind in (list, dict) else [(at, end, value)]
    found: list[tuple[int, int, Any]] = []
    at += 1
    for part in value.items() if isinstance(value, dict) else value:
        at = _skip(text, at)
        inner = part
        if isinstance(value, dict):
            key, inner = part
            name, colon = json.JSONDecoder().raw_decode(text, at)
            if name != key:
                found.append((at, colon, key))
            at = _skip(text, _skip(text, colon) + 1)
        _, stop = json.JSONDecoder().raw_decode(text, at)
        changes = _changes(text, at, inner)
        found += [(at, stop, inner)] if changes is None else changes
        at = _skip(text, stop) + 1
    return found


def _added(text: str, members: list[_Member], edit: Set) -> str:
    if not members:
        start = text.index("{") + 1
        line = f"\n  {_written(text, edit.key)}: {_written(text, edit.value)}\n"
        return text[:start] + line + text[_skip(text, start) :]
    last = members[-1]
    before = len(text[: last.start].rstrip(" \t\r\n"))
    gap = text[before : last.start]
    colon = text[last.colon : last.value]
    if len(members) == 1 and not gap and colon.endswith(" "):
        gap = " "
    added = f",{gap}{_written(text, edit.key)}{colon}{_written(text, edit.value)}"
    return text[: last.end] + added + text[last.end :]


def _removed(text: str, members: list[_Member], index: int) -> str:
    member = members[index]
    if index + 1 < len(members):
        return text[: member.start] + text[members[index + 1].start :]
    if index:
        return text[: members[index - 1].end] + text[member.end :]
    start = text.index("{") + 1
    return text[:start] + text[_skip(text, member.end) :]


def _written(text: str, value: Any, margin: str | None = None) -> str:
    """Write a value as its surroundings are: in ASCII or not, in one line or over several."""
    plain = text.isascii()
    if margin is None:
        return json.dumps(value, ensure_ascii=plain)
    ends = "\r\n" if "\r\n" in text else "\n"
    written = json.dumps(value, ensure_ascii=plain, indent=margin or "  ")
    return written.replace("\n", ends + margin)


def edit_table(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Set cells of a table; each edit looks at the cells as they were before all of them.

    Raises
    ------
    EditError
        No such column or row, no such cell, two values for one cell, a value that isn't text.
    """
    table = parse_table(content)
    if not table.whole or any("not UTF-8" in message for _, message in table.faults):
        raise EditError(f"can't be read as a table: {table.faults[0][1]}")
    lines = content.decode().split("\n")
    cells = [line.split("\t") for line in lines]
    changed: dict[tuple[int, int], str] = {}
    for edit in edits:
        if isinstance(edit, Remove):
            raise EditError("has no keys to remove: it is a table")
        count = table.columns.count(edit.key)
        if count != 1:
            raise EditError(f"has {'more than one' if count else 'no'} column {edit.key!r}")
        column = table.columns.index(edit.key)
        value = _cell(edit.value)
        hits = [row for row in _rows(table.columns, table.rows, edit) if _fits(cells, row, column)]
        if edit.former is not None:
            hits = [row for row in hits if _inner(cells[row][column]) == edit.former]
        if not hits:
            where = f" in row {edit.row!r}" if edit.row is not None else ""
            raise EditError(f"has no {edit.former!r} in column {edit.key!r}{where}")
        for row in hits:
            if changed.setdefault((row, column), value) != value:
                raise EditError(f"column {edit.key!r} of line {row + 1} would get two values")
    for (row, column), value in changed.items():
        end = "\r" if cells[row][column].endswith("\r") else ""
        cells[row][column] = value + end
    return "\n".join("\t".join(row) for row in cells).encode()


def _cell(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise EditError("a cell takes text or a number")
    text = value if isinstance(value, str) else json.dumps(value)
    if any(char in text for char in "\t\n\r"):
        raise EditError("a cell can't hold tabs and line ends")
    return text


def _rows(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], edit: Set) -> list[int]:
    """Return the lines, from 0, that an edit may change."""
    if edit.row is None:
        if edit.former is None:
            raise EditError("set needs from or row: which cells of the table?")
        return [index + 1 for index in range(len(rows))]
    name = columns.index("participant_id") if "participant_id" in columns else 0
    found = [index + 1 for index, row in enumerate(rows) if row[name].strip() == edit.row]
    if len(found) != 1:
        raise EditError(f"has {f'{len(found)} rows' if found else 'no row'} {edit.row!r}")
    return found


def _fits(cells: list[list[str]], row: int, column: int) -> bool:
    return column < len(cells[row])


def _inner(cell: str) -> str:
    return cell.rstrip("\r")
