"""Two commits merged file by file; tables to which both sides add, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError
from ...system.git import find_merge_base
from ...validator.table import LIMIT
from .build import Change, write_text, write_tree
from .contribution import PARTICIPANTS
from .decisions import FILE as DECISIONS
from .decisions import merge_rows
from .fork import Files, files_of
from .rows import People, merge_people, read_people

_EMPTY = People((), {}, {})


@dataclass(frozen=True, slots=True)
class Joined:
    """What a merge gives.

    Attributes
    ----------
    tree
        Of the merge; "" where there are conflicts.
    conflicts
        What a person must decide, in words.
    start
        The commit from which both went off.
    changes
        What the other side brings to ours.
    """

    tree: str
    conflicts: tuple[str, ...]
    start: str
    changes: Mapping[str, Change | None]


def merge_commits(repository: Path, work: Path, ours: str, theirs: str) -> Joined:
    """Merge a branch into the main one, without a work tree and without guessing at renames.

    A file that both sides changed differently is a conflict, but for participants.tsv and the
    decisions on defacing, whose rows are merged.

    Raises
    ------
    SpinegateError
        The two have no history in common.
    """
    start = find_merge_base(repository, ours, theirs)
    if start is None:
        raise SpinegateError("the branch has no history in common with the dataset")
    base, mine, other = (files_of(repository, commit) for commit in (start, ours, theirs))
    changes: dict[str, Change | None] = {}
    conflicts: list[str] = []
    for path in dict.fromkeys([*other, *base]):
        before, here, there = base.get(path), mine.get(path), other.get(path)
        if there in (before, here):
            continue
        if here == before:
            changes[path] = there
        elif path in _BY_ROWS and here and there:
            content, problems = _BY_ROWS[path](*_read(repository, before, here, there))
            conflicts += problems
            if not problems:
                changes[path] = (here[0], write_text(repository, content))
        else:
            conflicts.append(f"{path} was changed on both sides")
    conflicts += _same_names(changes, mine)
    tree = "" if conflicts else write_tree(repository, work, ours, changes)
    return Joined(tree, tuple(conflicts), start, changes)


def _read(repository: Path, *files: Change | None) -> list[bytes]:
    """Return the contents of three states of a file; nothing where there was none."""
    contents = dict(read_blobs(repository, {file[1] for file in files if file}, LIMIT))
    return [contents.get(file[1], b"") if file else b"" for file in files]


def _merge_people(before: bytes, here: bytes, there: bytes) -> tuple[bytes, list[str]]:
    former = read_people(before) if before else _EMPTY
    merged = merge_people(former, read_people(here), read_people(there))
    return merged.content, [f"{PARTICIPANTS}: {told}" for told in merged.conflicts]


_BY_ROWS = {PARTICIPANTS: _merge_people, DECISIONS: merge_rows}


def _same_names(changes: Mapping[str, Change | None], mine: Files) -> list[str]:
    """Name new files that differ from others in case alone, or lie where a file or folder is."""
    kept = [path for path in mine if changes.get(path, True) is not None]
    folded = {path.casefold(): path for path in kept}
    folders = {path[:at] for path in kept for at in range(len(path)) if path[at] == "/"}
    told = []
    for path, change in changes.items():
        if change is None or path in mine:
            continue
        other = folded.get(path.casefold())
        if other is not None:
            told.append(f"{path} differs in case alone from {other}")
        parents = (path[:at] for at in range(len(path)) if path[at] == "/")
        if path in folders or any(
            parent in mine and changes.get(parent, True) for parent in parents
        ):
            told.append(f"{path} is a file on one side and a folder on the other")
    return told
