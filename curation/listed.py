"""Paths in a sentence: of many the first."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 10


def listed(paths: Sequence[str]) -> str:
    """Return paths as a sentence names them; characters that can't be seen are escaped.

    Examples
    --------
    >>> listed(["a.json", "b.json"])
    "'a.json', 'b.json'"
    """
    more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
    return ", ".join(ascii(path) for path in paths[:_SHOWN]) + more
