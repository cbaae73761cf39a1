"""Decisions of people on defacing and quality that are still open, or not carried out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from ..dataset import Dataset
from ..finding import Outcome
from ..inspection import Inspection
from ..selection import PartialTree
from ..table import Table, parse_table
from ..verdict import Verdict, met
from .form import check_form
from .participants import limited
from .places import shortened, site_of

CODE = "DECISION_OPEN"
_FACES = ".spinegate/defacing.tsv"
FILES = {_FACES: "the defacing of", ".spinegate/qc.tsv": "the quality of"}
DECISIONS = ("pass", "reject", "redo", "open")
_SETTLED = DECISIONS[:2]
_NEEDED = ("path", "decision")
_UNSAID = ("", "n/a")
_LIMIT = 8 << 20


class Row(NamedTuple):
    """One line of such a file: what was decided of an image."""

    line: int
    path: str
    decision: str
    by: str
    date: str = ""


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield DECISION_OPEN for each image, and TABLE_MALFORMED for files that are no tables."""
    dataset = inspection.dataset
    for file, subject in FILES.items():
        content = dataset.read(file, _LIMIT)
        if content is None:
            continue
        if len(content) > _LIMIT:
            yield _not_said(file, f"it is larger than {_LIMIT >> 20} MiB")
            continue
        table = parse_table(content)
        yield from check_form(table, file)
        missing = [name for name in _NEEDED if name not in table.columns]
        if missing:
            yield _not_said(file, f"it has no column {' and none '.join(missing)}")
        else:
            yield from _decisions(dataset, file, subject, read_decisions(table))


def read_decisions(table: Table) -> list[Row]:
    """Return the last row of each image, which holds: people look at an image more than once."""
    rows: dict[str, Row] = {}
    by_whom, dates = (table.column(name) or [""] * len(table.rows) for name in ("by", "date"))
    paths, decisions = table.column("path") or (), table.column("decision") or ()
    cells = zip(paths, decisions, by_whom, dates, strict=True)
    for line, (path, decision, by, date) in enumerate(cells, start=2):
        if path or decision:
            rows[path] = Row(line, path, decision.lower(), by, date)
    return list(rows.values())


def _decisions(dataset: Dataset, file: str, subject: str, rows: list[Row]) -> Iterator[Verdict]:
    if isinstance(dataset.tree, PartialTree):
        rows = [row for row in rows if row.path in dataset.entries]
    wanting = [row for row in rows if not _is_settled(dataset, file, row)]
    yield met(CODE, count=len(rows) - len(wanting))

    def verdict(row: Row) -> Verdict:
        there = row.path in dataset.entries
        path = shortened(row.path, 300) or "(no path)"
        tail = "" if there else f"; {path} is not in the dataset"
        return Verdict(
            CODE,
            Outcome.NOT_MET,
            file,
            site_of(dataset, row.path),
            message=f"{file}, line {row.line}: {_says(row, subject, path)}{tail}.",
            sub_code=path,
            observed=shortened(row.decision),
            expected=list(_SETTLED if row.decision not in _SETTLED else _SETTLED[:1]),
            line=row.line,
            affects=(row.path,) if there else (),
        )

    yield from limited(wanting, verdict)


def _is_settled(dataset: Dataset, file: str, row: Row) -> bool:
    """Whether nothing is to be done; of what was rejected, a face must not stay."""
    there = row.path in dataset.entries
    return row.decision in _SETTLED and not (file == _FACES and row.decision == "reject" and there)


def _says(row: Row, subject: str, path: str) -> str:
    if row.decision == "reject":
        on = f" on {shortened(row.date)}" if row.date not in _UNSAID else ""
        by = f" by {shortened(row.by)}" if row.by not in _UNSAID else ""
        return (
            f"{subject} {path} was rejected{on}{by} and it is still in the dataset: git rm "
            f"{shlex.quote(path)}, or deface it by hand (spinegate curate deface --use "
            f"{shlex.quote(path + '=FILE')} --apply), look at it and let it pass"
        )
    if row.decision in (*_UNSAID, "open"):
        return f"nobody has decided on {subject} {path}"
    if row.decision == "redo":
        by = f" {shortened(row.by)} wants" if row.by not in _UNSAID else " somebody wants"
        return f"{subject} {path} is to be done again:{by} another try"
    known = ", ".join(DECISIONS)
    return f"{shortened(row.decision)!r} is no decision on {subject} {path}; there are {known}"


def _not_said(file: str, why: str) -> Verdict:
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        file,
        message=f"{file} does not say what was decided: {why}.",
        sub_code="file",
        line=1,
    )
