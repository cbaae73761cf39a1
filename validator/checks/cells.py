"""The cells of participants.tsv: what is missing, and what can't be true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, met
from .participants import FILE, Row, limited, selected_rows
from .places import listed, shortened

EMPTY, LEGACY = "PARTICIPANT_CELL_EMPTY", "PARTICIPANT_CELL_LEGACY"
SPACE, INVALID = "PARTICIPANT_CELL_WHITESPACE", "PARTICIPANT_VALUE_INVALID"
_CODES = (EMPTY, LEGACY, SPACE, INVALID)
_MISSING_WORDS = frozenset(("-", "--", "N/A", "NA", "na", "NaN", "nan", "n.a."))
_SEX = frozenset(("m", "f", "o", "male", "female", "other"))
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_RANGES: Mapping[str, tuple[float, float, str]] = {
    "age": (0, 120, "years"),
    "height": (30, 250, "cm"),
    "weight": (1, 400, "kg"),
}


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of cells; each distinct text of a column is judged once."""
    dataset = inspection.dataset
    table = dataset.participants
    if dataset.bare or table is None:
        return
    if not table.whole:
        return  # TABLE_MALFORMED says so
    rows = selected_rows(dataset)
    if table.padded:
        yield _padded(table.padded)
    described = dataset.json.get("participants.json")
    meanings = described.value if described is not None else {}
    today = date.today()
    for index, column in enumerate(table.columns):
        is_id = column == "participant_id"
        cells = [row.cells[index] for row in rows]
        # Whether it is a participant_id at all, PARTICIPANT_ID_INVALID says.
        judge = _Column(column, meanings.get(column), today)
        wrong = {cell: found for cell in set(cells) if (found := judge.faults(cell))}
        for code in (SPACE,) if is_id else _CODES:
            faulty = {cell: found[code] for cell, found in wrong.items() if code in found}
            hits = [row for row in rows if row.cells[index] in faulty] if faulty else []
            yield met(code, count=len(rows) - len(hits))
            if not hits:
                continue
            if code == INVALID:
                yield from limited(hits, _Invalid(column, index, faulty, dataset))
            else:
                yield _shared(code, column, index, hits, faulty)


def cell_faults(column: str, meaning: Any, cell: str, today: date) -> dict[str, str]:
    """Judge one cell: rule code -> what should stand there, or what is wrong.

    Parameters
    ----------
    column, cell
        The column's name and the cell as it stands.
    meaning
        What participants.json says of the column; None where it says nothing.
    today
        The day after which a date lies in the future.
    """
    return _Column(column, meaning, today).faults(cell)


def _padded(names: Sequence[str]) -> Verdict:
    shown = listed([shortened(name, 40) for name in names], 8)
    verb = "has" if len(names) == 1 else "have"
    return Verdict(
        SPACE,
        Outcome.NOT_MET,
        FILE,
        message=f"In the header of {FILE}, {shown} {verb} spaces around.",
        sub_code="header",
        line=1,
        observed=f"{len(names):,} cells",
        count=len(names),
    )


class _Column:
    """What may stand in one column."""

    def __init__(self, name: str, meaning: Any, today: date) -> None:
        self.name, self.today = name, today
        described = meaning if isinstance(meaning, Mapping) else {}
        levels, unit = described.get("Levels"), described.get("Units")
        self.levels = levels if isinstance(levels, Mapping) and levels else None
        self.range = _RANGES.get(name)
        if self.range is not None and isinstance(unit, str) and not _same_unit(unit, self.range):
            self.range = None

    def faults(self, cell: str) -> dict[str, str]:
        """Return code -> what should stand there, or what is wrong; empty where all is well."""
        found = {}
        value = cell.strip()
        if value != cell and value:
            found[SPACE] = value
        if not value:
            found[EMPTY] = "n/a"
        elif value in _MISSING_WORDS and not (self.levels and value in self.levels):
            found[LEGACY] = "n/a"
        elif value != "n/a" and (wrong := self._wrong(value)):
            found[INVALID] = wrong
        return found

    def _wrong(self, value: str) -> str:
        if self.levels is not None and value not in self.levels:
            words = listed([shortened(str(level), 30) for level in self.levels], 6)
            return f"participants.json knows only {words}"
        if self.name == "sex" and self.levels is None and value.lower() not in _SEX:
            return "it is M, F or O"
        if self.name == "date_of_scan":
            return self._wrong_date(value)
        return self._out_of_range(value) if self.range is not None else ""

    def _wrong_date(self, value: str) -> str:
        if _YEAR.fullmatch(value):  # the day is left out where it could tell who it was
            return "it lies in the future" if int(value) > self.today.year else ""
        try:
            day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None:
            return "a date is written YYYY-MM-DD, or YYYY where the day isn't told"
        return "it lies in the future" if day > self.today + timedelta(days=1) else ""

    def _out_of_range(self, value: str) -> str:
        assert self.range is not None
        low, high, unit = self.range
        if self.name == "age" and value in ("89+", "90+"):  # higher ages could tell who it was
            return ""
        if not _NUMBER.fullmatch(value):
            return f"it is a number of {unit}"
        number = float(value)
        if low <= number <= high:
            return ""
        hint = "; is it in metres?" if self.name == "height" and 0.3 <= number <= 2.5 else ""
        return f"it lies between {low:g} and {high:g} {unit}{hint}"


def _same_unit(unit: str, known: tuple[float, float, str]) -> bool:
    return unit.strip().lower().rstrip("s") in (known[2].rstrip("s"), "yr", "y", "")


def _shared(
    code: str, column: str, index: int, hits: Sequence[Row], faulty: Mapping[str, str]
) -> Verdict:
    """One finding per column: these are corrected by a search and replace."""
    name = shortened(column)
    people = listed([shortened(row.participant, 40) for row in hits])
    texts = sorted({row.cells[index] for row in hits})
    shown = listed([repr(shortened(text, 40)) for text in texts])
    said = {
        EMPTY: f"{name} is empty for {people}; BIDS writes n/a.",
        LEGACY: f"{name} is {shown} for {people}; BIDS writes n/a.",
        SPACE: f"{name} has spaces around its value for {people}.",
    }
    alike = len(texts) == 1
    return Verdict(
        code,
        Outcome.NOT_MET,
        FILE,
        message=said[code],
        sub_code=name,
        line=hits[0].line,
        observed=shortened(texts[0]) if alike else f"{len(hits):,} cells",
        expected=shortened(faulty[texts[0]]) if alike else None,
        fix={"op": "set", "path": FILE, "key": column, "from": texts[0], "value": faulty[texts[0]]}
        if alike
        else None,
        count=len(hits),
    )


@dataclass(frozen=True, slots=True)
class _Invalid:
    """Makes one finding per participant: each needs somebody who knows the true value."""

    column: str
    index: int
    faulty: Mapping[str, str]
    dataset: Dataset

    def __call__(self, row: Row) -> Verdict:
        cell, column = row.cells[self.index], shortened(self.column)
        value, person = shortened(cell.strip()), shortened(row.participant)
        return Verdict(
            INVALID,
            Outcome.NOT_MET,
            FILE,
            self.dataset.sites.get(row.participant.removeprefix("sub-"), ""),
            message=f"{column} of {person} is {value!r}: {self.faulty[cell]}.",
            sub_code=f"{person} {column}",
            line=row.line,
            observed=value,
            expected=self.faulty[cell],
        )
