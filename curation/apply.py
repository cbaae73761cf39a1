"""A plan carried out on a dataset's folder."""

from __future__ import annotations

import os
from pathlib import Path

from ..system.errors import SpinegateError
from ..validator.plan import Plan
from ..validator.planned import plan_tree
from ..validator.tree import open_tree
from .brought_back import forgo, is_brought_back, require_undoable
from .place import find_place, locked
from .stage import stage
from .stopped import interrupted, require_settled
from .taking_back import make_ready, require_untouched, with_inverse
from .transaction import (
    BACKWARD,
    FORWARD,
    SETTLED,
    Moves,
    backward,
    begin,
    clear,
    drop,
    exhaust,
    forward,
    move_all,
    phase_of,
    read_moves,
)
from .untouched import look


def apply_plan(plan: Plan, dataset: Path) -> int:
    """Carry out a plan on a folder: all of it or nothing; return how many files were touched.

    Names change in git's index too; edits and deletions are left as an editor would leave them.
    Nothing is committed: `commit.apply_and_commit` does that.

    Raises
    ------
    SpinegateError
        See `carry_out`.
    """
    moves = carry_out(plan, dataset)
    return 0 if moves is None else moves.files


def carry_out(
    plan: Plan, dataset: Path, message: str | None = None, names_first: bool = False
) -> Moves | None:
    """Carry out a plan, and commit it where there is a message; None where nothing changes.

    Raises
    ------
    SpinegateError
        The plan can't be carried out, or something went wrong on the way: the folder is as it
        was then. Also if an earlier run was stopped and neither finished nor undone.
    """
    place = find_place(dataset)
    with locked(place):
        require_settled(place)
        tree = open_tree(dataset)
        touched = {operation.path for operation in plan.operations}
        seen = look(place, (os.fsdecode(e.raw) for e in tree.entries if e.path in touched))
        planned = plan_tree(tree, plan)
        try:
            moves = stage(place, planned, plan, tree, message, names_first)
            if not moves.files:
                drop(place)
                return None
            begin(place, moves, seen)
        except OSError as error:
            drop(place)
            raise SpinegateError(f"{place.folder} can't be written: {error.strerror}") from None
        except BaseException:
            drop(place)
            raise
        move_all(place, moves)
        return moves


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
        if is_brought_back(place, moves):
            raise SpinegateError(
                "git has brought back the files that the stopped run had taken away: --undo "
                "forgets that run, then do it again"
            )
        if place.in_git:
            moves = make_ready(place, moves)
        try:
            exhaust(forward(place, moves))
        except SpinegateError as error:
            raise SpinegateError(f"{error}; --undo takes back what was done so far") from error
        return moves.files


def undo(dataset: Path) -> int:
    """Take back what the last run did, stopped or not; return how many files it had touched.

    A commit that the branch has already is followed by another that undoes it.

    Raises
    ------
    SpinegateError
        There is nothing to take back, files were changed since, or the branch went another way.
    """
    place = find_place(dataset)
    with locked(place):
        if not phase_of(place):
            raise SpinegateError("there is nothing to undo")
        moves = read_moves(place)
        if is_brought_back(place, moves):
            exhaust(forgo(place, moves))
            return moves.files
        require_undoable(place, moves)
        made = [path for _, path in moves.back]
        seen = look(place, made)
        require_untouched(place, moves)
        moves = with_inverse(place, moves)
        if look(place, made) != seen:
            raise SpinegateError("files were changed meanwhile; nothing was done: run it again")
        exhaust(backward(place, moves))
        return moves.files


def forget(dataset: Path) -> bool:
    """Delete what is kept for `undo`, for good; whether there was anything.

    Raises
    ------
    SpinegateError
        A run was stopped half-way: what is kept may be the only copy.
    """
    place = find_place(dataset)
    with locked(place):
        phase = phase_of(place)
        if phase not in ("", *SETTLED):
            raise SpinegateError(interrupted(place))
        clear(place)
        return bool(phase)
