"""YAML files that name participants, sites and images: exclude.yml, waivers, contributions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...rules.records import Patterns, has_signs
from ...system.yaml import parse_yaml
from ...validator.accepted import plain_path
from ...validator.checks.exclusions import FILE as EXCLUDE
from ...validator.edit_yaml import texts
from ...validator.operation import Set
from ...validator.settings import BASELINE_LIMIT, SETTINGS, read_settings
from ...validator.tree import Entry, Tree
from ..merge.attest import FOLDER as CONTRIBUTIONS
from .moves import Moves

_RAW = "sourcedata/"
_LINES = ("parameter", "observed")
Change = Callable[[str, str], str]
"""What becomes of a text under a key."""


class Records:
    """What the YAML files of a dataset say of what is renamed."""

    def __init__(self, tree: Tree, moves: Moves, sites: Mapping[str, str]) -> None:
        self._tree, self._moves, self._sites = tree, moves, sites
        self._known = {entry.path: entry for entry in tree.entries}

    def edits(self) -> Iterator[Set]:
        """Yield the edits of all of them; comments and layout stay.

        Raises
        ------
        ConfigError
            One of them can't be read; names file and line.
        """
        named = {**self._moves.subjects, **self._sites}
        if named:
            yield from self._edits([EXCLUDE], lambda _, text: named.get(text, text))
            records = [path for path in self._known if path.startswith(f"{CONTRIBUTIONS}/")]
            yield from self._edits(records, self._of_contribution)
        settings = read_settings(self._tree)
        yield from self._edits([SETTINGS, settings.baseline], self._of_policy)

    def notes(self) -> Iterator[str]:
        """Name the patterns of waivers that fit fewer files, or other sites, than before."""
        settings = read_settings(self._tree)
        for record in settings.records:
            for pattern in record.location if not record.exact else ():
                new = self._moves.follow(pattern)
                if has_signs(pattern) and (lost := self._lost(pattern, new)):
                    more = f" and {len(lost) - 1:,} more" if len(lost) > 1 else ""
                    place = f"{record.source}, line {record.line}"
                    yield f"{place}: {new} won't fit {lost[0]}{more} any longer; change it by hand"
            for pattern in record.site if not record.exact else ():
                fits = Patterns((pattern,)).match
                for old, new in self._sites.items():
                    if has_signs(pattern) and fits(old) and not fits(new):
                        place = f"{record.source}, line {record.line}"
                        yield f"{place}: {pattern} won't fit the site {new}; change it by hand"

    def _lost(self, pattern: str, new: str) -> list[str]:
        before, after = Patterns((plain_path(pattern),)), Patterns((plain_path(new),))
        return [
            target
            for path, target in self._moves.paths.items()
            if before.match(plain_path(path)) and not after.match(plain_path(target))
        ]

    def _edits(self, paths: list[str], change: Change) -> Iterator[Set]:
        found: list[Entry] = [self._known[path] for path in paths if path in self._known]
        for entry, content in zip(found, self._tree.read(found, BASELINE_LIMIT), strict=True):
            if not isinstance(content, bytes):
                continue
            document = parse_yaml(content, entry.path)
            for key, text in dict.fromkeys(texts(document.value)):
                if (new := change(key, text)) != text:
                    yield Set(entry.path, key, new, former=text)

    def _of_contribution(self, key: str, text: str) -> str:
        known = {"participants": self._moves.subjects, "site": self._sites}.get(key, {})
        return known.get(text, text)

    def _of_policy(self, key: str, text: str) -> str:
        if key == "site":
            return self._sites.get(text, text)
        if key == "location" or (key in _LINES and text in self._known):
            twin = _RAW + text
            if text not in self._known and twin in self._known:
                return plain_path(self._moves.target(twin))
            return self._moves.target(text)
        return self._moves.follow(text) if key in _LINES else text
