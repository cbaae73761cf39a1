"""What people have decided on the defacing of images: rows that come in with the images."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ...validator.table import parse_table

FILE = ".spinegate/defacing.tsv"
LIMIT = 8 << 20
_COLUMNS = ("path", "decision", "by", "date", "note")
_LONGEST = 500

Row = Mapping[str, str]


def new_rows(content: bytes | None, former: bytes | None) -> tuple[Row, ...]:
    """Return the rows that one state of the file has and another hasn't, in their order."""
    known = [_row(record) for record in parse_table((former or b"")[:LIMIT]).records()]
    rows = []
    for record in parse_table((content or b"")[:LIMIT]).records():
        row = _row(record)
        if row in known:
            known.remove(row)
        elif row["path"]:
            rows.append(row)
    return tuple(rows)


def about(rows: Sequence[Row], paths: Collection[str]) -> tuple[Row, ...]:
    """Return the rows on these images."""
    return tuple(row for row in rows if row["path"] in paths)


def append_rows(content: bytes | None, rows: Sequence[Row]) -> bytes:
    """Add rows to the file; what stands in it stays byte for byte."""
    content = content or ("\t".join(_COLUMNS) + "\n").encode()
    end = b"\r\n" if b"\r\n" in content else b"\n"
    if not content.endswith(b"\n"):
        content += end
    columns = parse_table(content).columns
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
