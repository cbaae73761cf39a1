"""Many moves of files, done whole or not at all, however the program ends.

Every file that a plan touches is first moved to a stage (`out`), then every new one is moved from
there to its place (`in`), then git's index follows (`index`), then the branch takes the commit
that was made beforehand, if one is wanted (`ref`). Each move is one atomic rename to a
name of its own, and the phase is written down before its first move: so a later run sees from the
stage alone which moves were made, and can finish them or take them back.
"""

# ruff: noqa: PTH103, PTH104, PTH106, PTH112, PTH114, PTH120, PTH208

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..system.errors import SpinegateError
from ..system.files import write_atomic
from .clean import refresh
from .git_commit import Publication, publish
from .git_index import Line, set_index
from .place import Place

FORWARD = ("out", "in", "index", "ref", "done")
BACKWARD = ("undo-index", "undo-in", "undo-out", "undo-ref")
_BACK = {"out": "undo-out", "in": "undo-in"}  # of all later ones the index is the first
_SHOWN = 10


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
    """

    out: tuple[tuple[str, str], ...]
    back: tuple[tuple[str, str], ...]
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    commit: Publication | None = None
    inverse: Publication | None = None

    @property
    def files(self) -> int:
        """How many files it touches."""
        added = sum(name.startswith("add-") for name, _ in self.back)
        return len(self.out) + added


def begin(place: Place, moves: Moves) -> None:
    """Write down what is to be done; nothing has moved yet."""
    note(place, moves)
    _enter(place, "out")


def note(place: Place, moves: Moves) -> Moves:
    """Write down moves for a later run, and return them."""
    noted = {part.name: getattr(moves, part.name) for part in fields(moves)}
    text = json.dumps({"dataset": str(place.dataset), **noted})
    write_atomic(place.journal, text, 0o600)
    return moves


def read_moves(place: Place) -> Moves:
    """Read what an earlier run wrote down.

    Raises
    ------
    SpinegateError
        It can't be read.
    """
    try:
        noted: dict[str, Any] = json.loads(place.journal.read_bytes())
        out, back = (tuple((a, b) for a, b in noted[key]) for key in ("out", "back"))
        before, after = (tuple(Line(*x) for x in noted[key]) for key in ("before", "after"))
        commit, inverse = (
            Publication(*noted[key]) if noted.get(key) else None for key in ("commit", "inverse")
        )
        dataset = noted["dataset"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SpinegateError(f"{place.journal} can't be read: {error}") from None
    if dataset != str(place.dataset):
        raise SpinegateError(f"the last run changed {dataset!a}: name that folder")
    return Moves(out, back, before, after, commit, inverse)


def phase_of(place: Place) -> str:
    """Return the phase that an earlier run has reached; "" where there was none."""
    try:
        return place.phase.read_text().strip()
    except FileNotFoundError:
        return ""


def exhaust(steps: Iterator[str]) -> None:
    """Take all steps.

    Raises
    ------
    SpinegateError
        The disk refuses; it names the file.
    """
    try:
        for _ in steps:
            pass
    except OSError as error:
        raise SpinegateError(f"{error.strerror}: {error.filename}") from error


def move_all(place: Place, moves: Moves, hint: str) -> None:
    """Carry out what has begun, or take it back whatever ends it.

    Parameters
    ----------
    hint
        What to type where taking it back fails too.

    Raises
    ------
    SpinegateError
        Something went wrong on the way.
    """
    try:
        exhaust(forward(place, moves))
    except BaseException as error:
        _take_back(place, moves, error, hint)
        if isinstance(error, SpinegateError):
            raise SpinegateError(f"{error}; the dataset was left as it was") from error
        raise


def _take_back(place: Place, moves: Moves, error: BaseException, hint: str) -> None:
    try:
        exhaust(backward(place, moves))
    except SpinegateError as second:
        message = f"{error or 'interrupted'}; taking it back failed too ({second}): {hint}"
        raise SpinegateError(message) from error


def forward(place: Place, moves: Moves) -> Iterator[str]:
    """Do what isn't done yet; yields after each step that a reader of the disk could see."""
    top, stage = f"{place.dataset}/", f"{place.stage}/"
    phase = phase_of(place)
    if phase == "out":
        for path, staged in moves.out:
            if not os.path.lexists(stage + staged):
                _move(top + path, stage + staged)
                yield path
        phase = _enter(place, "in")
        yield phase
    if phase == "in":
        for staged, path in moves.back:
            if os.path.lexists(stage + staged):
                os.makedirs(os.path.dirname(top + path), exist_ok=True)
                _move(stage + staged, top + path)
                yield path
        phase = _enter(place, "index")
        yield phase
    if phase == "index":
        set_index(place.dataset, moves.after)
        yield "git"
        _note_signatures(place, moves)
        _prune(place.dataset, [path for path, _ in moves.out])
        phase = _enter(place, "ref")
        yield phase
    if phase == "ref":
        if moves.commit is not None:
            publish(place.dataset, moves.commit)
            yield "branch"
            refresh(place.dataset)
        _enter(place, "done")


def backward(place: Place, moves: Moves) -> Iterator[str]:
    """Take back what was done; yields after each step that a reader of the disk could see."""
    top, stage = f"{place.dataset}/", f"{place.stage}/"
    phase = phase_of(place)
    if phase in FORWARD:
        if phase == "done" or moves.inverse is not None:
            _require_untouched(place)
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
                _move(top + path, stage + staged)
                yield path
        phase = _enter(place, "undo-out")
        yield phase
    if phase == "undo-out":
        _prune(place.dataset, [path for _, path in moves.back])
        for path, staged in reversed(moves.out):
            if os.path.lexists(stage + staged):
                os.makedirs(os.path.dirname(top + path), exist_ok=True)
                _move(stage + staged, top + path)
                yield path
        phase = _enter(place, "undo-ref")
        yield phase
    if phase == "undo-ref":
        if moves.inverse is not None:
            publish(place.dataset, moves.inverse)
            yield "branch"
        if moves.commit is not None:
            refresh(place.dataset)
        clear(place)


def clear(place: Place) -> None:
    """Forget an earlier run: what it staged goes for good."""
    place.phase.unlink(missing_ok=True)
    place.journal.unlink(missing_ok=True)
    place.signatures.unlink(missing_ok=True)
    shutil.rmtree(place.stage, ignore_errors=True)
    with suppress(OSError):
        place.folder.rmdir()


def _enter(place: Place, phase: str) -> str:
    write_atomic(place.phase, phase + "\n")
    return phase


def _move(source: str, target: str) -> None:
    if os.path.lexists(target):  # POSIX would replace it without a word
        raise SpinegateError(f"{target} has appeared meanwhile")
    os.rename(source, target)


def _prune(dataset: Path, paths: list[str]) -> None:
    """Remove the folders that moves have left empty."""
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
        place = folder
        with suppress(OSError):  # not empty, or gone
            while place:
                os.rmdir(dataset / place)
                place = os.path.dirname(place)


def _signature(path: str) -> list[int]:
    found = os.lstat(path)
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _within(path: str, top: str) -> Iterator[str]:
    """Yield a moved file, or a moved folder with all that lies in it."""
    yield path
    if os.path.isdir(f"{top}/{path}") and not os.path.islink(f"{top}/{path}"):
        for name in sorted(os.listdir(f"{top}/{path}")):
            yield from _within(f"{path}/{name}", top)


def _note_signatures(place: Place, moves: Moves) -> None:
    top = str(place.dataset)
    paths = [inner for _, path in moves.back for inner in _within(path, top)]
    noted = {path: _signature(f"{top}/{path}") for path in paths}
    write_atomic(place.signatures, json.dumps(noted), 0o600)


def _require_untouched(place: Place) -> None:
    """Refuse to take back what somebody has gone on working on."""
    noted: dict[str, list[int]] = json.loads(place.signatures.read_bytes())
    changed = []
    for path, signature in noted.items():
        try:
            same = _signature(f"{place.dataset}/{path}") == signature
        except OSError:
            same = False
        if not same:
            changed.append(ascii(path))
    if changed:
        shown = ", ".join(changed[:_SHOWN])
        raise SpinegateError(f"changed since the plan was applied, so it can't be undone: {shown}")
