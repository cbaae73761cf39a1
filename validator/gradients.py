"""bval and bvec files: rows of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from .contents import read_texts
from .dataset import Dataset
from .tree import Unreadable

LIMIT = 1 << 20
Rows = tuple[tuple[float, ...], ...]


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
    rows: Rows
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
    """Read every bval and bvec file of a dataset in one sweep, by path."""
    wanted = [
        entry
        for path, entry in dataset.entries.items()
        if path.endswith((".bval", ".bvec")) and path not in dataset.unreadable
    ]
    contents = read_texts(dataset.tree, wanted, LIMIT)
    return {
        entry.path: parse_gradients(entry.path, content)
        for entry, content in zip(wanted, contents, strict=True)
        if not isinstance(content, Unreadable)
    }


def parse_gradients(path: str, content: bytes) -> Gradients:
    """Parse one file; a fault is kept, never raised."""
    return Gradients(path, *_parse(content))


@lru_cache(maxsize=4096)  # a site's scans share one text, an image and the raw one do
def _parse(content: bytes) -> tuple[Rows, str]:
    """Return the rows and what is wrong with them."""
    if len(content) > LIMIT:
        return (), f"larger than {LIMIT // 1024} KiB"
    try:
        lines = content.decode("ascii").splitlines()
        rows = tuple(tuple(map(float, line.split())) for line in lines if line.strip())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return (), f"not rows of numbers (another character in line {line})"
    except ValueError as error:
        return (), f"not rows of numbers ({error})"
    if b"_" in content or not all(map(math.isfinite, chain.from_iterable(rows))):
        return (), "not rows of numbers"
    widths = [len(row) for row in rows]
    if len(set(widths)) > 1:
        return (), f"rows of different lengths ({', '.join(map(str, widths[:9]))})"
    return rows, "" if rows else "empty"
