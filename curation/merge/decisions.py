"""What people have decided on the defacing of images: rows that come in with the images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from ...system.errors import SpinegateError
from ...validator.table import parse_table

FILE = ".spinegate/defacing.tsv"
LIMIT = 8 << 20
_COLUMNS = ("path", "decision", "by", "date", "note")
_LONGEST = 500

Row = Mapping[str, str]


def new_rows(content: bytes | None, former: bytes | None) -> tuple[Row, ...]:
    """Return the rows that one state of the file has and another hasn't, in their order.

    Raises
    ------
    SpinegateError
        A file is too large to be one that people have written.
    """
    known = Counter(tuple(_row(record).values()) for record in _records(former))
    rows = []
    for row in map(_row, _records(content)):
        cells = tuple(row.values())
        if known[cells]:
            known[cells] -= 1
        elif row["path"]:
            rows.append(row)
    return tuple(rows)


def _records(content: bytes | None) -> list[Row]:
    if len(content or b"") > LIMIT:
        raise SpinegateError(f"{FILE} is larger than {LIMIT >> 20} MiB")
    return parse_table(content or b"").records()


def about(rows: Sequence[Row], paths: Collection[str]) -> tuple[Row, ...]:
    """Return the rows on these images."""
    return tuple(row for row in rows if row["path"] in paths)


def append_rows(content: bytes | None, rows: Sequence[Row]) -> bytes:
    """Add rows to the file; what stands in it stays byte for byte.

    Raises
    ------
    SpinegateError
        The file isn't one to which they could be added.
    """
    _records(content)  # whole
    content = content or ("\t".join(_COLUMNS) + "\n").encode()
    end = b"\r\n" if b"\r\n" in content else b"\n"
    if not content.endswith(b"\n"):
        content += end
    columns = parse_table(content).columns
    if not {"path", "decision"} <= set(columns):
        raise SpinegateError(f"{FILE} of the dataset has no columns path and decision")
    for row in rows:
        content += "\t".join(row.get(name, "") or "n/a" for name in columns).encode() + end
    return content


def merge_rows(before: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, list[str]]:
    """Add to our file what theirs has more than both had; return also what is in the way."""
    if new_rows(before, theirs):
        return b"", [f"{FILE}: decisions were changed or taken out on the branch"]
    return append_rows(ours, new_rows(theirs, before)), []


def _row(record: Row) -> dict[str, str]:
    cells = {name: " ".join(record.get(name, "").split())[:_LONGEST] for name in _COLUMNS}
    return {name: "".join(c for c in cell if c.isprintable()) for name, cell in cells.items()}
