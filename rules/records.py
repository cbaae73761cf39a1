"""Records: what changes the severity of findings, why, by whom and until when; as data.

One form serves the settings of a dataset and its baseline. In the settings a record names what it
matches by patterns (``*`` and ``?``, which also stand for slashes), and all that it leaves out
may be anything. In a baseline (`exact`) everything is meant literally: what is left out is empty,
and the site, which the files tell already, is there for who reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import translate
from functools import partial
from typing import Any, Final

from ..system.yaml import Document
from .spelling import did_you_mean

SEVERITIES = ("error", "warning", "ignore")
MATCHES = ("code", "group", "parameter", "site", "location")
ABOUT = ("reason", "by", "issue", "until")
KEYS = (*MATCHES, "observed", "severity", *ABOUT)
RECORDS = 2_000
"""Records of patterns in one file: each is tried on many findings."""
EXACT_RECORDS = 20_000
_PATTERNS = 20_000  # of one file
_EXACT_PATTERNS = 400_000
PATTERN = 4_096  # characters: the longest path that a system takes
_TEXT = 4_000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Anything:
    """Stands for an observed value that a record doesn't name."""

    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING: Final = Anything()


@dataclass(frozen=True, slots=True)
class Record:
    """One change of severity.

    Attributes
    ----------
    severity, reason, by, issue, until
        The severity it gives (error, warning, ignore), why, who says so, where that is discussed,
        and the last day on which it holds.
    code, group, parameter, site, location
        What a finding must match: any of the patterns of each; none for anything.
    observed
        The value that must have been observed.
    exact
        Whether the patterns are meant literally, and what is left out is empty.
    source, line
        Where the record stands.
    """

    severity: str
    reason: str
    code: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    parameter: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    observed: Any = ANYTHING
    by: str = ""
    issue: str = ""
    until: date | None = None
    exact: bool = False
    source: str = ""
    line: int = 1

    def expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today


class Patterns:
    """Alternatives, each a text or a pattern; without any, everything matches."""

    __slots__ = ("_globs", "_texts", "literal")

    def __init__(self, patterns: Sequence[str]) -> None:
        self._texts = frozenset(pattern for pattern in patterns if not has_signs(pattern))
        self._globs = tuple(_glob(pattern) for pattern in patterns if has_signs(pattern))
        self.literal = not self._globs

    def match(self, text: str) -> bool:
        """Whether a text is one of them or matches one."""
        for glob in self._globs:
            if glob(text):
                return True
        return text in self._texts or not (self._texts or self._globs)


def has_signs(pattern: str) -> bool:
    """Whether a pattern may match more than itself."""
    return "*" in pattern or "?" in pattern


def _glob(pattern: str) -> Callable[[str], bool]:
    if "?" not in pattern:
        first, *others, last = pattern.split("*")
        return partial(_in_order, first, last, list(filter(None, others)))
    # fnmatch knows a third sign, [...], which is none here; its expressions never go back far.
    expression = translate(re.sub(r"\*+", "*", pattern).replace("[", "[[]"))
    return partial(_is_match, re.compile(expression).match)


def _in_order(first: str, last: str, others: list[str], text: str) -> bool:
    """Whether a text holds all pieces one after the other, the first and the last at its ends."""
    if not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    if end < at:
        return False
    for piece in others:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _is_match(match: Callable[[str], object], text: str) -> bool:
    return match(text) is not None


def read_records(
    document: Document,
    *path: str | int,
    exact: bool = False,
    defaults: Mapping[str, Any] | None = None,
) -> tuple[Record, ...]:
    """Read the list of records that stands at a path of a document.

    Parameters
    ----------
    exact
        Whether they are those of a baseline.
    defaults
        What a record has that doesn't say otherwise; see `read_about`.

    Raises
    ------
    ConfigError
        Names file, line and key of what isn't right.
    """
    value = document.value
    for key in path:
        value = value[key]
    if value is None:
        return ()
    if not isinstance(value, list):
        raise document.error("must be a list of records", *path)
    limit, most = (EXACT_RECORDS, _EXACT_PATTERNS) if exact else (RECORDS, _PATTERNS)
    if len(value) > limit:
        raise document.error(f"holds more than {limit:,} records", *path)
    records = []
    patterns = 0
    for at, entry in enumerate(value):
        record = _record(document, (*path, at), entry, exact, defaults or {})
        patterns += sum(len(getattr(record, key)) for key in MATCHES)
        if patterns > most:
            raise document.error(f"holds more than {most:,} patterns", *path, at)
        records.append(record)
    return tuple(records)


def read_about(document: Document, entry: Mapping[str, Any], *path: str | int) -> dict[str, Any]:
    """Read reason, by, issue and until, those that are there; null takes a default away."""
    found: dict[str, Any] = {}
    for key in ABOUT:
        if key not in entry:
            continue
        value = "" if entry[key] is None else entry[key]
        if key == "issue" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise document.error("must be text", *path, key)
        if len(value) > _TEXT:
            raise document.error(f"is longer than {_TEXT:,} characters", *path, key)
        found[key] = value.strip()
    if "until" in found:
        try:
            found["until"] = _date(found["until"]) if found["until"] else None
        except ValueError:
            raise document.error("must be a date, such as 2027-03-31", *path, "until") from None
    return found


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _record(
    document: Document,
    path: tuple[str | int, ...],
    entry: object,
    exact: bool,
    defaults: Mapping[str, Any],
) -> Record:
    if not isinstance(entry, dict):
        raise document.error("a record is a mapping", *path)
    for key in entry:
        if key not in KEYS:
            raise document.error(f"no such key{did_you_mean(key, KEYS)}", *path, key)
    named: dict[str, Any] = {key: _patterns(document, entry, path, key) for key in MATCHES}
    if exact:
        for key in ("code", "location"):
            if not named[key]:
                raise document.error(f"{key} is missing", *path)
        for key in ("code", "group", "parameter", "site"):
            if len(named[key]) > 1:
                raise document.error("a baseline names one", *path, key)
    elif not any(named.values()):
        known = ", ".join(MATCHES)
        raise document.error(f"says of nothing what it matches: name one of {known}", *path)
    severity = entry.get("severity", "ignore" if exact else None)
    if severity not in SEVERITIES:
        raise document.error(f"severity: one of {', '.join(SEVERITIES)}", *path)
    about = {**defaults, **read_about(document, entry, *path)}
    if not about.get("reason"):
        raise document.error("needs a reason", *path)
    observed = entry.get("observed", None if exact else ANYTHING)
    return Record(
        severity,
        observed=observed,
        exact=exact,
        source=document.name,
        line=document.line(*path),
        **named,
        **about,
    )


def _patterns(
    document: Document, entry: Mapping[str, Any], path: tuple[str | int, ...], key: str
) -> tuple[str, ...]:
    if key not in entry:
        return ()
    value = entry[key]
    given = value if isinstance(value, list) else [value]
    if not given:
        raise document.error("names nothing: leave it out, or name something", *path, key)
    for at, pattern in enumerate(given):
        place = (*path, key, at) if isinstance(value, list) else (*path, key)
        if not isinstance(pattern, str):
            raise document.error("must be text: a pattern, or a list of them", *place)
        if len(pattern) > PATTERN:
            raise document.error(f"is longer than {PATTERN:,} characters", *place)
    return tuple(given)
