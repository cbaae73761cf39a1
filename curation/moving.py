"""Single steps on the disk: a move that replaces nothing, and folders that are left empty."""

# ruff: noqa: PTH104, PTH106, PTH120

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..system.errors import SpinegateError


def move(source: str, target: str) -> None:
    """Give a file another name.

    Raises
    ------
    SpinegateError
        There is such a file.
    """
    if os.path.lexists(target):  # POSIX would replace it without a word
        raise SpinegateError(f"{target} has appeared meanwhile")
    os.rename(source, target)


def prune(dataset: Path, paths: Iterable[str]) -> None:
    """Remove the folders that moves have left empty."""
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
        place = folder
        with suppress(OSError):  # not empty, or gone
            while place:
                os.rmdir(dataset / place)
                place = os.path.dirname(place)
