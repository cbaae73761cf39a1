"""Plans as TSV: a cell is plain text, or JSON text in quotes where plain text can't say it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError

Record = Mapping[str, Any]


def format_rows(records: Sequence[Record], columns: Sequence[str]) -> str:
    """Write records as a table; empty cells stand for what a record doesn't have."""
    lines = ["\t".join(columns)]
    for record in records:
        cells = (_cell(name, record[name]) if name in record else "" for name in columns)
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def _cell(name: str, value: Any) -> str:
    if name == "value":
        return _json(value)
    plain = value and value.isprintable() and value.strip() == value and value[0] != '"'
    return str(value) if plain else _json(value)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def parse_rows(content: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line and the fields of each row; lines that are empty are left out.

    Raises
    ------
    ConfigError
        Not such a table.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8 text", name, line) from None
    columns: list[str] = []
    for number, row in enumerate(text.split("\n"), start=1):
        cells = row.rstrip("\r").split("\t")
        if not any(cells):
            continue
        if not columns:
            columns = _columns([cell.strip() for cell in cells], name, number)
            continue
        if len(cells) > len(columns):
            message = f"{len(cells)} cells where the header has {len(columns)} columns"
            raise ConfigError(message, name, number)
        pairs = zip(columns, cells, strict=False)  # programs drop empty cells at a line's end
        yield number, {key: _parse(key, cell, name, number) for key, cell in pairs if cell}
    if not columns:
        raise ConfigError("the plan is empty: it needs a header line with op and path", name, 1)


def _columns(columns: list[str], name: str, line: int) -> list[str]:
    for needed in ("op", "path"):
        if needed not in columns:
            hint = did_you_mean(needed, columns)
            raise ConfigError(f"the header has no column {needed!r}{hint}", name, line)
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise ConfigError(f"the column {twice!r} stands here twice", name, line)
    return columns


def _parse(key: str, cell: str, name: str, line: int) -> Any:
    if key != "value" and not cell.startswith('"'):
        return cell
    try:
        value = json.loads(cell, parse_constant=_refuse, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        hint = f"; text stands in quotes: {json.dumps(cell)[:80]}" if key == "value" else ""
        raise ConfigError(f"{key} isn't JSON: {cell[:80]!r}{hint}", name, line) from None
    if _is_endless(value):
        raise ConfigError(f"{key} is too large a number", name, line)
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands here twice")
    return value


def _is_endless(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_endless, value.values()))
    if isinstance(value, list):
        return any(map(_is_endless, value))
    return isinstance(value, float) and value in (float("inf"), float("-inf"))
