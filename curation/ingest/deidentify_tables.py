"""Dates in the tables of a dataset: when somebody was measured, or born."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ...validator.checks.cells import cell_faults
from ...validator.dataset import Dataset
from ...validator.operation import Operation, Set
from ...validator.table import parse_table
from .deidentify_names import Identity, cut_out

_TABLES = ("participants.tsv", "_scans.tsv", "_sessions.tsv")
_NOTHING = "n/a"
_WHOLE = re.compile(
    r"(\d{4})-\d\d?-\d\d?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z?)?"
    r"|((?:19|20)\d\d)[/.]?\d\d[/.]?\d\d|\d\d?[-/.]\d\d?[-/.]((?:19|20)\d\d)",
    re.ASCII,
)
_BIRTH = re.compile(r"birth|\bdob\b", re.IGNORECASE)
_SHIFTED = "1925"  # BIDS asks for a year up to this one where dates are shifted


def find_dates(dataset: Dataset) -> Iterator[Operation]:
    """Yield what has to be set so that tables tell no date: the year where it may stand alone.

    The tables are participants.tsv, ``*_scans.tsv`` and ``*_sessions.tsv``, wherever they lie. The
    first column, by which others name the row, stays.
    """
    described = dataset.json.get("participants.json")
    meanings: Mapping[str, Any] = described.value if described is not None else {}
    for path in sorted(dataset.entries):
        if not path.endswith(_TABLES):
            continue
        content = dataset.read(path)
        table = None if content is None else parse_table(content)
        if table is None or not table.whole:
            continue
        own = meanings if path == "participants.tsv" else {}
        name = table.columns.index("participant_id") if "participant_id" in table.columns else 0
        for row in table.rows:
            for at, column in enumerate(table.columns):
                cell = row[at].strip()
                new = cell if at == name else without_date(column, cell, own.get(column))
                if new != cell:
                    yield Set(path, column, new, row=row[name].strip())


def without_date(column: str, cell: str, meaning: Any = None) -> str:
    """Return a cell without its date.

    Parameters
    ----------
    meaning
        What participants.json says of the column.

    Examples
    --------
    >>> without_date("date_of_scan", "2019-02-12"), without_date("birth_date", "1980-01-31")
    ('2019', 'n/a')
    """
    match = _WHOLE.fullmatch(cell)
    if match is None:
        return cut_out(cell, Identity()) or _NOTHING if _has_date(cell) else cell
    year = next(filter(None, match.groups()))
    if year <= _SHIFTED:
        return cell
    if column == "acq_time" or _BIRTH.search(column.replace("_", " ")):
        return _NOTHING
    return _NOTHING if cell_faults(column, meaning, year, date.today()) else year


def _has_date(cell: str) -> bool:
    return cut_out(cell, Identity()) != cell
