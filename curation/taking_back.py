"""What a later run asks git before it finishes a run or takes it back: life went on meanwhile."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..system.errors import SpinegateError
from ..validator.tree import LINK
from .clean import find_dirty
from .git_commit import (
    build,
    differences,
    find_head,
    is_published,
    read_lines,
    rebuild,
    require_lines,
)
from .git_index import Line, ask, blob_id, read_tracked
from .listed import listed
from .place import Place
from .transaction import BACKWARD, Moves, note, phase_of
from .untouched import find_changed


def make_ready(place: Place, moves: Moves) -> Moves:
    """Have git hold all that a stopped run needs to be finished.

    Raises
    ------
    SpinegateError
        The branch went another way, or what git has thrown away can't be made again.
    """
    _restore_objects(place, moves)
    commit = moves.commit
    if commit is None or is_published(place.dataset, commit):
        return moves
    if adopted := _committed_by_hand(place, moves):
        return adopted
    again = rebuild(place, commit, moves.before, moves.after)
    return note(place, replace(moves, commit=again))


def require_untouched(place: Place, moves: Moves) -> None:
    """Refuse to take back what somebody has gone on working on.

    Raises
    ------
    SpinegateError
        Another branch is checked out, it no longer holds the commit, or files were changed: it
        names them and says what to do.
    """
    commit, phase = moves.commit, phase_of(place)
    published = commit is not None and is_published(place.dataset, commit)
    branch = "" if commit is None else commit.ref.removeprefix("refs/heads/")
    if commit is not None and find_head(place).ref != commit.ref:
        raise SpinegateError(f"this was done on the branch {branch}: git switch {branch}")
    if commit is not None and not published and phase == "done":
        raise SpinegateError(
            f"the branch {branch} no longer holds the commit "
            f"{commit.new[:12]} (amended, rebased or reset?), so nothing was taken back; git log "
            "shows whether another holds what it did, and git revert takes that one back"
        )
    changed = find_changed(place, moves.out, moves.back)
    if changed and published:
        changed = _without_committed(place, moves, changed)
    if not changed:
        return
    if commit is not None and published:
        hint = f"once they are committed, git revert {commit.new[:12]} takes the rest back"
    elif phase == "done" or phase in BACKWARD:
        hint = f"the former files lie in {place.last.stage} until the next run"
    else:
        hint = "--resume finishes the run and keeps them"
    raise SpinegateError(
        f"changed since the plan was applied, so it can't be undone: {listed(changed)}; {hint}"
    )


def _without_committed(place: Place, moves: Moves, changed: list[str]) -> list[str]:
    """Leave out files that are as the commit has them: git has only written them again."""
    after = {line.path for line in moves.after if line.there}
    head = read_lines(place.dataset, find_head(place).commit)
    known = [path for path in changed if path in after and path in head]
    dirty = {*find_dirty(place.dataset, head, read_tracked(place.dataset), known)}
    return [path for path in changed if path not in known or path in dirty]


def with_inverse(place: Place, moves: Moves) -> Moves:
    """Make the commit that undoes the one of a run, if that has come so far.

    Raises
    ------
    SpinegateError
        Later commits have changed the same files.
    """
    commit = moves.commit
    if commit is None:
        return moves
    if moves.inverse is not None:
        if is_published(place.dataset, moves.inverse):
            return moves
        again = rebuild(place, moves.inverse, moves.after, moves.before)
        return note(place, replace(moves, inverse=again))
    head = find_head(place)
    if not is_published(place.dataset, commit):
        adopted = _committed_by_hand(place, moves)
        if adopted is None:
            require_lines(place.dataset, head, moves.before)
            return moves
        moves = adopted
        commit = moves.commit or commit
    require_lines(place.dataset, head, moves.after)
    subject = commit.message.partition("\n")[0]
    message = f'Revert "{subject}"\n\nThis reverts commit {commit.new}.\n'
    return note(place, replace(moves, inverse=build(place, head, moves.before, message)))


def _committed_by_hand(place: Place, moves: Moves) -> Moves | None:
    """Take the branch's commit for that of a stopped run, where it holds all of it already."""
    head, commit = find_head(place), moves.commit
    if commit is None or head.ref != commit.ref or not moves.after:
        return None
    if head.commit == commit.old or differences(place.dataset, head, moves.after):
        return None
    return note(place, replace(moves, commit=commit._replace(new=head.commit)))


def _restore_objects(place: Place, moves: Moves) -> None:
    """Give git again what it lost: nothing but the notes named it, and `git gc` asks no notes."""
    known = {line.oid for line in moves.before}
    lines = {line.oid: line for line in moves.after if line.there and line.oid not in known}
    question = "".join(f"{oid}\n" for oid in lines).encode()
    answer = ask(place.dataset, question, "cat-file", "--batch-check") if lines else b""
    for record in answer.decode().splitlines():
        oid, _, kind = record.partition(" ")
        if kind == "missing":
            _write_again(place, moves, lines[oid])


def _write_again(place: Place, moves: Moves, line: Line) -> None:
    file = _find(place, moves, line.path)
    try:
        content = os.fsencode(file.readlink()) if line.mode == LINK else file.read_bytes()
    except OSError:
        content = b""
    if blob_id(content, line.oid) != line.oid:
        raise SpinegateError(
            f"git has thrown away what was prepared, and {line.path!a} was changed since: use "
            "--undo, then do it again"
        )
    ask(place.dataset, content, "hash-object", "-w", "--no-filters", "--stdin")


def _find(place: Place, moves: Moves, path: str) -> Path:
    """Return where a new file is: still on the stage, or in its place."""
    for staged, target in moves.back:
        if path == target or path.startswith(f"{target}/"):
            waiting = place.last.stage / staged
            if os.path.lexists(waiting):
                return Path(f"{waiting}{path.removeprefix(target)}")
    return place.dataset / path
