"""TSV tables as BIDS has them, from strangers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

LIMIT = 64 * 1024 * 1024
_COLUMNS = 10_000  # cells that are missing are filled in: a few bytes could become many
_FAULTS = 1_000


@dataclass(frozen=True, slots=True)
class Table:
    """A TSV file: column names, rows of text cells, and what could not be read.

    Attributes
    ----------
    columns
        Names of the header line, stripped.
    rows
        One tuple of cells per line, as long as `columns`; row i stands on line i + 2.
    faults
        (line, message) of lines that aren't as the header says, and of text that isn't UTF-8.
    padded
        Names of the header line, stripped, that have spaces around them there.
    whole
        Whether all lines were read: else nothing can be said of what isn't there.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    faults: tuple[tuple[int, str], ...] = ()
    padded: tuple[str, ...] = ()
    whole: bool = True

    def column(self, name: str) -> list[str] | None:
        """Return a column's cells, stripped; None where there is no such column."""
        if name not in self.columns:
            return None
        index = self.columns.index(name)
        return [row[index].strip() for row in self.rows]

    def records(self) -> list[Mapping[str, str]]:
        """Return the rows as mappings of stripped cells."""
        return [
            {key: cell.strip() for key, cell in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


def parse_table(content: bytes) -> Table:
    """Parse a TSV file; faults are collected, never raised.

    Parameters
    ----------
    content
        At most `LIMIT` + 1 bytes of the file: one byte too many says that it is too large.
    """
    if len(content) > LIMIT:
        return Table((), (), ((1, f"the table is larger than {LIMIT // 2**20} MiB"),), whole=False)
    faults: list[tuple[int, str]] = []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.append((line, f"not UTF-8 at byte {error.start}"))
        text = content.decode("utf-8", "backslashreplace")
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[-1] in ("", "\r"):
        lines.pop()
    if not lines:
        return Table((), (), ((1, "the table is empty"),), whole=False)
    names = lines[0].rstrip("\r").split("\t")
    columns = tuple(map(str.strip, names))
    width = len(columns)
    if width > _COLUMNS:
        return Table((), (), (*faults, (1, f"more than {_COLUMNS:,} columns")), whole=False)
    padded = tuple(name for name, raw in zip(columns, names, strict=True) if name != raw)
    whole = True
    for name, count in Counter(columns).items():
        if count > 1:
            faults.append((1, f"the column {name!r} stands here {count} times"))
    rows: list[tuple[str, ...]] = []
    same: dict[str, str] = {}  # a million rows hold few different cells
    known = same.setdefault
    for number, text in enumerate(lines[1:], start=2):
        cells = text.rstrip("\r").split("\t")
        if len(cells) != width:
            faults.append((number, f"{len(cells)} cells where the header has {width} columns"))
            if len(faults) > _FAULTS:
                faults.append((number, "too many faults: the rest of the table is not read"))
                whole = False
                break
            cells = (cells + [""] * width)[:width]
        rows.append(tuple(map(known, cells, cells)))
    return Table(columns, tuple(rows), tuple(faults), padded, whole)
