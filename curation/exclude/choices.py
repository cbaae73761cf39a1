"""What is to be put into exclude.yml and taken out of it, as a list that a person may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_OPS = ("add", "remove")


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list.

    Attributes
    ----------
    op
        ``add`` or ``remove``.
    metric, name
        Out of which metric, and who: a participant (``sub-x``) or a site.
    reason, issue
        Why, in words, and the address where that is discussed ("" for none).
    apply
        Whether it is to be done at all.
    """

    op: str
    metric: str
    name: str
    reason: str = ""
    issue: str = ""
    apply: bool = True

    @property
    def comment(self) -> str:
        """What stands behind the entry in exclude.yml."""
        return f"{self.reason} ({self.issue})" if self.issue else self.reason


def make_choice(row: dict[str, Any]) -> Choice:
    """Turn the fields of a line into a choice.

    Raises
    ------
    ValueError
        What is wrong with it, in words.
    """
    if row.get("op") not in _OPS:
        raise ValueError("op must be add or remove")
    texts = {key: row.get(key, "") for key in ("op", "metric", "name", "reason", "issue")}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{key} must be text")
    if not texts["metric"] or not texts["name"]:
        raise ValueError("metric and name are needed")
    words = {key: " ".join(text.split()) for key, text in texts.items()}
    return Choice(**words, apply=row["apply"])
