"""Decisions of people on defacing and quality that are still open."""

from __future__ import annotations

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
FILES = {".spinegate/defacing.tsv": "the defacing of", ".spinegate/qc.tsv": "the quality of"}
DECISIONS = ("pass", "reject", "redo", "open")
_SETTLED = DECISIONS[:2]
_NEEDED = ("path", "decision")
_LIMIT = 8 << 20


class Row(NamedTuple):
    """One line of such a file: what was decided of an image."""

    line: int
    path: str
    decision: str
    by: str


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
    by_whom = table.column("by") or [""] * len(table.rows)
    cells = zip(table.column("path") or (), table.column("decision") or (), by_whom, strict=True)
    for line, (path, decision, by) in enumerate(cells, start=2):
        if path or decision:
            rows[path] = Row(line, path, decision.lower(), by)
    return list(rows.values())


def _decisions(dataset: Dataset, file: str, subject: str, rows: list[Row]) -> Iterator[Verdict]:
    if isinstance(dataset.tree, PartialTree):
        rows = [row for row in rows if row.path in dataset.entries]
    wanting = [row for row in rows if row.decision not in _SETTLED]
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
            expected=list(_SETTLED),
            line=row.line,
            affects=(row.path,) if there else (),
        )

    yield from limited(wanting, verdict)


def _says(row: Row, subject: str, path: str) -> str:
    if row.decision in ("", "n/a", "open"):
        return f"nobody has decided on {subject} {path}"
    if row.decision == "redo":
        by = f" {shortened(row.by)} wants" if row.by not in ("", "n/a") else " somebody wants"
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
