"""The plan of a contribution as a file that a person may read, change and give back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...system.errors import ConfigError
from ...system.files import read_limited
from ...validator.plan_output import put_plan
from ...validator.plan_yaml import format_records, parse_records
from .contribution import PARTICIPANTS, Contribution
from .decisions import about
from .plan import MergePlan
from .rows import ID, read_people

_LIMIT = 64 << 20
_HEAD = """\
# What a contribution would bring. Write `no` after `apply` to leave a file or row out;
# correct values of rows. Give it back by --from-plan, with the same --from.
"""


def write_plan(plan: MergePlan, file: Path) -> None:
    """Write a plan.

    Raises
    ------
    ConfigError
        See `put_plan`.
    """
    put_plan(_HEAD + format_records(list(_records(plan))), file, 0o600)  # rows are about people


def _records(plan: MergePlan) -> Iterator[dict[str, Any]]:
    for piece in plan.contribution.pieces:
        yield {"apply": "yes", "op": "add" if piece.new else "change", "path": piece.path,
               **({"key": piece.key} if piece.key else {})}  # fmt: skip
    for path in plan.contribution.gone:
        yield {"apply": "yes", "op": "delete", "path": path}
    if plan.people is not None and plan.people.content:
        rows = read_people(plan.people.content).rows
        for name in (*plan.people.added, *plan.people.changed):
            yield {"apply": "yes", "op": "row", "path": PARTICIPANTS, "row": name,
                   "value": dict(rows[name])}  # fmt: skip


def apply_choices(contribution: Contribution, file: Path) -> Contribution:
    """Leave out what a plan leaves out, and put its rows in place of the contribution's.

    Raises
    ------
    ConfigError
        It isn't such a plan, or speaks of what the contribution doesn't bring.
    """
    content = read_limited(file, _LIMIT)
    known = {piece.path: piece for piece in contribution.pieces}
    chosen, deleted = set(), set()
    rows: dict[str, Mapping[str, str]] = {}
    for line, record in parse_records(content, str(file)):
        path, take = record.get("path"), record.get("apply") in ("yes", True)
        op = record.get("op")
        if op in ("add", "change") and path in known:
            if take:
                chosen.add(path)
        elif op == "delete" and path in contribution.gone:
            if take:
                deleted.add(path)
        elif op == "row" and isinstance(record.get("value"), dict):
            if take:
                values = {str(key): str(value) for key, value in record["value"].items()}
                rows[str(record.get("row"))] = {**values, ID: str(record.get("row"))}
        else:
            raise ConfigError(
                f"the contribution has nothing for {op!r} of {path!r}", str(file), line
            )
    people = contribution.people
    if people is not None:
        people = _table(contribution, rows)
    return replace(
        contribution,
        pieces=tuple(piece for piece in contribution.pieces if piece.path in chosen),
        gone=tuple(path for path in contribution.gone if path in deleted),
        people=people,
        decisions=about(contribution.decisions, chosen),
    )


def _table(contribution: Contribution, rows: Mapping[str, Mapping[str, str]]) -> bytes:
    """Write a table of the chosen rows; of a fork's also those that it hasn't touched."""
    former = read_people(contribution.former).rows if contribution.former else {}
    whole: dict[str, Mapping[str, str]] = {**former, **rows} if contribution.start else dict(rows)
    names = dict.fromkeys([ID, *(column for row in whole.values() for column in row)])
    lines = ["\t".join(names)]
    for row in whole.values():
        cells = (row.get(name, "n/a").replace("\t", " ").replace("\n", " ") for name in names)
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode()
