"""The first line of a comment, where it is one of the few that order something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_ORDER = re.compile(r"/spinegate (?P<kind>rename|fix|help|baseline)(?P<words> .*)?")
_WORDS = re.compile(r" +(?P<reason>\S.*?) +until +(?P<date>\S+)")
_LONGEST = 500

HELP = (
    ("/spinegate rename", "give files the names that the check suggests, and what is named after "
     "them"),
    ("/spinegate fix", "mend all that the check can mend: names, keys of sidecars, cells of "
     "participants.tsv"),
    ("/spinegate baseline REASON until 2027-03-31", "accept what the check has found newly, until "
     "that day"),
    ("/spinegate help", "say this"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered.

    Attributes
    ----------
    kind
        ``rename``, ``fix``, ``baseline`` or ``help``.
    line
        As it was written, without the blanks at its end.
    reason, until
        Of a baseline.
    fault
        Why it can't be done as it is written; "" where it can.
    """

    kind: str
    line: str
    reason: str = ""
    until: date | None = None
    fault: str = ""


def parse_order(body: str, today: date) -> Order | None:
    """Read a comment; None where its first line orders nothing.

    >>> parse_order("/spinegate fix", date(2026, 1, 1)).kind
    'fix'
    >>> parse_order("/spinegate fix; rm -rf /", date(2026, 1, 1))
    """
    line = body.partition("\n")[0].rstrip(" \t\r")
    found = _ORDER.fullmatch(line)
    if found is None or not line.isprintable():
        return None
    kind, words = found["kind"], found["words"]
    if kind != "baseline":
        return None if words else Order(kind, line)
    told = _WORDS.fullmatch(words or "")
    if told is None:
        return Order(
            kind, line, fault="say why and how long: /spinegate baseline REASON until DATE"
        )
    reason = told["reason"]
    if len(reason) > _LONGEST:
        return Order(kind, line[:_LONGEST], fault=f"a reason has at most {_LONGEST} characters")
    try:
        until = date.fromisoformat(told["date"])
    except ValueError:
        return Order(kind, line, fault=f"{told['date']} is no date such as 2027-03-31")
    if until < today:
        return Order(kind, line, fault=f"{until.isoformat()} has passed")
    return Order(kind, line, reason, until)
