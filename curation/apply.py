"""A plan carried out on a dataset's folder."""

# ruff: noqa: PTH114, PTH120, PTH211

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..system.blobs import read_blobs
from ..system.errors import ConfigError, SpinegateError
from ..system.files import write_atomic
from ..validator.annex import LINK_LIMIT, link_key
from ..validator.disk import show
from ..validator.operation import Delete
from ..validator.plan import Plan
from ..validator.plan_check import moved_link
from ..validator.planned import PlannedTree, plan_tree
from ..validator.tree import LINK, Entry, Tree, open_tree
from .git_index import Line, plan_index, read_tracked, write_objects
from .place import Place, find_place, locked
from .transaction import (
    BACKWARD,
    FORWARD,
    Moves,
    backward,
    begin,
    clear,
    forward,
    phase_of,
    read_moves,
)

_HINT = "spinegate curate fix --resume finishes it, --undo takes it back"


def apply_plan(plan: Plan, dataset: Path) -> int:
    """Carry out a plan on a folder: all of it or nothing; return how many files were touched.

    Names change in git's index too; edits and deletions are left as an editor would leave them.
    Nothing is committed.

    Raises
    ------
    SpinegateError
        The plan can't be carried out, or something went wrong on the way: the folder is as it
        was then. Also if an earlier run was stopped and neither finished nor undone.
    """
    place = find_place(dataset)
    with locked(place):
        if phase_of(place) not in ("", "done"):
            raise SpinegateError(f"an earlier run was stopped half-way: {_HINT}")
        tree = open_tree(dataset)
        planned = plan_tree(tree, plan)
        clear(place)
        try:
            moves = _stage(place, planned, plan, tree)
            if not moves.out:
                clear(place)
                return 0
            begin(place, moves)
        except OSError as error:
            clear(place)
            raise SpinegateError(f"{place.folder} can't be written: {error.strerror}") from None
        except BaseException:
            clear(place)
            raise
        try:
            _exhaust(forward(place, moves))
        except BaseException as error:
            _take_back(place, moves, error)
            if isinstance(error, SpinegateError):
                raise SpinegateError(f"{error}; the dataset was left as it was") from error
            raise
        return len(moves.out)


def _take_back(place: Place, moves: Moves, error: BaseException) -> None:
    try:
        _exhaust(backward(place, moves))
    except SpinegateError as second:
        message = f"{error or 'interrupted'}; taking it back failed too ({second}): {_HINT}"
        raise SpinegateError(message) from error


def resume(dataset: Path) -> int:
    """Finish what a run that was stopped had begun; return how many files it touches.

    Raises
    ------
    SpinegateError
        There is nothing to finish, or it was being undone.
    """
    place = find_place(dataset)
    with locked(place):
        phase = phase_of(place)
        if phase in BACKWARD:
            raise SpinegateError("it was being undone when it was stopped: use --undo")
        if phase not in FORWARD or phase == "done":
            raise SpinegateError("there is nothing to resume")
        moves = read_moves(place)
        _exhaust(forward(place, moves))
        return len(moves.out)


def undo(dataset: Path) -> int:
    """Take back what the last run did, stopped or not; return how many files it had touched.

    Raises
    ------
    SpinegateError
        There is nothing to take back, or files were changed since.
    """
    place = find_place(dataset)
    with locked(place):
        if not phase_of(place):
            raise SpinegateError("there is nothing to undo")
        moves = read_moves(place)
        _exhaust(backward(place, moves))
        return len(moves.out)


def _exhaust(steps: Iterator[str]) -> None:
    try:
        for _ in steps:
            pass
    except OSError as error:
        raise SpinegateError(f"{error.strerror}: {error.filename}") from error


def _stage(place: Place, planned: PlannedTree, plan: Plan, tree: Tree) -> Moves:
    """Write what is new to the stage, and list all moves."""
    place.stage.mkdir(parents=True)
    out, back = [], []
    renames: dict[bytes, bytes] = {}
    pairs = [(new, old) for new, old in planned.origins.items()]
    for number, (new, old) in enumerate(pairs):
        target = new.path.encode() if new.path != old.path else old.raw
        content = planned.contents.get(new)
        if content is not None and target == old.raw and _holds(place, tree, old, content):
            continue
        staged = f"out-{number}"
        out.append((os.fsdecode(old.raw), staged))
        if target != old.raw:
            renames[old.raw] = target
        if content is not None:
            staged = f"new-{number}"
            _write(place, staged, old, content)
        back.append((staged, os.fsdecode(target)))
    deleted = [op.path for op in plan.operations if isinstance(op, Delete)]
    known = {entry.path: entry for entry in tree.entries} if deleted else {}
    for number, path in enumerate(dict.fromkeys(deleted)):
        out.append((os.fsdecode(known[path].raw), f"gone-{number}"))
    _check_disk(place, [path for path, _ in out], [path for _, path in back])
    before, after = _index(place, renames) if place.in_git and renames else ((), ())
    return Moves(tuple(out), tuple(back), before, after)


def _holds(place: Place, tree: Tree, entry: Entry, content: bytes) -> bool:
    """Whether an edit changes nothing."""
    return next(iter(tree.read([entry], len(content) + 1))) == content


def _write(place: Place, staged: str, old: Entry, content: bytes) -> None:
    path = place.stage / staged
    if old.mode == LINK:
        os.symlink(content, os.fsencode(path))
        return
    mode = stat.S_IMODE(os.lstat(os.fsencode(place.dataset) + b"/" + old.raw).st_mode)
    write_atomic(path, content, mode)


def _check_disk(place: Place, out: list[str], back: list[str]) -> None:
    """Refuse what only the disk can tell: links among folders, hidden files, other disks."""
    leaving = {_identity(place.dataset / path) for path in out}
    disk = os.lstat(place.stage).st_dev
    folders: set[str] = set()
    for path in back:
        target = place.dataset / path
        if os.path.lexists(target) and _identity(target) not in leaving:
            shown = show(os.fsencode(path))
            raise ConfigError(f"{shown!r} is on the disk already, and git ignores it")
    for path in (*out, *back):
        folders.add(os.path.dirname(path))
    for folder in folders:
        real = place.dataset
        for part in Path(folder).parts:
            real = real / part
            if not os.path.lexists(real):
                break
            if os.path.islink(real):
                raise ConfigError(f"{show(os.fsencode(folder))!r} leads over a link")
        else:
            if os.lstat(real).st_dev != disk:
                raise ConfigError(f"{folder or place.dataset} and {place.stage} lie on two disks")


def _identity(path: Path) -> tuple[int, int]:
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def _index(place: Place, renames: dict[bytes, bytes]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Say how git's index follows; links into the annex get their new text as objects."""
    tracked = read_tracked(place.dataset)
    locked_files = {old: tracked[old] for old in renames if old in tracked}
    links = {old: blob.oid for old, blob in locked_files.items() if blob.mode == LINK}
    texts = dict(read_blobs(place.dataset, dict.fromkeys(links.values()), LINK_LIMIT))
    files: dict[bytes, Path] = {}
    for number, (old, oid) in enumerate(links.items()):
        text = texts.get(oid, b"")
        moved = moved_link(text, old, renames[old]) if link_key(text) is not None else text
        if moved != text:
            files[old] = place.stage / f"link-{number}"
            files[old].write_bytes(moved)
    objects = dict(zip(files, write_objects(place.dataset, files.values()), strict=True))
    for path in files.values():
        path.unlink()
    return plan_index(tracked, renames, objects)
