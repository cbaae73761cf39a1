"""What is to be put into exclude.yml and taken out of it, as a list that a person may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.errors import ConfigError
from ..listing import read_listing, write_listing

COLUMNS = ("apply", "op", "metric", "name", "reason", "issue")
_OPS = ("add", "remove")


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list.

    Attributes
    ----------
    op
        ``add`` or ``remove``.
    metric, name
        Out of which metric, and who: a participant (``sub-x``) or a site.
    reason, issue
        Why, in words, and the address where that is discussed ("" for none).
    apply
        Whether it is to be done at all.
    """

    op: str
    metric: str
    name: str
    reason: str = ""
    issue: str = ""
    apply: bool = True

    @property
    def comment(self) -> str:
        """What stands behind the entry in exclude.yml."""
        return f"{self.reason} ({self.issue})" if self.issue else self.reason


def write_choices(choices: Iterable[Choice], path: Path) -> None:
    """Write the list; see `write_listing`."""
    records = [
        {"apply": "yes" if choice.apply else "no"}
        | {name: getattr(choice, name) for name in COLUMNS[1:]}
        for choice in choices
    ]
    write_listing(records, COLUMNS, path)


def read_choices(path: Path) -> list[Choice]:
    """Read the list.

    Raises
    ------
    ConfigError
        It can't be read, or isn't such a list; names the file and the line.
    """
    return [_choice(row, line, str(path)) for line, row in read_listing(path, COLUMNS)]


def _choice(row: dict[str, Any], line: int, name: str) -> Choice:
    if row.get("op") not in _OPS:
        raise ConfigError("op must be add or remove", name, line)
    for key in COLUMNS[1:]:
        if not isinstance(row.get(key, ""), str):
            raise ConfigError(f"{key} must be text", name, line)
    if not row.get("metric") or not row.get("name"):
        raise ConfigError("metric and name are needed", name, line)
    words = {key: " ".join(row.get(key, "").split()) for key in COLUMNS[1:]}
    return Choice(**words, apply=row["apply"])
