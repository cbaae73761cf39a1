"""Whether a table is one: its lines, its header, what stands between its cells."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Outcome
from ..table import Table
from ..verdict import Verdict, met
from .places import listed, shortened

CODE = "TABLE_MALFORMED"


def check_form(table: Table, path: str) -> Iterator[Verdict]:
    """Yield what is wrong with a table as a table; of a CSV file, only that it is one."""
    separator = separator_of(table)
    if separator:
        yield _not_tabs(table, path, separator)
        return
    kinds: dict[str, list[tuple[int, str]]] = {}
    for line, message in table.faults:
        kind = "encoding" if "UTF-8" in message else "columns" if line == 1 else "cells"
        kinds.setdefault(kind, []).append((line, message))
    if "" in table.columns and table.columns != ("",):
        kinds.setdefault("columns", []).append((1, "a column has no name"))
    if not kinds:
        yield met(CODE)
    for kind, faults in kinds.items():
        line, message = faults[0]
        lines = listed([str(number) for number, _ in faults], 8)
        where = f"line {line}" if len(faults) == 1 else f"lines {lines}, the first"
        yield Verdict(
            CODE,
            Outcome.NOT_MET,
            path,
            message=f"{path}, {where}: {shortened(message, 200)}.",
            sub_code=kind,
            line=line,
            observed=f"{len(faults):,} lines" if len(faults) > 1 else shortened(message, 200),
        )


def separator_of(table: Table) -> str:
    """Return what stands between the cells where it isn't a tab; "" where it is."""
    if len(table.columns) != 1:
        return ""
    for separator in ",;":
        first, found, _ = table.columns[0].partition(separator)
        if found and first.strip(" \"'") == "participant_id":
            return separator
    return ""


def _not_tabs(table: Table, path: str, separator: str) -> Verdict:
    word = "commas" if separator == "," else "semicolons"
    return Verdict(
        CODE,
        Outcome.NOT_MET,
        path,
        message=f"{path} separates its cells by {word}, not by tabs: it is no TSV but a CSV file.",
        sub_code="separator",
        line=1,
        observed=shortened(table.columns[0]),
        expected="tabs",
    )
