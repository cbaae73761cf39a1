"""A stopped run was followed by git reset, git stash or the like: the former files are back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ..system.errors import SpinegateError
from .clean import find_dirty
from .git_commit import Publication, differences, find_head, is_published, read_lines
from .git_index import Line, read_tracked
from .listed import listed
from .moving import move, prune
from .place import Place
from .transaction import Moves, leave, phase_of
from .untouched import IN_PLACE, find_changed

_OVER = ("", "done", "undo-ref")
_TAKING_BACK = ("undo-in", "undo-out", "undo-ref")


def is_brought_back(place: Place, moves: Moves) -> bool:
    """Whether git itself has put all files back that a stopped run had taken away.

    They are as the last commit has them, and that hasn't changed them: neither what the run put
    on its stage is needed then, nor can it go on from where it was stopped.
    """
    phase = phase_of(place)
    if moves.commit is None or moves.inverse is not None or phase in _OVER:
        return False
    if is_published(place.dataset, moves.commit) or not _has_moved(place, moves, phase):
        return False
    return _are_clean(place, moves.commit, moves.before)


def require_undoable(place: Place, moves: Moves) -> None:
    """Forget a run whose undoing was stopped, if git has put back what the run had made.

    Raises
    ------
    SpinegateError
        It is so; what takes the run back now.
    """
    commit = moves.commit
    if commit is None or phase_of(place) not in _TAKING_BACK:
        return
    if is_published(place.dataset, commit) and _are_clean(place, commit, moves.after):
        leave(place)
        raise SpinegateError(
            "git has brought back what the run had made, so it stays done: "
            f"git revert {commit.new[:12]} takes it back"
        )


def _are_clean(place: Place, commit: Publication, lines: Sequence[Line]) -> bool:
    """Whether files are as these lines say: in the last commit, in the index, and on the disk."""
    head = find_head(place)
    if head.ref != commit.ref or differences(place.dataset, head, lines):
        return False
    there = {line.path: line.there for line in lines}  # the last line of a path counts
    tracked = read_tracked(place.dataset)
    if any(os.fsencode(path) in tracked for path in there if not there[path]):
        return False
    known = [path for path in there if there[path]]
    return not find_dirty(place.dataset, read_lines(place.dataset, head.commit), tracked, known)


def _has_moved(place: Place, moves: Moves, phase: str) -> bool:
    """Whether the run had taken a file away, or what it had put there is gone."""
    if phase == "out":
        return any(os.path.lexists(place.last.stage / staged) for _, staged in moves.out)
    return bool(moves.out) or not any(
        os.path.lexists(folder / name)
        for staged, path in moves.back
        for folder, name in ((place.last.stage, staged), (place.dataset, path))
    )


def forgo(place: Place, moves: Moves) -> Iterator[str]:
    """Take away the new files that a stopped run has left beside the former ones, and forget it.

    Yields after each step, as `transaction.backward` does.

    Raises
    ------
    SpinegateError
        One was changed since; nothing is taken away then.
    """
    top, stage = f"{place.dataset}/", f"{place.last.stage}/"
    former = {line.path for line in moves.before if line.there}
    left = [
        (staged, path)
        for staged, path in moves.back
        if phase_of(place) in IN_PLACE
        and path not in former
        and os.path.lexists(top + path)
        and not os.path.lexists(stage + staged)
    ]
    if changed := find_changed(place, (), left):
        raise SpinegateError(
            f"changed since the plan was applied: {listed(changed)}; git has brought back what "
            "was there before, so move these out of the dataset, then again"
        )
    for staged, path in left:
        move(top + path, stage + staged)
        yield path
    prune(place.dataset, [path for _, path in left])
    leave(place)
