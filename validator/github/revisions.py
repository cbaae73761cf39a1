"""Which two commits a workflow run compares."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ...system.errors import SpinegateError, ToolError
from ...system.git import find_commit, git
from .event import Event


class Pair(NamedTuple):
    """What is judged (None: the folder), and what it is compared with (None: nothing)."""

    ref: str | None
    base: str | None


def find_pair(folder: Path, event: Event, ref: str, base: str) -> Pair:
    """Decide what is compared with what.

    A pull request is judged as GitHub would merge it: the merge commit that it has made, against
    the tip of the branch that is its first parent. So only this commit and its two parents need
    to be in the clone.

    Parameters
    ----------
    folder
        The dataset, in a clone.
    event
        What started the workflow.
    ref, base
        What the user wants instead; "" for what the event says.

    Raises
    ------
    SpinegateError
        A commit that isn't in the clone, and what to do about it.
    """
    if base:
        return Pair(_find(folder, ref or "HEAD", "ref"), _find(folder, base, "base"))
    if ref:
        judged = _find(folder, ref, "ref")
        return Pair(judged, _from_event(folder, event, judged))
    if not event.base and event.name != "push":
        return Pair(None, None)
    judged = _find(folder, "HEAD", "ref")
    return Pair(judged, _from_event(folder, event, judged))


def _from_event(folder: Path, event: Event, judged: str) -> str | None:
    parents = _parents(folder, judged)
    if event.head and len(parents) == 2 and parents[1] == event.head:
        return _find(folder, parents[0], "base")
    if event.name == "push" and not _has(folder, event.base):
        # a branch that is new or was rewritten: what its last commit changed
        return parents[0] if parents and _has(folder, parents[0]) else None
    return _find(folder, event.base, "base") if event.base else None


def _parents(folder: Path, commit: str) -> list[str]:
    """Return the parents by the commit's own account: a shallow clone may lack them."""
    head = git(folder, "cat-file", "commit", commit).partition(b"\n\n")[0].decode("latin-1")
    return [line[7:] for line in head.splitlines() if line.startswith("parent ")]


def _has(folder: Path, commit: str) -> bool:
    try:
        return bool(commit) and bool(find_commit(folder, commit))
    except SpinegateError:
        return False


def _find(folder: Path, name: str, role: str) -> str:
    try:
        git(folder, "rev-parse", "--git-dir")
    except ToolError as error:
        raise SpinegateError(f"{folder} is not in a clone of a git repository: {error}") from None
    try:
        return find_commit(folder, name)
    except SpinegateError:
        raise SpinegateError(
            f"the {role} {name} is not in this clone: give actions/checkout a larger fetch-depth "
            "(2 is enough for a pull request, 0 takes the whole history)"
        ) from None
