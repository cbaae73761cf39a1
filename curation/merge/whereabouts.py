"""The git-annex branch: joined with the remote's, pushed before any file that it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError, ToolError
from ...system.git import git
from ..git_commit import write_commit
from .build import move_ref, write_text, write_tree
from .fork import files_of
from .talk import fetch, push

BRANCH = "refs/heads/git-annex"
_TRIES = 8
_LIMIT = 256 * 1024 * 1024


def publish_whereabouts(repository: Path, work: Path, remote: str) -> None:
    """Push where contents lie; what others have pushed meanwhile is joined, never replaced.

    Only the branch of this remote is joined: a fork's is not believed.

    Raises
    ------
    SpinegateError
        The remote refuses for another reason than that somebody was faster.
    """
    refusal = ""
    for _ in range(_TRIES):
        theirs = fetch_whereabouts(repository, remote)
        ours = join(repository, work, theirs)
        if ours == theirs:
            return
        refusal = push(repository, remote, f"{ours}:{BRANCH}")
        if not refusal:
            return
        if fetch_whereabouts(repository, remote) == theirs:
            break
    raise SpinegateError(f"{remote} doesn't take the git-annex branch: {refusal}")


def fetch_whereabouts(repository: Path, remote: str) -> str:
    """Fetch the remote's git-annex branch; return its commit, "" where it has none."""
    ref = f"refs/remotes/{remote}/git-annex"
    try:
        fetch(repository, remote, f"+{BRANCH}:{ref}")
    except SpinegateError as error:
        if "couldn't find remote ref" in str(error):
            return ""
        raise
    return _tip(repository, ref)


def join(repository: Path, work: Path, theirs: str) -> str:
    """Join a git-annex branch into the local one; return the commit.

    The files are logs whose lines carry their own times: all lines of both sides are kept, which
    is how git-annex joins them too.
    """
    for _ in range(_TRIES):
        ours = _tip(repository, BRANCH)
        if not ours:
            if not theirs:
                raise SpinegateError("there is no git-annex branch here: git annex init")
            new = theirs
        elif not theirs or _holds(repository, ours, theirs):
            return ours
        elif _holds(repository, theirs, ours):
            new = theirs
        else:
            tree = _join_trees(repository, work, ours, theirs)
            new = write_commit(repository, tree, [ours, theirs], "merging git-annex\n")
        try:
            move_ref(repository, BRANCH, new, ours)
        except ToolError:  # git-annex has written to it meanwhile
            continue
        return new
    raise SpinegateError("the git-annex branch changes too fast: let other git-annex runs end")


def _join_trees(repository: Path, work: Path, ours: str, theirs: str) -> str:
    mine, others = files_of(repository, ours), files_of(repository, theirs)
    new = {path: file for path, file in others.items() if path not in mine}
    both = {path: (mine[path], file) for path, file in others.items()
            if path in mine and mine[path][1] != file[1]}  # fmt: skip
    oids = {oid for pair in both.values() for _, oid in pair}
    contents: Mapping[str, bytes] = dict(read_blobs(repository, oids, _LIMIT))
    for path, ((mode, one), (_, other)) in both.items():
        if one not in contents or other not in contents:
            raise SpinegateError(f"the git-annex branch lacks {path}: git annex repair")
        lines = dict.fromkeys([*contents[one].splitlines(), *contents[other].splitlines()])
        joined = b"".join(line + b"\n" for line in lines)
        new[path] = (mode, write_text(repository, joined))
    return write_tree(repository, work, ours, new)


def _tip(repository: Path, ref: str) -> str:
    try:
        return git(repository, "rev-parse", "--verify", "--quiet", ref).decode().strip()
    except ToolError:
        return ""


def _holds(repository: Path, one: str, other: str) -> bool:
    """Whether one commit has another behind it."""
    try:
        git(repository, "merge-base", "--is-ancestor", other, one)
    except ToolError:
        return False
    return True
