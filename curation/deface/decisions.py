"""What people decided of defaced images: the page's file, and the dataset's own table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import ConfigError
from ...system.files import read_limited
from ...validator.checks.decisions import read_decisions
from ...validator.table import Table, parse_table

FILE = ".spinegate/defacing.tsv"
COLUMNS = ("path", "decision", "by", "date", "note")
PASS, REDO, REJECT = "pass", "redo", "reject"
_DECIDED = (PASS, REDO, REJECT)
_OPEN = ("", "n/a", "open")
_LIMIT = 8 << 20
_FORMULA = "=+-@"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of one image.

    Attributes
    ----------
    decision
        "pass": may be shared; "redo": to be defaced otherwise; "reject": not to be shared.
    by, date, note
        Who, when (YYYY-MM-DD) and why; "" where that isn't said.
    """

    path: str
    decision: str
    by: str
    date: str
    note: str


def read_file(path: Path) -> dict[str, Decision]:
    """Read what the page has saved: the last row of each image; rows that are open are left out.

    Raises
    ------
    ConfigError
        It can't be read, isn't such a table, or has a decision that is none.
    """
    name = str(path)
    content = read_limited(path, _LIMIT)
    table = parse_table(content)
    if table.faults:
        line, message = table.faults[0]
        raise ConfigError(message, name, line)
    if missing := [column for column in COLUMNS[:3] if column not in table.columns]:
        raise ConfigError(f"has no column {' and none '.join(missing)}", name, 1)
    found = {}
    for line, decision in _rows(table):
        if decision.decision in _OPEN:
            continue
        if decision.decision not in _DECIDED:
            raise ConfigError(
                f"{decision.decision!a} is no decision; there are {', '.join(_DECIDED)}",
                name,
                line,
            )
        if not _DATE.fullmatch(decision.date):
            raise ConfigError(f"{decision.date!a} is no date such as 2026-11-20", name, line)
        found[decision.path] = decision
    return found


def _rows(table: Table) -> Iterator[tuple[int, Decision]]:
    records = table.records()
    for row in read_decisions(table):
        record = records[row.line - 2]
        by, date, note = (_uncell(record.get(column, "")) for column in COLUMNS[2:])
        yield row.line, Decision(_uncell(row.path), row.decision, by, date, note)


def table_with(former: bytes | None, decisions: Iterable[Decision]) -> bytes:
    """Return the dataset's table with decisions added; what stands in it already isn't repeated.

    Raises
    ------
    ConfigError
        The former one isn't such a table.
    """
    if former is None:
        former = ("\t".join(COLUMNS) + "\n").encode()
    table = parse_table(former)
    if table.faults or not {*COLUMNS[:2]} <= {*table.columns}:
        message = table.faults[0][1] if table.faults else "has no columns path and decision"
        raise ConfigError(f"{message}; mend that first", FILE)
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise ConfigError(f"has no column {' and none '.join(missing)}; add it first", FILE)
    known = {decision.path: decision for _, decision in _rows(table)}
    lines = [former if not former or former.endswith(b"\n") else former + b"\n"]
    for decision in decisions:
        if known.get(decision.path) != decision:
            lines.append(_line(table.columns, decision))
    return b"".join(lines)


def _line(columns: Iterable[str], decision: Decision) -> bytes:
    cells: Mapping[str, str] = {column: _cell(getattr(decision, column)) for column in COLUMNS}
    return ("\t".join(cells.get(column, "n/a") for column in columns) + "\n").encode()


def _cell(text: str) -> str:
    """Return a cell in which nothing begins a line, a column, or a spreadsheet's formula."""
    plain = " ".join(text.split()) or "n/a"
    return "'" + plain if plain[0] in _FORMULA else plain


def _uncell(text: str) -> str:
    plain = "" if text == "n/a" else text.strip()
    return plain[1:] if plain[:1] == "'" and plain[1:2] in {*_FORMULA} else plain
