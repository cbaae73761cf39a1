"""New files enter a dataset: all of them or none, committed where it is in git."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...system.errors import SpinegateError
from ...system.files import write_atomic
from ...system.git import Blob
from ...validator.commands import COMMANDS
from ...validator.tree import FILE, LINK
from ..clean import require_clean, require_plain
from ..git_commit import build, find_head, read_lines
from ..git_index import Change, Line, plan_index, read_tracked, write_objects
from ..place import Place, find_place, locked
from ..room import require_folders, require_unknown
from ..stopped import require_settled
from ..transaction import Moves, begin, drop, move_all, prepare
from ..untouched import look
from .annex_store import link_to, store, uses_annex
from .replaced import annexed, stage_replaced

TABLE = "participants.tsv"
_IMAGES = (".nii.gz", ".nii")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is to enter.

    Attributes
    ----------
    folder
        Holds the files under the names that they will have.
    paths
        These names.
    table
        participants.tsv as it is to be; None where it stays as it is.
    message
        What the commit says.
    former
        participants.tsv as it was when `table` was made from it; None where there was none.
    replaced
        Those of the names that the dataset has already: their files give way.
    """

    folder: Path
    paths: tuple[str, ...]
    table: bytes | None
    message: str
    former: bytes | None = None
    replaced: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Staged:
    """Names on the stage, and what git is to know of them."""

    out: list[tuple[str, str]] = field(default_factory=list)
    back: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def enter(arrival: Arrival, dataset: Path) -> str:
    """Put the files into the dataset; return the commit's id, "" where it isn't in git.

    Images go into the annex where the repository has one.

    Raises
    ------
    SpinegateError
        A name is taken, participants.tsv isn't as it was when the arrival was made, what gives
        way has changes that aren't committed, an earlier run was stopped half-way... The dataset
        is as it was then.
    """
    place = find_place(dataset)
    with locked(place):
        require_settled(place)
        head = find_head(place) if place.in_git else None
        lines = read_lines(place.dataset, head.commit) if head is not None else {}
        seen = look(place, [TABLE, *arrival.replaced])
        tracked = read_tracked(place.dataset) if place.in_git else {}
        if arrival.table is not None:
            require_in_git(place, tracked)
            _require_former(place, arrival.former, lines)
        if place.in_git:
            table = [TABLE] if arrival.table is not None and arrival.former is not None else []
            require_clean(place.dataset, lines, tracked, [*arrival.replaced, *table])
            added = [path for path in arrival.paths if path not in arrival.replaced]
            require_unknown(added, lines, tracked)
        try:
            prepare(place)
            require_folders(place, (TABLE, *arrival.paths))
            staged = _stage(place, arrival, tracked)
            moves = Moves(tuple(staged.out), tuple(staged.back))
            entering = len(arrival.paths) + (arrival.table is not None)
            moves = replace(moves, more=entering - moves.files)
            if head is not None:
                if arrival.former is not None and arrival.table is not None:
                    require_plain({TABLE: arrival.former}, {TABLE: lines[TABLE].oid})
                before, after = plan_index(tracked, staged.changes)
                commit = build(place, head, after, arrival.message)
                moves = replace(moves, before=before, after=after, commit=commit)
            begin(place, moves, seen)
        except OSError as error:
            drop(place)
            raise SpinegateError(f"{place.folder} can't be written: {error.strerror}") from None
        except BaseException:
            drop(place)
            raise
        move_all(place, moves)
    return moves.commit.new if moves.commit is not None else ""


def require_in_git(place: Place, tracked: Mapping[bytes, Blob]) -> None:
    """Refuse to edit a table that git-annex has: git can't merge its rows there.

    Raises
    ------
    SpinegateError
        It says what to type.
    """
    if any(annexed(place, [TABLE], tracked)):
        commands = COMMANDS["METADATA_IN_ANNEX"].format(paths=TABLE)
        raise SpinegateError(
            f"{TABLE} is in git-annex, where rows can't be edited; in the dataset's folder: "
            f"{commands} && git commit -m 'participants.tsv in git', then again. The line "
            f"'{TABLE} annex.largefiles=nothing' in .gitattributes keeps it in git"
        )


def _require_former(place: Place, former: bytes | None, head: Mapping[str, Line]) -> None:
    """Refuse where the table isn't the one that the new one was made from: rows would be lost."""
    file = place.dataset / TABLE
    found = file.read_bytes() if os.path.lexists(file) else None
    if found != former:
        raise SpinegateError(f"{TABLE} was changed meanwhile; nothing was done: run it again")
    if found is None and TABLE in head:
        raise SpinegateError(
            f"{TABLE} is in the last commit, but not in the folder: git restore {TABLE} "
            "brings it back, then again"
        )


def _stage(place: Place, arrival: Arrival, tracked: Mapping[bytes, Blob]) -> _Staged:
    """Copy the files to the stage, in as few pieces as can be moved each by one rename."""
    staged = _Staged()
    pieces: dict[str, str] = {}
    objects: dict[str, Path] = {}
    links: dict[str, Path] = {}
    stored = _store(place, arrival, tracked)
    for path in arrival.paths:
        if path in arrival.replaced:
            continue
        top = _topmost_new(place.dataset, path)
        name = pieces.setdefault(top, f"add-{len(pieces)}")
        target = place.stage / name / path[len(top) + 1 :] if path != top else place.stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in stored:
            link = link_to(stored[path], place.dataset / path)
            target.symlink_to(link)
            links[path] = place.stage / f"link-{len(links)}"
            links[path].write_bytes(os.fsencode(link))
        else:
            write_atomic(target, (arrival.folder / path).read_bytes())
            objects[path] = target
    if arrival.table is not None:
        write_atomic(place.stage / "new-table", arrival.table)
        if os.path.lexists(place.dataset / TABLE):
            staged.out.append((TABLE, "out-table"))
        objects[TABLE] = place.stage / "new-table"
    staged.back += [(name, top) for top, name in pieces.items()]
    if arrival.table is not None:
        staged.back.append(("new-table", TABLE))
    if place.in_git:
        staged.changes += _changes(place, objects, FILE) + _changes(place, links, LINK)
    for text in links.values():
        text.unlink()
    files = {path: arrival.folder / path for path in arrival.paths if path in arrival.replaced}
    out, back, changes = stage_replaced(place, files, stored, tracked)
    staged.out += out
    staged.back += back
    staged.changes += changes
    return staged


def _store(place: Place, arrival: Arrival, tracked: Mapping[bytes, Blob]) -> Mapping[str, Path]:
    """Move into the annex what belongs there: new images, and those that replace annexed ones."""
    if not uses_annex(place):
        return {}
    paths = [
        path for path in arrival.paths if path not in arrival.replaced and path.endswith(_IMAGES)
    ]
    paths += annexed(place, arrival.replaced, tracked)
    room = place.stage / "annex"
    room.mkdir()
    found = store(place, {path: arrival.folder / path for path in paths}, room)
    room.rmdir()
    return found


def _changes(place: Place, files: dict[str, Path], mode: str) -> list[Change]:
    oids = write_objects(place.dataset, files.values())
    return [Change(b"", path.encode(), oid, mode) for path, oid in zip(files, oids, strict=True)]


def _topmost_new(dataset: Path, path: str) -> str:
    """Return the topmost folder of a path that the dataset doesn't have, else the path."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        top = "/".join(parts[:count])
        if not os.path.lexists(dataset / top):
            return top
    if os.path.lexists(dataset / path):
        raise SpinegateError(f"{path} has appeared meanwhile; nothing was changed")
    return path
