"""Which files .bidsignore hides: its patterns are gitignore's."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..entities import split_subject

_ALWAYS = (".*",)
_LABEL_CHARACTER = re.compile(r"[0-9A-Za-z+-]")
_SHAPES = 4096


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line: its path's parts (None for ``**``), for folders only, or taken back by ``!``."""

    parts: tuple[re.Pattern[str] | None, ...]
    folders_only: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class BidsIgnore:
    """The patterns of a .bidsignore file; files whose name starts with a dot are always hidden."""

    patterns: tuple[_Pattern, ...]
    by_shape: bool
    _hidden: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str = "") -> BidsIgnore:
        """Read a .bidsignore's text; no line of it is an error."""
        lines = [line.strip() for line in (*_ALWAYS, *text.splitlines())]
        lines = [line for line in lines if line.strip("/!\\ ") and not line.startswith("#")]
        return cls(tuple(map(_pattern, lines)), all(map(_ignores_labels, lines)))

    def hides(self, path: str) -> bool:
        """Whether a file, or a folder that holds it, is hidden."""
        if not self.by_shape:
            return self._match(path)
        shape, _ = split_subject(path)
        known = self._hidden.get(shape)
        if known is None:
            if len(self._hidden) >= _SHAPES:
                self._hidden.clear()
            known = self._hidden[shape] = self._match(shape)
        return known

    def count(self, paths: Iterable[str]) -> int:
        """How many of these files are hidden."""
        return sum(map(self.hides, paths))

    def _match(self, path: str) -> bool:
        names = path.split("/")
        for depth in range(1, len(names) + 1):
            hidden = False
            for pattern in self.patterns:
                if (depth < len(names) or not pattern.folders_only) and _fits(
                    pattern.parts, names[:depth]
                ):
                    hidden = not pattern.negated
            if hidden:
                return True
        return False


def _fits(parts: tuple[re.Pattern[str] | None, ...], names: list[str]) -> bool:
    """Whether the parts match all the names; a set of places, so that no pattern takes long."""
    if len(parts) == 2 and parts[0] is None and parts[1] is not None:
        return bool(parts[1].match(names[-1]))  # nearly all: a line without a slash
    places = {0}
    for name in names:
        after = set()
        for place in _past_stars(places, parts):
            if place < len(parts):
                part = parts[place]
                if part is None:
                    after.add(place)
                elif part.match(name):
                    after.add(place + 1)
        places = after
    return len(parts) in _past_stars(places, parts)


def _past_stars(places: set[int], parts: tuple[re.Pattern[str] | None, ...]) -> set[int]:
    """The places reached when ``**`` stands for no folder at all."""
    reached = set(places)
    for place, part in enumerate(parts):
        if part is None and place in reached:
            reached.add(place + 1)
    return reached


def _pattern(line: str) -> _Pattern:
    negated = line.startswith("!")
    body = line.removeprefix("!")
    folders_only = body.endswith("/")
    body = body.rstrip("/")
    anchored = "/" in body
    words = [word for word in body.replace("\\", "").split("/") if word]
    if words[-1] == "**":
        words.append("*")
    parts = [None if word == "**" else re.compile(fnmatch.translate(word)) for word in words]
    return _Pattern((*(() if anchored else (None,)), *parts), folders_only, negated)


def _ignores_labels(line: str) -> bool:
    """Whether no subject's label can decide over a match: then one look serves all subjects.

    A piece between stars sees a label only if it may start within one, or holds ``sub-``.
    """
    if "sub-" in line or re.search(r"[?\[\\]", line):
        return False
    pieces = [piece for word in line.removeprefix("!").split("/") for piece in word.split("*")[1:]]
    return not any(piece and _LABEL_CHARACTER.match(piece) for piece in pieces)
