"""Lists of values of one kind that a person may switch off and change: a line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from ..system.errors import ConfigError
from .listing import read_listing, write_listing


class Line(Protocol):
    """A dataclass whose field `apply` says whether it is to be done."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def apply(self) -> bool:
        """Whether it is to be done at all."""


L = TypeVar("L", bound=Line)


def write_lines(lines: Iterable[L], kind: type[L], path: Path) -> None:
    """Write a list; see `write_listing`."""
    columns = _columns(kind)
    records = [
        {"apply": "yes" if line.apply else "no"}
        | {name: getattr(line, name) for name in columns[1:]}
        for line in lines
    ]
    write_listing(records, columns, path)


def read_lines(path: Path, kind: type[L], make: Callable[[dict[str, Any]], L]) -> list[L]:
    """Read a list; `make` turns the fields of a line into a value, or raises a ValueError.

    Raises
    ------
    ConfigError
        It can't be read, or isn't such a list; names the file and the line.
    """
    made = []
    for number, row in read_listing(path, _columns(kind)):
        try:
            made.append(make(row))
        except ValueError as error:
            raise ConfigError(str(error), str(path), number) from None
    return made


def _columns(kind: type[Line]) -> tuple[str, ...]:
    names = (field.name for field in fields(kind))
    return ("apply", *(name for name in names if name != "apply"))
