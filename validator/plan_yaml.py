"""Plans as YAML: a list of mappings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..system.yaml import parse_yaml

Record = Mapping[str, Any]


def format_records(records: Sequence[Record]) -> str:
    """Write records as a YAML list; every value as JSON, which YAML reads alike."""
    if not records:
        return "[]\n"
    lines = []
    for record in records:
        mark = "-"
        for key, value in record.items():
            shown = value if key in ("apply", "op") else flow(value)
            lines.append(f"{mark} {key}: {shown}")
            mark = " "
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """Write a value as JSON on one line, which YAML reads alike."""
    text = json.dumps(value, ensure_ascii=False)
    if text.isprintable():
        return text
    # Outside of the plane that JSON's escapes reach, YAML has one of its own.
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def parse_records(content: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line and the fields of each entry.

    Raises
    ------
    ConfigError
        Not a YAML list of mappings.
    """
    document = parse_yaml(content, name)
    if not isinstance(document.value, list):
        raise document.error("must be a list of operations")
    for number, record in enumerate(document.value):
        if not isinstance(record, dict):
            raise document.error("an operation must be a mapping", number)
        yield document.line(number), record
