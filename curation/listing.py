"""Lists that a person may read and change: YAML where the file's name ends so, else TSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..rules.spelling import did_you_mean
from ..system.errors import ConfigError
from ..system.files import read_limited
from ..system.yaml import parse_yaml
from ..validator.plan_output import put_plan
from ..validator.plan_yaml import format_records

_YES = {"yes": True, "no": False, "true": True, "false": False, True: True, False: False}
_YAML = (".yaml", ".yml")
_LIMIT = 4 << 20


def write_listing(
    records: Iterable[Mapping[str, str]], columns: Sequence[str], path: Path
) -> None:
    """Write records, each with a text for every column.

    Raises
    ------
    ConfigError
        See `put_plan`.
    """
    if path.suffix.lower() in _YAML:
        text = format_records([dict(record) for record in records])
    else:
        table = io.StringIO()
        writer = csv.DictWriter(table, columns, dialect="excel-tab", lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        text = table.getvalue()
    put_plan(text, path)


def read_listing(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line and the fields of each record; ``apply`` as a truth value.

    Raises
    ------
    ConfigError
        It can't be read, isn't such a list, or has a field that isn't among the columns.
    """
    name = str(path)
    content = read_limited(path, _LIMIT)
    rows = _records if path.suffix.lower() in _YAML else _table
    for line, row in rows(content, name):
        for key in row:
            if key not in columns:
                raise ConfigError(f"no field {key!r}{did_you_mean(key, columns)}", name, line)
        apply = row.get("apply", "yes")
        if not isinstance(apply, str | bool) or apply not in _YES:
            raise ConfigError("apply must be yes or no", name, line)
        yield line, {**row, "apply": _YES[apply]}


def _records(content: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    document = parse_yaml(content, name)
    if not isinstance(document.value, list):
        raise document.error("must be a list of mappings")
    for at, row in enumerate(document.value):
        if not isinstance(row, dict):
            raise document.error("must be a list of mappings")
        yield document.line(at), row


def _table(content: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
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
