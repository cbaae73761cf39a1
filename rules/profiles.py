"""Profiles: one table of groups and codes by profile, as data, that says how severe a rule is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..system.yaml import Document, read_yaml
from .spelling import did_you_mean

LEVELS = ("own", "error", "warning", "ignore")
_RANK = {"ignore": 0, "warning": 1, "error": 2}
_TABLE = Path(__file__).with_name("profiles.yaml")
_KEYS = ("profiles", "groups", "others", "codes")


@dataclass(frozen=True, slots=True)
class Profile:
    """One column of the table.

    Attributes
    ----------
    groups, codes
        Group or code -> own, error, warning or ignore; a code goes before its group.
    others
        The same for groups that the table doesn't name.
    """

    name: str
    title: str
    groups: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    others: str = "own"

    def level(self, code: str, group: str, own: str) -> str:
        """Return the severity of a finding.

        Parameters
        ----------
        own
            The severity that its check gave it; it may be weaker than that of its rule.
        """
        cell = self.codes.get(code) or self.groups.get(group, self.others)
        if cell == "own":
            return own
        if cell == "error":
            return cell
        return min(own, cell, key=_RANK.__getitem__)


def load_profiles(path: Path | None = None) -> dict[str, Profile]:
    """Read the table, that of the package if no file is given.

    Raises
    ------
    ConfigError
        An unknown key, profile or level, and a cell that is missing.
    """
    return dict(_packaged() if path is None else _read(read_yaml(path)))


@lru_cache(maxsize=1)
def _packaged() -> dict[str, Profile]:
    return _read(read_yaml(_TABLE, "rules/profiles.yaml"))


def check_groups(profiles: Mapping[str, Profile], groups: Iterable[str]) -> list[str]:
    """Return what the table and the groups of rules have not in common, as sentences."""
    wanted = set(groups)
    named = {group for profile in profiles.values() for group in profile.groups}
    missing = [f"the group {group} is not in the table" for group in sorted(wanted - named)]
    return missing + [f"no rule is of the group {group}" for group in sorted(named - wanted)]


def _read(document: Document) -> dict[str, Profile]:
    table = _mapping(document)
    for key in table:
        if key not in _KEYS:
            raise document.error(f"no such key{did_you_mean(key, _KEYS)}", key)
    titles = _titles(document)
    rows = {
        key: {name: _row(document, titles, key, name) for name in _mapping(document, key)}
        for key in ("groups", "codes")
    }
    others = _row(document, titles, "others")
    return {
        name: Profile(
            name,
            title,
            {group: row[name] for group, row in rows["groups"].items()},
            {code: row[name] for code, row in rows["codes"].items()},
            others[name],
        )
        for name, title in titles.items()
    }


def _titles(document: Document) -> dict[str, str]:
    titles: dict[str, str] = {}
    for name, title in _mapping(document, "profiles").items():
        if not isinstance(title, str) or not title:
            raise document.error("needs a title", "profiles", name)
        titles[name] = title
    if not titles:
        raise document.error("names no profile", "profiles")
    return titles


def _mapping(document: Document, *path: str) -> dict[str, object]:
    value = document.value
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None and path == ("codes",):
        return {}
    if not isinstance(value, dict):
        what = "is missing" if value is None else "must be a mapping"
        raise document.error(what, *path)
    return value


def _row(document: Document, titles: Mapping[str, object], *path: str) -> dict[str, str]:
    row = _mapping(document, *path)
    for name in row:
        if name not in titles:
            raise document.error(f"no such profile{did_you_mean(name, titles)}", *path, name)
    cells: dict[str, str] = {}
    for name in titles:
        cell = row.get(name)
        if not isinstance(cell, str) or cell not in LEVELS:
            raise document.error(f"{name}: one of {', '.join(LEVELS)}", *path)
        if cell == "error" and path[0] != "codes":
            reason = "a check that weakened its verdict would be overruled: name the code"
            raise document.error(f"{name}: only a code can be made an error; {reason}", *path)
        cells[name] = cell
    return cells
