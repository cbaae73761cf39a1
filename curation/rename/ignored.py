"""What .bidsignore hides: files keep out of sight, or in it, under their new names."""

from __future__ import annotations

from collections.abc import Iterator

from ...validator.bids.ignore import BidsIgnore
from ...validator.operation import Write
from ...validator.settings import IGNORE
from ...validator.tree import Tree
from .moves import Moves
from .tables import read_one


class Ignored:
    """The lines of .bidsignore before and after a renaming."""

    def __init__(self, tree: Tree, moves: Moves) -> None:
        self._moves = moves
        self._content = read_one(tree, IGNORE)
        self._old = None if self._content is None else self._content.decode(errors="replace")
        self._new = "\n".join(map(self._line, (self._old or "").split("\n")))

    def edits(self) -> Iterator[Write]:
        """Yield the file with other names in it, where lines name files or participants."""
        if self._old is None or self._old.encode() != self._content:
            return  # there is none, or it isn't UTF-8
        if self._new != self._old:
            yield Write(IGNORE, self._new)

    def notes(self) -> Iterator[str]:
        """Name files that are hidden under one name only, by a pattern that isn't changed."""
        if self._old is None:
            return
        before, after = BidsIgnore.parse(self._old), BidsIgnore.parse(self._new)
        changes: dict[bool, list[str]] = {True: [], False: []}
        for old, new in self._moves.paths.items():
            hidden = after.hides(new)
            if hidden != before.hides(old):
                changes[hidden].append(old if hidden else new)
        for hidden, found in changes.items():
            if found:
                more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
                told = "will be hidden" if hidden else "will no longer be hidden"
                yield f"{IGNORE}: {found[0]}{more} {told}: look at its patterns"

    def _line(self, line: str) -> str:
        path = line.strip().removeprefix("/")
        if not path or path.startswith("#"):
            return line
        if path in self._moves.paths:
            return line.replace(path, self._moves.paths[path])
        return self._moves.follow(line)
