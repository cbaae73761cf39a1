"""A dataset as it will be after a plan, without anything being changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .annex import LINK_LIMIT
from .operation import Delete, Rename, Write
from .plan import Plan
from .plan_check import moved_link, require_sound
from .tree import FILE, LINK, Entry, Tree, Unreadable, sorted_entries


@dataclass(frozen=True, slots=True)
class PlannedTree:
    """A tree with a plan carried out in memory; `plan_tree` makes it.

    Attributes
    ----------
    base
        The tree as it is.
    entries
        The files by their new names.
    origins
        Which file of the base a renamed or edited one is; files that are new have none.
    contents
        What edited and written files, and links that had to follow, hold.
    """

    base: Tree
    entries: list[Entry]
    origins: Mapping[Entry, Entry]
    contents: Mapping[Entry, bytes]

    @property
    def name(self) -> str:
        """See `Tree`."""
        return self.base.name

    @property
    def annex(self) -> Path | None:
        """See `Tree`."""
        return self.base.annex

    @property
    def folder(self) -> Path | None:
        """See `Tree`."""
        return self.base.folder

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """See `Tree.read`."""
        wanted = list(entries)
        kept = [self.origins.get(entry, entry) for entry in wanted if entry not in self.contents]
        found = iter(self.base.read(kept, limit))
        for entry in wanted:
            content = self.contents.get(entry)
            yield next(found) if content is None else content[: limit + 1]


def plan_tree(tree: Tree, plan: Plan) -> PlannedTree:
    """Carry out a plan in memory.

    Raises
    ------
    ConfigError
        The plan can't be carried out; it lists all that stands in the way.
    """
    edited = require_sound(plan, tree)
    operations = plan.operations
    known = {entry.path: entry for entry in tree.entries}
    renames = {op.path: op.to for op in operations if isinstance(op, Rename)}
    deleted = {op.path for op in operations if isinstance(op, Delete)}
    written = {op.path: op.content for op in operations if isinstance(op, Write)}
    anew = [path for path in written if path in known]
    touched = [known[path] for path in dict.fromkeys([*renames, *edited, *anew])]
    after = {entry.path: _moved(entry, renames.get(entry.path)) for entry in touched}
    contents: dict[Entry, bytes] = {}

    for path, content in edited.items():
        after[path] = new = after[path]._replace(oid="")
        contents[new] = content

    added = []
    for path, content in written.items():
        if path in known:
            after[path] = new = after[path]._replace(oid="")
        else:
            added.append(new := Entry(path, path.encode(), FILE))
        contents[new] = content

    links = [entry for entry in touched if entry.mode == LINK and entry.path in renames]
    for entry, target in zip(links, tree.read(links, LINK_LIMIT), strict=True):
        new = after[entry.path]
        if (
            isinstance(target, bytes)
            and (text := moved_link(target, entry.raw, new.raw)) != target
        ):
            after[entry.path] = new = new._replace(oid="")
            contents[new] = text

    entries = [after.get(e.path, e) for e in tree.entries if e.path not in deleted] + added
    origins = {new: known[path] for path, new in after.items()}
    return PlannedTree(tree, sorted_entries(entries), origins, contents)


def _moved(entry: Entry, to: str | None) -> Entry:
    """Return a file under its new name.

    An ordinary file is still opened by the name that it has on the disk.
    """
    if to is None:
        return entry
    raw = to.encode()
    stays = entry.mode != LINK and entry.path == entry.raw.decode(errors="replace")
    return entry._replace(path=to, raw=entry.raw if stays else raw)
