"""Columns of a stranger's participants.tsv brought to those of the dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ...system.errors import SpinegateError
from .rows import ID, People

_ALIASES = {
    "gender": "sex", "site": "institution_id",
    "subject": ID, "subject_id": ID, "participant": ID,
}  # fmt: skip


def map_columns(
    theirs: People, ours: People, chosen: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Say which column of theirs is which of ours, and which have no place.

    Parameters
    ----------
    chosen
        What the user said: their name -> ours.

    Raises
    ------
    SpinegateError
        The user named a column that isn't there.
    """
    for one, other in chosen.items():
        if one not in theirs.columns:
            raise SpinegateError(f"--column: the contribution has no column {one!r}")
        if other not in ours.columns:
            raise SpinegateError(f"--column: the dataset has no column {other!r}")
    known = {_plain(name): name for name in ours.columns}
    mapping: dict[str, str] = {}
    left = []
    for name in theirs.columns:
        plain = _plain(name)
        target = chosen.get(name) or known.get(plain) or known.get(_plain(_ALIASES.get(plain, "")))
        taken = {*mapping.values()} | {new for old, new in chosen.items() if old != name}
        if target and (target not in taken or name in chosen):
            mapping[name] = target
        else:
            left.append(name)
    return mapping, left


def rename_columns(theirs: People, mapping: Mapping[str, str]) -> People:
    """Return the table with the columns that have a place, by the dataset's names."""
    rows = {
        name: {mapping[column]: value for column, value in row.items() if column in mapping}
        for name, row in theirs.rows.items()
    }
    return replace(theirs, columns=tuple(mapping.values()), rows=rows)


def with_id(content: bytes, chosen: Mapping[str, str]) -> bytes:
    """Give the column of participants its name, so that the table can be read at all."""
    head, end, rest = content.partition(b"\n")
    cells = head.decode("utf-8", "replace").removeprefix("\ufeff").split("\t")
    names = [cell.strip() for cell in cells]
    if ID in names:
        return content
    for at, name in enumerate(names):
        plain = _plain(name)
        if chosen.get(name) == ID or plain == _plain(ID) or _ALIASES.get(plain) == ID:
            names[at] = ID
            return "\t".join(names).encode() + end + rest
    return content


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
