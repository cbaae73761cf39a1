"""Profiles: named lists of changes of severity, as data.

A record has the form of those in a dataset's own settings: what it matches (`code`, `group`,
`location`, `site`, `parameter`; patterns with ``*``), the `severity` it gives, and the `reason`.
The validator applies all of them by one function; the last that matches decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..system.yaml import Document, read_yaml
from .spelling import did_you_mean

SEVERITIES = ("error", "warning", "ignore")
MATCHES = ("code", "group", "location", "site", "parameter")
_RECORD = (*MATCHES, "severity", "reason")
_KEYS = ("title", "extends", "records")


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with its records, those that it extends first."""

    name: str
    title: str
    records: tuple[Mapping[str, str], ...] = ()


def load_profiles(path: Path | None = None) -> dict[str, Profile]:
    """Read the profiles, those of the package if no file is given.

    Raises
    ------
    ConfigError
        An unknown key, severity or profile, or profiles that extend each other in a circle.
    """
    own = Path(__file__).with_name("profiles.yaml")
    document = read_yaml(path or own, "rules/profiles.yaml" if path is None else str(path))
    if not isinstance(document.value, dict):
        raise document.error("must be a mapping from names to profiles")
    return {name: _profile(document, name, ()) for name in document.value}


def _profile(document: Document, name: str, below: tuple[str, ...]) -> Profile:
    entry = document.value[name]
    if not isinstance(entry, dict):
        raise document.error("a profile is a mapping", name)
    for key in entry:
        if key not in _KEYS:
            raise document.error(f"no such key{did_you_mean(key, _KEYS)}", name, key)
    title, base = entry.get("title"), entry.get("extends")
    if not isinstance(title, str) or not title:
        raise document.error("title is missing", name)
    records = _records(document, name, entry.get("records", []))
    if base is None:
        return Profile(name, title, records)
    if base not in document.value:
        hint = did_you_mean(str(base), document.value)
        raise document.error(f"no profile {base!r}{hint}", name, "extends")
    if base in (name, *below):
        raise document.error("these profiles extend each other in a circle", name, "extends")
    return Profile(name, title, (*_profile(document, base, (*below, name)).records, *records))


def _records(document: Document, name: str, value: object) -> tuple[Mapping[str, str], ...]:
    if not isinstance(value, list):
        raise document.error("must be a list", name, "records")
    for at, record in enumerate(value):
        place = (name, "records", at)
        if not isinstance(record, dict) or not all(isinstance(v, str) for v in record.values()):
            raise document.error("a record is a mapping of texts", *place)
        for key in record:
            if key not in _RECORD:
                raise document.error(f"no such key{did_you_mean(key, _RECORD)}", *place, key)
        if record.get("severity") not in SEVERITIES:
            raise document.error(f"severity: one of {', '.join(SEVERITIES)}", *place)
        if not record.get("reason") or not any(key in record for key in MATCHES):
            raise document.error("needs a reason, and a code or a group", *place)
    return tuple(value)
