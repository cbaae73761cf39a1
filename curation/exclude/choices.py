"""What is to be put into exclude.yml and taken out of it, as a list that a person may change."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...rules.spelling import did_you_mean
from ...system.errors import ConfigError
from ...system.files import write_atomic
from ...system.yaml import parse_yaml
from ...validator.plan_yaml import format_records

COLUMNS = ("apply", "op", "metric", "name", "reason", "issue")
_OPS = ("add", "remove")
_YES = {"yes": True, "no": False, "true": True, "false": False, True: True, False: False}
_LIMIT = 4 << 20


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
    """Write the list: YAML where the file's name ends so, else a TSV table.

    Raises
    ------
    ConfigError
        It can't be written.
    """
    records = [
        {"apply": "yes" if choice.apply else "no"}
        | {name: getattr(choice, name) for name in COLUMNS[1:]}
        for choice in choices
    ]
    if path.suffix in (".yaml", ".yml"):
        text = format_records(records)
    else:
        table = io.StringIO()
        writer = csv.DictWriter(table, COLUMNS, dialect="excel-tab", lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        text = table.getvalue()
    try:
        write_atomic(path, text)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(path)) from None


def read_choices(path: Path) -> list[Choice]:
    """Read the list.

    Raises
    ------
    ConfigError
        It can't be read, or isn't such a list; names the file and the line.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", name) from None
    if len(content) > _LIMIT:
        raise ConfigError("larger than 4 MiB", name)
    if path.suffix in (".yaml", ".yml"):
        document = parse_yaml(content, name)
        rows = document.value if isinstance(document.value, list) else None
        if rows is None or not all(isinstance(row, dict) for row in rows):
            raise document.error("must be a list of mappings")
        return [_choice(row, document.line(at), name) for at, row in enumerate(rows)]
    return [_choice(row, line, name) for line, row in _table(content, name)]


def _table(content: bytes, name: str) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8 text", name, 1) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect="excel-tab")
    try:
        for row in reader:
            if None in row:
                raise ConfigError("more cells than the header has", name, reader.line_num)
            yield reader.line_num, {key: value for key, value in row.items() if value}
    except csv.Error as error:
        raise ConfigError(f"not a table: {error}", name, reader.line_num) from None


def _choice(row: dict[str, Any], line: int, name: str) -> Choice:
    _require_known(row, COLUMNS, name, line)
    apply = row.get("apply", "yes")
    if not isinstance(apply, str | bool) or apply not in _YES:
        raise ConfigError("apply must be yes or no", name, line)
    if row.get("op") not in _OPS:
        raise ConfigError("op must be add or remove", name, line)
    for key in COLUMNS[1:]:
        if not isinstance(row.get(key, ""), str):
            raise ConfigError(f"{key} must be text", name, line)
    if not row.get("metric") or not row.get("name"):
        raise ConfigError("metric and name are needed", name, line)
    words = {key: " ".join(row.get(key, "").split()) for key in COLUMNS[1:]}
    return Choice(**words, apply=_YES[apply])


def _require_known(row: dict[str, Any], known: Sequence[str], name: str, line: int) -> None:
    for key in row:
        if key not in known:
            raise ConfigError(f"no field {key!r}{did_you_mean(key, known)}", name, line)
