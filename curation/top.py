"""The top folder of a dataset: commands that change one don't start in another folder."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..system.errors import SpinegateError

_MARKS = ("dataset_description.json", "participants.tsv", "sub-*/")


def require_top(folder: Path, *, new: bool = False) -> None:
    """Refuse a folder that is no dataset, or only a part of one.

    Parameters
    ----------
    folder
        The folder that was named.
    new
        Whether it may be one that is to become a dataset: no other lies around it or in it.

    Raises
    ------
    SpinegateError
        It says which folder is probably meant.
    """
    if not folder.is_dir() or any(any(folder.glob(mark)) for mark in _MARKS):
        return
    real = folder.resolve()
    marked = (place for place in real.parents if (place / _MARKS[0]).is_file())
    above = next(marked, None)
    below = next(iter(sorted(folder.glob(f"*/{_MARKS[0]}"))), None)
    meant = above or (below and below.parent)
    if new and not meant:
        return
    hint = f"; did you mean {meant}?" if meant else ""
    raise SpinegateError(
        f"{folder if str(folder) != '.' else real} is no dataset: there is no {_MARKS[0]}, "
        f"no participants.tsv and no sub-... folder in it{hint}"
    )


def at(folder: Path) -> str:
    """Return the option that names a dataset, as somebody types it; "" where it needn't be."""
    return "" if folder == Path() else f" --dataset {shlex.quote(str(folder))}"
