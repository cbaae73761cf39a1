"""What a plan does to a dataset's folder and to git, written to a stage before anything moves."""

# ruff: noqa: PTH211

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..system.blobs import read_blobs
from ..validator.annex import LINK_LIMIT, link_key
from ..validator.operation import Delete
from ..validator.plan import Plan
from ..validator.plan_check import moved_link
from ..validator.planned import PlannedTree
from ..validator.tree import FILE, LINK, Entry, Tree
from .clean import require_clean, require_plain
from .git_commit import Head, build, find_head, read_lines
from .git_index import Change, plan_index, read_tracked, write_objects
from .place import Place
from .room import require_folders, require_room, require_unknown
from .transaction import Moves, prepare

_LONGEST = 64 * 1024 * 1024
_MANY = 50


@dataclass(frozen=True, slots=True)
class _Staged:
    """Moves as they are gathered.

    Attributes
    ----------
    out, back
        See `Moves`.
    renames
        Old raw name to new one.
    files
        What edited files hold, by their old raw names; of new files by their names.
    gone
        Raw names of deleted files.
    """

    out: list[tuple[str, str]] = field(default_factory=list)
    back: list[tuple[str, str]] = field(default_factory=list)
    renames: dict[bytes, bytes] = field(default_factory=dict)
    files: dict[bytes, Path] = field(default_factory=dict)
    gone: list[bytes] = field(default_factory=list)


def stage(
    place: Place,
    planned: PlannedTree,
    plan: Plan,
    tree: Tree,
    message: str | None = None,
    names_first: bool = False,
) -> Moves:
    """Write what is new to the stage, list all moves, and make the commit if there is a message.

    With `names_first` it is made on another that only renames, so that git sees the history of
    every file, however much of it changes.

    Nothing that a reader of the dataset or of its branches could see changes.

    Raises
    ------
    SpinegateError
        The disk or the repository stand in the way.
    """
    head = None if message is None else find_head(place)
    prepare(place)
    staged = _gather(place, planned, plan, tree)
    moves = Moves(tuple(staged.out), tuple(staged.back))
    leaving = {path for path, _ in staged.out}
    require_room(place, staged.out, staged.back)
    require_folders(place, (*leaving, *(path for _, path in staged.back)))
    added = [path for _, path in staged.back if path not in leaving]
    if head is None or message is None:
        if not place.in_git or not (staged.renames or added):
            return moves
        tracked = read_tracked(place.dataset)
        require_unknown(added, {}, tracked)
        changes = [Change(old, new) for old, new in staged.renames.items() if old in tracked]
    elif not moves.files:
        return moves
    else:
        tracked = read_tracked(place.dataset)
        lines = read_lines(place.dataset, head.commit)
        require_unknown(added, lines, tracked, leaving)
        require_clean(place.dataset, lines, tracked, leaving)
        _require_plain(tree, planned, {name: blob.oid for name, blob in tracked.items()})
        changes = _changes(place, staged)
    links = {c.old: tracked[c.old].oid for c in changes if c.old and tracked[c.old].mode == LINK}
    pure = [Change(c.old, c.new) for c in changes if c.old and c.new != c.old and c.new]
    pure = pure if names_first and pure and pure != changes else []
    changes = _with_links(place, changes, links)
    before, after = plan_index(tracked, changes)
    moves = replace(moves, before=before, after=after)
    if head is None or message is None:
        return moves
    base = head
    if pure:
        _, lines_moved = plan_index(tracked, _with_links(place, pure, links))
        subject, _, body = message.partition("\n")
        first = build(place, head, lines_moved, f"{subject} (names alone)\n{body}")
        base = head if first is None else Head(head.ref, first.new)
    commit = build(place, base, after, message)
    return replace(moves, commit=commit and commit._replace(old=head.commit))


def _gather(place: Place, planned: PlannedTree, plan: Plan, tree: Tree) -> _Staged:
    staged = _Staged()
    for number, (new, old) in enumerate(planned.origins.items()):
        target = new.path.encode() if new.path != old.path else old.raw
        content = planned.contents.get(new)
        if content is not None and target == old.raw and _holds(tree, old, content):
            continue
        name = f"out-{number}"
        staged.out.append((os.fsdecode(old.raw), name))
        if target != old.raw:
            staged.renames[old.raw] = target
        if content is not None:
            name = f"new-{number}"
            _write(place, name, old, content)
            if old.mode != LINK:
                staged.files[old.raw] = place.stage / name
        staged.back.append((name, os.fsdecode(target)))
    deleted = [op.path for op in plan.operations if isinstance(op, Delete)]
    known = {entry.path: entry for entry in tree.entries} if deleted else {}
    for number, path in enumerate(dict.fromkeys(deleted)):
        staged.out.append((os.fsdecode(known[path].raw), f"gone-{number}"))
        staged.gone.append(known[path].raw)
    for number, (new, content) in enumerate(planned.contents.items()):
        if new not in planned.origins:
            name = f"add-{number}"
            (place.stage / name).write_bytes(content)
            staged.files[new.raw] = place.stage / name
            staged.back.append((name, os.fsdecode(new.raw)))
    if staged.files:
        _sync(list(staged.files.values()))
    return staged


def _sync(files: list[Path]) -> None:
    """Have files on the disk before anything else goes; many are quicker all at once."""
    if len(files) > _MANY:
        os.sync()
        return
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _changes(place: Place, staged: _Staged) -> list[Change]:
    """Return all that happens to files, with what they hold put into git."""
    oids = dict(
        zip(staged.files, write_objects(place.dataset, staged.files.values()), strict=True)
    )
    moved = {os.fsencode(path) for path, _ in staged.out}
    olds = dict.fromkeys([*staged.renames, *(name for name in staged.files if name in moved)])
    changes = [Change(old, staged.renames.get(old, old), oids.get(old, "")) for old in olds]
    changes += [Change(old, b"") for old in staged.gone]
    changes += [Change(b"", name, oid, FILE) for name, oid in oids.items() if name not in moved]
    return changes


def _require_plain(tree: Tree, planned: PlannedTree, oids: Mapping[bytes, str]) -> None:
    """Refuse to edit what git keeps in another form: all lines would differ."""
    edited = [old for new, old in planned.origins.items()
              if new in planned.contents and old.mode != LINK]  # fmt: skip
    found = zip(edited, tree.read(edited, _LONGEST), strict=True)
    contents = {entry.path: content for entry, content in found if isinstance(content, bytes)}
    require_plain(contents, {entry.path: oids.get(entry.raw, "") for entry in edited})


def _holds(tree: Tree, entry: Entry, content: bytes) -> bool:
    """Whether an edit changes nothing."""
    return next(iter(tree.read([entry], len(content) + 1))) == content


def _write(place: Place, staged: str, old: Entry, content: bytes) -> None:
    path = place.stage / staged
    if old.mode == LINK:
        os.symlink(content, os.fsencode(path))
        return
    mode = stat.S_IMODE(os.lstat(os.fsencode(place.dataset) + b"/" + old.raw).st_mode)
    path.write_bytes(content)
    path.chmod(mode)


def _with_links(place: Place, changes: list[Change], links: Mapping[bytes, str]) -> list[Change]:
    """Give links into the annex the text that leads there from their new place."""
    texts = dict(read_blobs(place.dataset, dict.fromkeys(links.values()), LINK_LIMIT))
    files: dict[bytes, Path] = {}
    for number, change in enumerate(changes):
        text = texts.get(links.get(change.old, ""), b"")
        if not change.new or link_key(text) is None:
            continue
        moved = moved_link(text, change.old, change.new)
        if moved != text:
            files[change.old] = place.stage / f"link-{number}"
            files[change.old].write_bytes(moved)
    objects = dict(zip(files, write_objects(place.dataset, files.values()), strict=True))
    for path in files.values():
        path.unlink()
    return [
        change._replace(oid=objects[change.old]) if change.old in objects else change
        for change in changes
    ]
