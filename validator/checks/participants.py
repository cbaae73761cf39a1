"""participants.tsv: its lines, its columns, and its rows against the folders, both ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from ..dataset import Dataset
from ..finding import Outcome, Severity
from ..inspection import Inspection
from ..selection import PartialTree
from ..table import Table
from ..verdict import Verdict, met
from .form import check_form, separator_of
from .places import listed, shortened

FILE = "participants.tsv"
T = TypeVar("T")
LIMIT = 100
"""Findings of one code; a table of a million rows gives no million findings."""

WANTED = (
    "sex",
    "age",
    "height",
    "weight",
    "date_of_scan",
    "institution_id",
    "manufacturer",
    "manufacturers_model_name",
    "software_versions",
)
"""Columns that the protocol's variants, the sites and the statistics are told by."""

_ID = re.compile(r"sub-[0-9A-Za-z+]+")
_NOT_LABEL = re.compile(r"[^0-9A-Za-z+]")


class Row(NamedTuple):
    """One participant: line in the file, participant_id (stripped), all cells as they stand."""

    line: int
    participant: str
    cells: tuple[str, ...]


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield the codes of participants.tsv as a table and as a list of folders."""
    dataset = inspection.dataset
    if dataset.bare:
        return
    table = dataset.participants
    if table is None:
        if FILE not in dataset.entries:  # else FILE_UNREADABLE says why
            yield Verdict(
                "PARTICIPANTS_TSV_MISSING",
                Outcome.NOT_MET,
                FILE,
                message="There is no participants.tsv: nothing says who was scanned where.",
            )
        return
    yield met("PARTICIPANTS_TSV_MISSING")
    yield from check_form(table, FILE)
    if not table.whole or separator_of(table):
        return
    yield from _columns(table)
    if "participant_id" in table.columns:
        rows = selected_rows(dataset)
        yield from _ids(rows, dataset)
        yield from _folders(rows, dataset)
    yield from _described(table, dataset)


def selected_rows(dataset: Dataset) -> list[Row]:
    """Return the rows of participants.tsv, of a part of the dataset those of its participants."""
    table = dataset.participants
    if table is None or "participant_id" not in table.columns:
        return []
    index = table.columns.index("participant_id")
    rows = [
        Row(line, cells[index].strip(), cells) for line, cells in enumerate(table.rows, start=2)
    ]
    if isinstance(dataset.tree, PartialTree):
        rows = [row for row in rows if row.participant.removeprefix("sub-") in dataset.sites]
    return rows


def limited(items: Sequence[T], make: Callable[[T], Verdict]) -> Iterator[Verdict]:
    """Make at most `LIMIT` verdicts, and one that stands for the others."""
    shown = len(items) if len(items) <= LIMIT + 1 else LIMIT
    for item in items[:shown]:
        yield make(item)
    more = len(items) - shown
    if more:
        first = make(items[shown])
        message = f"The same holds for {more:,} more."
        yield first._replace(
            message=message,
            sub_code="more",
            observed=None,
            expected=None,
            fix=None,
            count=more,
        )


def _columns(table: Table) -> Iterator[Verdict]:
    code = "PARTICIPANTS_COLUMN_MISSING"
    if "participant_id" not in table.columns:
        message = "participants.tsv has no column participant_id: its rows belong to nobody."
        yield Verdict(
            code,
            Outcome.NOT_MET,
            FILE,
            message=message,
            sub_code="participant_id",
            line=1,
            severity=Severity.ERROR,
            observed=[shortened(name) for name in table.columns[:30]],
        )
    elif table.columns[0] != "participant_id":
        yield Verdict(
            code,
            Outcome.NOT_MET,
            FILE,
            message="participant_id is not the first column of participants.tsv.",
            sub_code="first",
            line=1,
            observed=shortened(table.columns[0]),
            expected="participant_id",
        )
    else:
        yield met(code)
    missing = [name for name in WANTED if name not in table.columns]
    if not missing:
        yield met(code)
        return
    message = f"participants.tsv has no column {listed(missing, len(WANTED))}."
    yield Verdict(
        code, Outcome.NOT_MET, FILE, message=message, sub_code="protocol", line=1, expected=missing
    )


def _ids(rows: Sequence[Row], dataset: Dataset) -> Iterator[Verdict]:
    lines: dict[str, list[int]] = {}
    first: dict[str, Row] = {}  # by the name that is shown: it tells one finding from another
    twice: dict[str, Row] = {}
    wrong: dict[str, Row] = {}
    for row in rows:
        shown = shortened(row.participant)
        lines.setdefault(shown, []).append(row.line)
        if first.setdefault(shown, row) is not row and first[shown].participant == row.participant:
            twice.setdefault(shown, row)
        if not _ID.fullmatch(row.participant):
            wrong.setdefault(shown, row)

    def double(row: Row) -> Verdict:
        shown = shortened(row.participant)
        one, other, *more = lines[shown]
        message = f"{shown} stands in line {one} and in line {other}"
        message += f", and in {len(more):,} more." if more else "."
        return _row("PARTICIPANT_DUPLICATE", row, dataset, message)

    def invalid(row: Row) -> Verdict:
        proposed = "sub-" + _NOT_LABEL.sub("", row.participant.removeprefix("sub-"))
        free = _ID.fullmatch(proposed) and proposed not in first
        shown = shortened(row.participant)
        message = f"{shown!r} is no participant_id: it is sub- and letters or digits."
        fix = {"op": "set", "path": FILE, "row": row.participant, "key": "participant_id"}
        proposal = {**fix, "value": proposed} if free else None
        return _row("PARTICIPANT_ID_INVALID", row, dataset, message, proposal)

    yield from limited([*twice.values()], double)
    yield met("PARTICIPANT_DUPLICATE", count=len(rows) - len(twice))
    yield from limited([*wrong.values()], invalid)
    yield met("PARTICIPANT_ID_INVALID", count=len(rows) - len(wrong))


def _folders(rows: Sequence[Row], dataset: Dataset) -> Iterator[Verdict]:
    folders = {
        path[4 : path.index("/")]
        for path in dataset.entries
        if path.startswith("sub-") and "/" in path
    }
    without = {
        shortened(row.participant): row
        for row in reversed(rows)
        if row.participant.removeprefix("sub-") not in folders
        and _ID.fullmatch("sub-" + row.participant.removeprefix("sub-"))
    }
    known = {row.participant.removeprefix("sub-") for row in rows}
    unlisted = [label for label in sorted(folders - known) if label in dataset.sites]

    def forgotten(row: Row) -> Verdict:
        elsewhere = row.participant.removeprefix("sub-") in dataset.sites
        only = ", only results or raw data elsewhere" if elsewhere else ""
        message = f"{shortened(row.participant)} has a row but no folder{only}."
        return _row("PARTICIPANT_WITHOUT_FOLDER", row, dataset, message)

    def unknown(label: str) -> Verdict:
        return Verdict(
            "FOLDER_WITHOUT_PARTICIPANT",
            Outcome.NOT_MET,
            f"sub-{label}",
            dataset.sites[label],
            message=f"sub-{label} has a folder but no row in participants.tsv: its age, sex, site "
            "and scanner aren't known.",
        )

    yield from limited([*without.values()][::-1], forgotten)
    yield met("PARTICIPANT_WITHOUT_FOLDER", count=len(rows) - len(without))
    yield from limited(unlisted, unknown)
    yield met("FOLDER_WITHOUT_PARTICIPANT", count=len(folders & known))


def _described(table: Table, dataset: Dataset) -> Iterator[Verdict]:
    """Compare the columns with participants.json."""
    code, path = "PARTICIPANTS_JSON_COLUMNS", "participants.json"
    sidecar = dataset.json.get(path)
    if sidecar is None:
        if path not in dataset.entries:
            message = "There is no participants.json: nothing says what the columns mean."
            yield Verdict(code, Outcome.NOT_MET, path, message=message, sub_code="missing")
        return
    if sidecar.faults and not sidecar.value:
        return
    known = {name.strip() for name in sidecar.value}
    columns = [name for name in dict.fromkeys(table.columns) if name != "participant_id"]
    missing = [shortened(name) for name in columns if name not in known and name]
    absent = [shortened(name) for name in sorted(known - set(table.columns))]
    yield met(code, count=len(columns) - len(missing))
    parts = []
    if missing:
        parts.append(f"doesn't describe {listed(missing, 8)}")
    if absent:
        parts.append(f"describes {listed(absent, 8)}, which participants.tsv doesn't have")
    if parts:
        message = f"participants.json {' and '.join(parts)}."
        observed = {"undescribed": missing[:LIMIT], "absent": absent[:LIMIT]}
        yield Verdict(code, Outcome.NOT_MET, path, message=message, observed=observed)


def _row(
    code: str, row: Row, dataset: Dataset, message: str, fix: Mapping[str, str] | None = None
) -> Verdict:
    return Verdict(
        code,
        Outcome.NOT_MET,
        FILE,
        dataset.sites.get(row.participant.removeprefix("sub-"), ""),
        message=message,
        sub_code=shortened(row.participant),
        line=row.line,
        observed=shortened(row.participant),
        fix=fix,
    )
