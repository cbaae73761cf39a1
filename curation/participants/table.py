"""participants.tsv as it will be: only the lines that change are written anew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...protocol_specs.loader import load_spec
from ...rules.spelling import did_you_mean
from ...system.errors import ConfigError
from ...validator.checks.cells import cell_faults
from ...validator.checks.participants import FILE
from ...validator.dataset import Dataset, load_dataset
from ...validator.table import LIMIT, Table
from ...validator.tree import open_tree
from .changes import Change

ID = "participant_id"
_ID = re.compile(r"sub-[0-9A-Za-z+]+")
_DIGITS = re.compile(r"([0-9]+)")
_SPEC = "spine-generic"  # which columns there are doesn't depend on the protocol


@dataclass(frozen=True, slots=True)
class Participants:
    """participants.tsv with what participants.json says of its columns."""

    dataset: Dataset
    text: str
    table: Table
    meanings: Mapping[str, Any]


def load_participants(folder: Path) -> Participants:
    """Read a dataset's participants.tsv.

    Raises
    ------
    SpinegateError
        There is none, or it isn't a table with a column participant_id.
    """
    dataset = load_dataset(open_tree(folder), load_spec(_SPEC))
    table = dataset.participants
    content = dataset.read(FILE, LIMIT)
    if table is None or content is None:
        raise ConfigError("there is no such file, or it can't be read", str(folder / FILE))
    if table.faults:
        line, message = table.faults[0]
        raise ConfigError(f"{message}; mend that first", FILE, line)
    if ID not in table.columns:
        raise ConfigError(f"there is no column {ID}", FILE, 1)
    sidecar = dataset.json.get("participants.json")
    meanings = sidecar.value if sidecar is not None else {}
    return Participants(dataset, content.decode(), table, meanings)


def change(known: Participants, changes: Sequence[Change], today: date) -> str:
    """Return participants.tsv with the changes made.

    Raises
    ------
    ConfigError
        All that stands in the way: unknown participants and columns, values that can't be.
    """
    problems: list[str] = []
    chosen = [each for each in changes if each.apply]
    columns = known.table.columns
    lines = known.text.splitlines(keepends=True)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    head, *body = [line.rstrip("\r\n").split("\t") for line in lines]
    at = columns.index(ID)
    rows = {row[at].strip(): row for row in body}
    if len(rows) < len(body):
        raise ConfigError("a participant stands there twice; mend that first", FILE)
    ordered = in_order(list(rows))
    for each in chosen:
        if each.op == "add":
            problems += _may_be_added(each.participant, rows)
            if each.participant not in rows:
                rows[each.participant] = [
                    each.participant if column == ID else "n/a" for column in columns
                ]
    seen: set[tuple[str, str]] = set()
    for each in chosen:
        if each.op != "set":
            continue
        wrong = _wrong(known, each, rows, today)
        if (each.participant, each.column) in seen:
            wrong.append(f"{each.column} of {each.participant} is set twice")
        seen.add((each.participant, each.column))
        problems += wrong
        if not wrong:
            rows[each.participant][columns.index(each.column)] = each.value
    if problems:
        raise ConfigError("\n".join(problems), FILE)
    if any(each.op == "sort" for each in chosen) or ordered:
        rows = {name: rows[name] for name in sorted(rows, key=natural)}
    return "".join("\t".join(row) + end for row in [head, *rows.values()])


def in_order(names: Sequence[str]) -> bool:
    """Whether participants stand in the order that `natural` gives."""
    keys = list(map(natural, names))
    return all(a <= b for a, b in pairwise(keys))


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts sub-a2 before sub-a10, and upper case with lower case."""
    return [
        (int(part) if len(part) < 10 else 0, part) if at % 2 else (0, part.casefold())
        for at, part in enumerate(_DIGITS.split(name))
    ]


def notes(known: Participants, changes: Sequence[Change]) -> list[str]:
    """Say what doesn't stand in the way but should be known."""
    said = []
    folders = {path.partition("/")[0] for path in known.dataset.entries}
    for each in changes:
        if each.op == "add" and each.apply and each.participant not in folders:
            said.append(f"there is no folder {each.participant} yet")
    columns = dict.fromkeys(each.column for each in changes if each.op == "set" and each.apply)
    said += [
        f"participants.json doesn't say what {column} means"
        for column in columns
        if column not in known.meanings
    ]
    return said


def _may_be_added(name: str, rows: Mapping[str, Sequence[str]]) -> list[str]:
    if name in rows:
        return [f"{name} is there already; set changes its cells"]
    if not _ID.fullmatch(name):
        hint = f"; did you mean 'sub-{name}'?" if _ID.fullmatch(f"sub-{name}") else ""
        return [f"{name!r} is no participant_id: it is sub- and letters or digits{hint}"]
    return []


def _wrong(
    known: Participants, each: Change, rows: Mapping[str, Sequence[str]], today: date
) -> list[str]:
    """Say why a cell can't be set."""
    columns = known.table.columns
    if each.participant not in rows:
        return [f"no participant {each.participant!r}{did_you_mean(each.participant, rows)}"]
    if each.column not in columns:
        return [f"no column {each.column!r}{did_you_mean(each.column, columns)}"]
    if each.column == ID:
        return ["a participant gets another name by spinegate curate rename"]
    if columns.count(each.column) > 1:
        return [f"the column {each.column!r} stands there twice"]
    if not each.value.isprintable():
        return [f"{each.column} of {each.participant}: tabs, line ends and the like can't stand"]
    faults = cell_faults(each.column, known.meanings.get(each.column), each.value, today)
    where = f"{each.column} of {each.participant}"
    return [
        f"{where}: {each.value!r}: {said if said != 'n/a' else 'write n/a'}"
        for said in faults.values()
    ]
