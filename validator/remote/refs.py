"""Which git-annex branches a repository has at hand, and whose word counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ...system.errors import ToolError
from ...system.git import git

LOCAL = "refs/heads/git-annex"
_REMOTES = "refs/remotes/"
_NAME = "/git-annex"
ORIGIN = f"{_REMOTES}origin{_NAME}"


class Refs(NamedTuple):
    """The git-annex branches of a repository.

    Attributes
    ----------
    trees
        Name of each branch, in full -> object id of its tree.
    trusted
        Those whose remotes, addresses and settings count.
    """

    trees: Mapping[str, str]
    trusted: tuple[str, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """Those that only add places to what the trusted ones know: a fork's."""
        return tuple(ref for ref in self.trees if ref not in self.trusted)

    @property
    def tracked(self) -> tuple[str, ...]:
        """Those that some other repository has as well."""
        return tuple(ref for ref in self.trees if ref != LOCAL)


def find_refs(folder: Path, base: str | None = None) -> Refs:
    """Find the git-annex branches of a repository.

    Parameters
    ----------
    folder
        A folder of the repository, or its .git folder.
    base
        What a change is compared with, as people name it (origin/master, a commit): then only
        the branch of that repository is trusted. Without it all are.

    Raises
    ------
    ToolError
        Not a repository, or one that git can't read.
    """
    names = (LOCAL, f"{_REMOTES}*{_NAME}")
    lines = git(folder, "for-each-ref", "--format=%(refname) %(tree)", *names).decode(
        errors="surrogateescape"
    )
    found = dict(line.rsplit(" ", 1) for line in lines.splitlines() if " " in line)
    trees = {ref: tree for ref, tree in found.items() if tree}
    return Refs(trees, tuple(trees) if base is None else _of_base(trees, base))


def _of_base(trees: Mapping[str, str], base: str) -> tuple[str, ...]:
    remote = base.removeprefix(_REMOTES).partition("/")[0]
    tracked = [ref for ref in trees if ref != LOCAL]
    for ref in (f"{_REMOTES}{remote}{_NAME}", ORIGIN):
        if ref in tracked:
            return (ref,)
    return () if tracked else tuple(trees)  # a repository that never had another: its own


def list_remotes(folder: Path) -> list[str]:
    """List the repositories to which a clone can push, sorted."""
    try:
        answer = git(folder, "config", "-z", "--get-regexp", r"^remote\..*\.url$")
    except ToolError:  # none
        return []
    keys = (record.partition(b"\n")[0] for record in answer.split(b"\0") if record)
    return sorted({key[len("remote.") : -len(".url")].decode(errors="replace") for key in keys})
