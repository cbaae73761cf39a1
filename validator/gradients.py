"""bval and bvec files: rows of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from .contents import read_texts
from .dataset import Dataset
from .tree import Entry, Unreadable

LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Gradients:
    """One bval or bvec file.

    Attributes
    ----------
    rows
        Its numbers, b-values in s/mm2; empty where `fault` says that it has none.
    fault
        What is wrong with the text.
    """

    path: str
    rows: tuple[tuple[float, ...], ...]
    fault: str = ""

    def to_context(self) -> dict[str, Any]:
        """Return what an expression sees of it (`associations.bval` of the BIDS language)."""
        first = self.rows[0] if self.rows else ()
        return {
            "path": self.path,
            "values": None if self.fault else list(first),
            "rows": None if self.fault else [list(row) for row in self.rows],
            "n_rows": None if self.fault else len(self.rows),
            "n_cols": None if self.fault else len(first),
        }


def read_gradients(dataset: Dataset) -> dict[str, Gradients]:
    """Read every bval and bvec file of a dataset in one sweep, by path.

    Where git holds the same object for an image at the root and the raw one it was made from,
    one of the two is read for both.
    """
    wanted: list[Entry] = []
    twins: dict[str, str] = {}
    for path, entry in dataset.entries.items():
        if not path.endswith((".bval", ".bvec")) or path in dataset.unreadable:
            continue
        twin = dataset.entries.get(f"sourcedata/{path}")
        if twin is not None and entry.oid and twin.oid == entry.oid:
            twins[path] = twin.path
        else:
            wanted.append(entry)
    result = {}
    for entry, content in zip(wanted, read_texts(dataset.tree, wanted, LIMIT), strict=True):
        if not isinstance(content, Unreadable):
            result[entry.path] = parse_gradients(entry.path, content)
    shared = {path: result[twin] for path, twin in twins.items() if twin in result}
    return {**result, **{path: replace(file, path=path) for path, file in shared.items()}}


def parse_gradients(path: str, content: bytes) -> Gradients:
    """Parse one file; a fault is kept, never raised."""
    if len(content) > LIMIT:
        return Gradients(path, (), f"larger than {LIMIT // 1024} KiB")
    try:
        lines = content.decode("ascii").splitlines()
        rows = tuple(tuple(map(float, line.split())) for line in lines if line.strip())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Gradients(path, (), f"not rows of numbers (another character in line {line})")
    except ValueError as error:
        return Gradients(path, (), f"not rows of numbers ({error})")
    if b"_" in content or not all(map(math.isfinite, chain.from_iterable(rows))):
        return Gradients(path, (), "not rows of numbers")
    widths = [len(row) for row in rows]
    if len(set(widths)) > 1:
        return Gradients(
            path, (), f"rows of different lengths ({', '.join(map(str, widths[:9]))})"
        )
    return Gradients(path, rows, "" if rows else "empty")
