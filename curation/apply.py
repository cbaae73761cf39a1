"""A plan carried out on a dataset's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..system.errors import SpinegateError
from ..validator.plan import Plan
from ..validator.planned import plan_tree
from ..validator.tree import open_tree
from .git_commit import build, find_head, is_published, rebuild, require_lines
from .place import Place, find_place, locked
from .stage import stage
from .transaction import (
    BACKWARD,
    FORWARD,
    Moves,
    backward,
    begin,
    clear,
    exhaust,
    forward,
    move_all,
    note,
    phase_of,
    read_moves,
)

_HINT = "spinegate curate fix --resume finishes it, --undo takes it back"


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
        if phase_of(place) not in ("", "done"):
            raise SpinegateError(f"an earlier run was stopped half-way: {_HINT}")
        tree = open_tree(dataset)
        planned = plan_tree(tree, plan)
        clear(place)
        try:
            moves = stage(place, planned, plan, tree, message, names_first)
            if not moves.files:
                clear(place)
                return None
            begin(place, moves)
        except OSError as error:
            clear(place)
            raise SpinegateError(f"{place.folder} can't be written: {error.strerror}") from None
        except BaseException:
            clear(place)
            raise
        move_all(place, moves, _HINT)
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
        if moves.commit is not None and not is_published(place.dataset, moves.commit):
            again = rebuild(place, moves.commit, moves.before, moves.after)
            moves = note(place, replace(moves, commit=again))
        exhaust(forward(place, moves))
        return moves.files


def undo(dataset: Path) -> int:
    """Take back what the last run did, stopped or not; return how many files it had touched.

    A commit that the branch has already is followed by another that undoes it.

    Raises
    ------
    SpinegateError
        There is nothing to take back, or files were changed since.
    """
    place = find_place(dataset)
    with locked(place):
        if not phase_of(place):
            raise SpinegateError("there is nothing to undo")
        moves = _with_inverse(place, read_moves(place))
        exhaust(backward(place, moves))
        return moves.files


def _with_inverse(place: Place, moves: Moves) -> Moves:
    """Make the commit that undoes the one of a run, if that has come so far."""
    commit = moves.commit
    if commit is None or not is_published(place.dataset, commit):
        return moves
    if moves.inverse is not None:
        if is_published(place.dataset, moves.inverse):
            return moves
        again = rebuild(place, moves.inverse, moves.after, moves.before)
        return note(place, replace(moves, inverse=again))
    head = find_head(place)
    if head.ref != commit.ref:
        branch = commit.ref.removeprefix("refs/heads/")
        raise SpinegateError(f"this was committed on the branch {branch}: git switch {branch}")
    require_lines(place.dataset, head, moves.after)
    subject = commit.message.partition("\n")[0]
    message = f'Revert "{subject}"\n\nThis reverts commit {commit.new}.\n'
    return note(place, replace(moves, inverse=build(place, head, moves.before, message)))
