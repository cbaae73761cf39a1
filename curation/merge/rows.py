"""participants.tsv put together row by row: lines of two sides, in order, none lost."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ...validator.table import parse_table

ID = "participant_id"
NOTHING = "n/a"
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class People:
    """A participants.tsv: its columns, its rows by participant, and what is wrong with it.

    Attributes
    ----------
    lines
        Participant -> the line as it stands in the file, without its end.
    """

    columns: tuple[str, ...]
    rows: Mapping[str, Row]
    lines: Mapping[str, str]
    newline: str = "\n"
    ended: bool = True
    header: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """A table that holds what both sides brought.

    Attributes
    ----------
    content
        The file; the dataset's own lines stand in it byte for byte.
    added, changed, removed
        Participants whose rows the other side added, changed or took out.
    conflicts
        What a person must decide, in words; `content` is not to be used then.
    """

    content: bytes
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = field(default=())


def read_people(content: bytes) -> People:
    """Read a participants.tsv; what is wrong with it is collected, never raised."""
    table = parse_table(content)
    faults = [f"line {line}: {message}" for line, message in table.faults]
    if ID not in table.columns:
        return People((), {}, {}, faults=(*faults, f"there is no column {ID}"))
    records = table.records()
    names = [record[ID] for record in records]
    faults += [f"{name!a} stands in it {n} times" for name, n in Counter(names).items() if n > 1]
    text = content.decode("utf-8", "backslashreplace").removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in text else "\n"
    head, *lines = text.split("\n")
    return People(
        table.columns,
        {name: dict(record) for name, record in zip(names, records, strict=True)},
        {name: line.rstrip("\r") for name, line in zip(names, lines, strict=False)},
        newline,
        text.endswith("\n"),
        head.rstrip("\r"),
        tuple(faults),
    )


def merge_people(base: People, ours: People, theirs: People) -> Merged:
    """Merge three versions of a table.

    Rows that the other side added come in where the order of the participants asks for it, where
    there is such an order, else at the end. A row that both sides changed alike, or in different
    columns, is no conflict.

    Parameters
    ----------
    base
        What both sides started from.
    ours
        The dataset's table.
    theirs
        The other side's.
    """
    conflicts = [f"{side}: {fault}" for side, people in (("dataset", ours), ("other", theirs))
                 for fault in people.faults]  # fmt: skip
    for column in theirs.columns:
        if column not in ours.columns and column not in base.columns:
            conflicts.append(f"only one side has the column {column!a}: add it to both first")
    for column in base.columns:
        if column in ours.columns and column not in theirs.columns:
            conflicts.append(f"the column {column!a} was taken out on one side")
    rows = {name: dict(row) for name, row in ours.rows.items()}
    added, changed, removed = [], [], []
    for name, row in theirs.rows.items():
        mine, former = ours.rows.get(name), base.rows.get(name)
        if former is None and mine is None:
            rows[name] = row
            added.append(name)
        elif mine is None:
            if row != former:
                conflicts.append(f"{name!a} was taken out on one side and changed on the other")
        else:
            problems = _merge_row(rows[name], former or {}, row, name)
            conflicts += problems
            if rows[name] != mine:
                changed.append(name)
    for name, former in base.rows.items():
        if name in ours.rows and name not in theirs.rows:
            if ours.rows[name] != former:
                conflicts.append(f"{name!a} was changed on one side and taken out on the other")
            else:
                del rows[name]
                removed.append(name)
    if conflicts:
        return Merged(b"", conflicts=tuple(conflicts))
    content = _write(ours, rows, added, {*changed})
    return Merged(content, tuple(added), tuple(changed), tuple(removed))


def _merge_row(row: Row, former: Row, theirs: Row, name: str) -> list[str]:
    """Put what the other side changed into a row; return where both changed it differently."""
    problems = []
    for column, value in theirs.items():
        mine, was = row.get(column, NOTHING), former.get(column, NOTHING)
        if column not in row or value == mine or (former and value == was):
            continue
        if former and mine == was:
            row[column] = value
        else:
            problems.append(
                f"{name!a}, {column}: the dataset has {mine!a}, the other side {value!a}"
            )
    return problems


def _write(ours: People, rows: Mapping[str, Row], added: list[str], changed: set[str]) -> bytes:
    order = [name for name in ours.rows if name in rows]
    for name in sorted(added) if is_sorted(order) else added:
        place = bisect_left(order, name) if is_sorted(order) else len(order)
        order.insert(place, name)
    lines = [ours.header]
    fresh = {*added, *changed}
    for name in order:
        line = ours.lines[name] if name not in fresh else _line(ours.columns, rows[name])
        lines.append(line)
    end = ours.newline if ours.ended or added else ""
    return (ours.newline.join(lines) + end).encode()


def _line(columns: Iterable[str], row: Mapping[str, str]) -> str:
    return "\t".join(row.get(column, "") or NOTHING for column in columns)


def is_sorted(names: Sequence[str]) -> bool:
    """Whether the participants stand in the order of their names."""
    return all(one <= other for one, other in pairwise(names))
