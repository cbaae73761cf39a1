"""Changes of participants.tsv, as a list that a person may read and change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.errors import ConfigError
from ..listing import read_listing, write_listing

COLUMNS = ("apply", "op", "participant", "column", "value")
_NEEDED = {"set": ("participant", "column", "value"), "add": ("participant",), "sort": ()}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the list.

    Attributes
    ----------
    op
        ``add`` a participant, ``set`` a cell, also of a row that is added; ``sort`` the rows.
    participant, column, value
        Empty where the operation needs none.
    apply
        Whether it is to be done at all.
    """

    op: str
    participant: str = ""
    column: str = ""
    value: str = ""
    apply: bool = True


def write_changes(changes: Iterable[Change], path: Path) -> None:
    """Write the list; see `write_listing`."""
    records = [
        {"apply": "yes" if change.apply else "no"}
        | {name: getattr(change, name) for name in COLUMNS[1:]}
        for change in changes
    ]
    write_listing(records, COLUMNS, path)


def read_changes(path: Path) -> list[Change]:
    """Read the list.

    Raises
    ------
    ConfigError
        It can't be read, or isn't such a list; names the file and the line.
    """
    return [_change(row, line, str(path)) for line, row in read_listing(path, COLUMNS)]


def _change(row: dict[str, Any], line: int, name: str) -> Change:
    op = row.get("op")
    if not isinstance(op, str) or op not in _NEEDED:
        raise ConfigError(f"op must be one of {', '.join(_NEEDED)}", name, line)
    for key in ("participant", "column"):
        if not isinstance(row.get(key, ""), str):
            raise ConfigError(f"{key} must be text", name, line)
    value = row.get("value", "")
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ConfigError("value must be text or a number", name, line)
    if missing := [key for key in _NEEDED[op] if row.get(key, "") == ""]:
        raise ConfigError(f"{op} needs {' and '.join(missing)}", name, line)
    return Change(op, row.get("participant", ""), row.get("column", ""), str(value), row["apply"])
