"""Many moves of files, done whole or not at all, however the program ends.

Every file that a plan touches is first moved to a stage (`out`), then every new one is moved from
there to its place (`in`), then git's index follows (`index`), then the branch takes the commit
that was made beforehand, if one is wanted (`ref`). Each move is one atomic rename to a
name of its own, and the phase is written down before its first move: so a later run sees from the
stage alone which moves were made, and can finish them or take them back.

A run prepares itself beside the notes of the one before it, which can be undone until this one is
done: one that is refused, or taken back, leaves that as it was.
"""

# ruff: noqa: PTH103, PTH120

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..system.errors import SpinegateError
from ..system.files import write_atomic
from .clean import refresh
from .git_commit import Publication, publish
from .git_index import Line, set_index
from .moving import move, prune
from .place import RUNS, Notes, Place, State
from .stopped import ways_on
from .untouched import Signature, note_signatures, read_former, require_same

FORWARD = ("out", "in", "index", "ref", "done")
BACKWARD = ("undo-index", "undo-in", "undo-out", "undo-ref")
SETTLED = ("ref", "done", "undo-ref")  # every file is where it belongs
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BACK = {"out": "undo-out", "in": "undo-in"}  # of all later ones the index is the first


@dataclass(frozen=True, slots=True)
class Moves:
    """All that a transaction does; paths are relative to the dataset, as the system has them.

    Attributes
    ----------
    out
        (path, name on the stage).
    back
        (name on the stage, path): the `in` phase.
    before, after
        Lines of git's index that are to change, as they are and as they will be.
    commit, inverse
        The commit of all this; the one that undoes it, once that is wanted.
    more
        Files that `out` and the additions of `back` don't show: a folder moves as one.
    """

    out: tuple[tuple[str, str], ...]
    back: tuple[tuple[str, str], ...]
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    commit: Publication | None = None
    inverse: Publication | None = None
    more: int = 0

    @property
    def files(self) -> int:
        """How many files it touches."""
        added = sum(name.startswith("add-") for name, _ in self.back)
        return len(self.out) + added + self.more


def prepare(place: Place) -> Notes:
    """Make room for a new run beside the last one, and return it."""
    drop(place)
    fresh = place.next
    fresh.stage.mkdir(parents=True)
    return fresh


def drop(place: Place) -> None:
    """Forget what was prepared and has not begun."""
    if not place.state.former:  # else it has begun, and that is the run before it
        shutil.rmtree(place.next.folder, ignore_errors=True)


def begin(place: Place, moves: Moves, seen: Mapping[str, Signature]) -> None:
    """Write down what is to be done; nothing has moved yet. For `seen` see `untouched.look`.

    Raises
    ------
    SpinegateError
        A file was changed while all this was prepared.
    """
    fresh, state = place.next, place.state
    _write(place, fresh, moves)
    note_signatures(place, fresh, moves.out, moves.back, seen)
    former = state.run if state.phase == "done" else ""
    _set(place, State("out", fresh.folder.name, former))


def note(place: Place, moves: Moves) -> Moves:
    """Write down moves for a later run, and return them."""
    _write(place, place.last, moves)
    return moves


def _write(place: Place, notes: Notes, moves: Moves) -> None:
    noted = {part.name: getattr(moves, part.name) for part in fields(moves)}
    text = json.dumps({"dataset": _where(place), **noted})
    write_atomic(notes.journal, text, 0o600)


def read_moves(place: Place) -> Moves:
    """Read what an earlier run wrote down.

    Raises
    ------
    SpinegateError
        It can't be read.
    """
    journal = place.last.journal
    try:
        noted: dict[str, Any] = json.loads(journal.read_bytes())
        out, back = (tuple((a, b) for a, b in noted[key]) for key in ("out", "back"))
        before, after = (tuple(Line(*x) for x in noted[key]) for key in ("before", "after"))
        commit, inverse = (
            Publication(*noted[key]) if noted.get(key) else None for key in ("commit", "inverse")
        )
        dataset, more = noted["dataset"], int(noted.get("more", 0))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SpinegateError(f"{journal} can't be read: {error}") from None
    if dataset != _where(place):
        meant = os.path.normpath(place.folder / str(dataset))
        raise SpinegateError(f"the last run changed {meant!a}: name that folder")
    return Moves(out, back, before, after, commit, inverse, more)


def _where(place: Place) -> str:
    """Return the dataset as seen from its notes: both may be mounted elsewhere."""
    return os.path.relpath(place.dataset, place.folder)


def phase_of(place: Place) -> str:
    """Return the phase that an earlier run has reached; "" where there was none."""
    return place.state.phase


def exhaust(steps: Iterator[str]) -> None:
    """Take all steps; where the disk refuses, a SpinegateError names the file."""
    try:
        for _ in steps:
            pass
    except OSError as error:
        raise SpinegateError(f"{error.strerror}: {error.filename}") from error


def move_all(place: Place, moves: Moves) -> None:
    """Carry out what has begun, or take it back whatever ends it.

    Raises
    ------
    SpinegateError
        Something went wrong on the way; it says what to type where taking it back failed too.
    """
    try:
        exhaust(forward(place, moves))
    except BaseException as error:
        _take_back(place, moves, error)
        if isinstance(error, SpinegateError):
            raise SpinegateError(f"{error}; the dataset was left as it was") from error
        raise


def _take_back(place: Place, moves: Moves, error: BaseException) -> None:
    try:
        exhaust(backward(place, moves))
    except SpinegateError as second:
        first = error or "interrupted"
        raise SpinegateError(
            f"{first}; taking it back failed too ({second}): {ways_on(place)}"
        ) from error


def forward(place: Place, moves: Moves) -> Iterator[str]:
    """Do what isn't done yet; yields after each step that a reader of the disk could see."""
    top, stage = f"{place.dataset}/", f"{place.last.stage}/"
    phase = phase_of(place)
    if phase == "out":
        former = read_former(place)
        for path, staged in moves.out:
            if not os.path.lexists(stage + staged):
                require_same(place, path, former)
                move(top + path, stage + staged)
                yield path
        phase = _enter(place, "in")
        yield phase
    if phase == "in":
        for staged, path in moves.back:
            if os.path.lexists(stage + staged):
                os.makedirs(os.path.dirname(top + path), exist_ok=True)
                move(stage + staged, top + path)
                yield path
        phase = _enter(place, "index")
        yield phase
    if phase == "index":
        set_index(place.dataset, moves.after)
        yield "git"
        prune(place.dataset, [path for path, _ in moves.out])
        phase = _enter(place, "ref")
        yield phase
    if phase == "ref":
        if moves.commit is not None:
            set_index(place.dataset, moves.after)  # git reset, after the run was stopped here
            publish(place.dataset, moves.commit)
            yield "branch"
            refresh(place.dataset)
        _enter(place, "done")


def backward(place: Place, moves: Moves) -> Iterator[str]:
    """Take back what was done; yields after each step that a reader of the disk could see."""
    top, stage = f"{place.dataset}/", f"{place.last.stage}/"
    phase = phase_of(place)
    if phase in FORWARD:
        phase = _enter(place, _BACK.get(phase, "undo-index"))
        yield phase
    if phase == "undo-index":
        set_index(place.dataset, moves.before)
        yield "git"
        phase = _enter(place, "undo-in")
        yield phase
    if phase == "undo-in":
        for staged, path in reversed(moves.back):
            if not os.path.lexists(stage + staged):
                move(top + path, stage + staged)
                yield path
        phase = _enter(place, "undo-out")
        yield phase
    if phase == "undo-out":
        prune(place.dataset, [path for _, path in moves.back])
        for path, staged in reversed(moves.out):
            if os.path.lexists(stage + staged):
                os.makedirs(os.path.dirname(top + path), exist_ok=True)
                move(stage + staged, top + path)
                yield path
        phase = _enter(place, "undo-ref")
        yield phase
    if phase == "undo-ref":
        set_index(place.dataset, moves.before)
        if moves.inverse is not None:
            publish(place.dataset, moves.inverse)
            yield "branch"
        if moves.commit is not None:
            refresh(place.dataset)
        leave(place)


def clear(place: Place) -> None:
    """Forget earlier runs: the files that they took away go for good."""
    place.state_file.unlink(missing_ok=True)
    for run in RUNS:
        shutil.rmtree(place.folder / run, ignore_errors=True)


def leave(place: Place) -> None:
    """Forget a run that was taken back; the one before it can be undone again."""
    state = place.state
    if not state.former:
        clear(place)
        return
    _set(place, State("done", state.former))
    drop(place)


def _enter(place: Place, phase: str) -> str:
    state = place.state._replace(phase=phase)
    if phase != "done":
        _set(place, state)
        return phase
    _set(place, state._replace(former=""))
    drop(place)
    return phase


def _set(place: Place, state: State) -> None:
    text = " ".join(state).rstrip() + "\n"
    try:
        write_atomic(place.state_file, text, 0o600)
    except OSError as error:
        if error.errno not in _FULL or not place.state_file.exists():
            raise
        with place.state_file.open("r+b") as file:  # its block is there; one write, no new one
            former = file.read()
            file.seek(0)
            file.write(text.encode().ljust(len(former)))
            file.flush()
            os.fsync(file.fileno())
