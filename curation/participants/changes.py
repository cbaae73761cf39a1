"""Changes of participants.tsv, as a list that a person may read and change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NEEDED = {"set": ("participant", "column", "value"), "add": ("participant",), "sort": ()}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the list.

    Attributes
    ----------
    op
        ``add`` a participant, ``set`` a cell, also of a row that is added; ``sort`` the rows.
    participant, column, value
        Empty where the operation needs none.
    apply
        Whether it is to be done at all.
    """

    op: str
    participant: str = ""
    column: str = ""
    value: str = ""
    apply: bool = True


def make_change(row: dict[str, Any]) -> Change:
    """Turn the fields of a line into a change.

    Raises
    ------
    ValueError
        What is wrong with it, in words.
    """
    op = row.get("op")
    if not isinstance(op, str) or op not in _NEEDED:
        raise ValueError(f"op must be one of {', '.join(_NEEDED)}")
    for key in ("participant", "column"):
        if not isinstance(row.get(key, ""), str):
            raise ValueError(f"{key} must be text")
    value = row.get("value", "")
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError("value must be text or a number")
    if missing := [key for key in _NEEDED[op] if row.get(key, "") == ""]:
        raise ValueError(f"{op} needs {' and '.join(missing)}")
    return Change(op, row.get("participant", ""), row.get("column", ""), str(value), row["apply"])
