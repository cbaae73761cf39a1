"""Whether files are as a run knew them, so that later work is neither lost nor undone."""

# ruff: noqa: PTH112, PTH114, PTH208

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..system.errors import SpinegateError
from ..system.files import write_atomic
from .place import Notes, Place

Signature = list[int] | list[str]
_BETWEEN = ("out", "undo-out")
IN_PLACE = ("in", "index", "ref", "done", "undo-index", "undo-in")


def look(place: Place, paths: Iterable[str]) -> dict[str, Signature]:
    """Return what files are, and all in folders; those that aren't there are left out."""
    top = f"{place.dataset}/"
    return {path + inner: found for path in paths for inner, found in _within(top + path)}


def note_signatures(
    place: Place,
    notes: Notes,
    out: Sequence[tuple[str, str]],
    back: Sequence[tuple[str, str]],
    seen: Mapping[str, Signature],
) -> None:
    """Write down what all files are that a run will move, before the first move.

    A move changes neither a file's number nor its size nor when it was written.

    Parameters
    ----------
    place, notes
        The dataset, and the notes of the run.
    out, back
        See `transaction.Moves`.
    seen
        What files were before they were read.

    Raises
    ------
    SpinegateError
        One isn't so any more.
    """
    top = f"{place.dataset}/"
    former = {staged: path for path, staged in out}
    leaving = {path: _signature(top + path) for path, _ in out}
    for path, signature in leaving.items():
        if signature != seen.get(path, signature):
            raise SpinegateError(f"{path!a} was changed meanwhile; nothing was done: run it again")
    noted = {
        "out": leaving,
        "in": {
            staged: dict(
                _within(top + former[staged] if staged in former else f"{notes.stage}/{staged}")
            )
            for staged, _ in back
        },
    }
    write_atomic(notes.signatures, json.dumps(noted), 0o600)


def read_former(place: Place) -> Mapping[str, Signature]:
    """Read what the files were that a run takes away, by their paths."""
    former: Mapping[str, Signature] = _read(place)["out"]
    return former


def require_same(place: Place, path: str, former: Mapping[str, Signature]) -> None:
    """Refuse to take away a file that isn't the one that the run was prepared for.

    Raises
    ------
    SpinegateError
        It names the file.
    """
    if _signature(f"{place.dataset}/{path}") != former[path]:
        raise SpinegateError(f"{path!a} was changed meanwhile")


def find_changed(
    place: Place, out: Sequence[tuple[str, str]], back: Sequence[tuple[str, str]]
) -> list[str]:
    """Return the paths of files that were changed since a run put them there, or that appeared.

    A folder stands for what was put into it or taken out of it.
    """
    phase, noted = place.state.phase, _read(place)
    top, stage = f"{place.dataset}/", f"{place.last.stage}/"
    changed: list[str] = []
    there: dict[str, int] = {}
    if phase in IN_PLACE:
        for staged, path in back:
            if os.path.lexists(stage + staged):
                continue
            found = dict(_within(top + path))
            known = noted["in"][staged]
            changed += [
                path + inner
                for inner in dict.fromkeys([*known, *found])
                if known.get(inner) != found.get(inner)
            ]
            if os.path.lexists(top + path):
                there[path] = os.lstat(top + path).st_ino
    numbers = set(there.values())
    for path, staged in out:
        gone = phase in IN_PLACE or (phase in _BETWEEN and os.path.lexists(stage + staged))
        if not gone or path in there or not os.path.lexists(top + path):
            continue
        if os.lstat(top + path).st_ino not in numbers:  # a disk that ignores case shows it
            changed.append(path)
    return changed


def _read(place: Place) -> Any:
    file = place.last.signatures
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SpinegateError(f"{file} can't be read: {error}") from None


def _signature(path: str) -> Signature:
    if os.path.isdir(path) and not os.path.islink(path):
        return sorted(os.listdir(path))
    found = os.lstat(path)
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _within(top: str, inner: str = "") -> Iterator[tuple[str, Signature]]:
    """Yield a file, or a folder with all that lies in it, by their names below it."""
    path = top + inner
    if not os.path.lexists(path):
        return
    signature = _signature(path)
    yield inner, signature
    if os.path.isdir(path) and not os.path.islink(path):
        for name in signature:
            yield from _within(top, f"{inner}/{name}")
