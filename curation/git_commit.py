"""One commit made beside the work tree: git's own index, hooks and filters have no part in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError, ToolError
from ..system.git import git
from .git_index import Line, ask, index_text
from .listed import listed
from .place import Place

_PERSON = "GIT_AUTHOR_", "GIT_COMMITTER_"
_UNFINISHED: Mapping[str, str] = {
    "MERGE_HEAD": "a merge", "CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase", "rebase-apply": "a rebase", "BISECT_LOG": "a bisection",
}  # fmt: skip


class UncommittedError(SpinegateError):
    """A commit would have to hold what somebody hasn't committed yet."""


class Head(NamedTuple):
    """The branch that is checked out, and its commit."""

    ref: str
    commit: str


class Publication(NamedTuple):
    """A commit that is made, and the branch that is to take it.

    Attributes
    ----------
    ref
        Such as ``refs/heads/main``.
    old, new
        The branch's commit as it must be, and the one that it gets.
    message
        What the commit says, so that it can be made again on another commit.
    """

    ref: str
    old: str
    new: str
    message: str


def find_head(place: Place) -> Head:
    """Return the branch that a commit would go to.

    Raises
    ------
    SpinegateError
        No git, no branch, no commit yet, or something unfinished in the repository.
    """
    if not place.in_git:
        raise SpinegateError(f"{place.dataset} is not in git, so nothing can be committed")
    folder = place.folder.parent
    for name, what in _UNFINISHED.items():
        if os.path.lexists(folder / name):
            raise SpinegateError(f"git has {what} here that isn't finished; finish it first")
    ref = _answer(place.dataset, "symbolic-ref", "--quiet", "HEAD")
    commit = _answer(place.dataset, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not ref:
        raise SpinegateError(
            "no branch is checked out (a detached HEAD), and a commit made here would soon be "
            "lost: git switch to a branch, or git switch -c NAME makes one"
        )
    if not commit:
        raise UncommittedError(
            "the branch has no commit yet: git add . and git commit -m 'First' first"
        )
    return Head(ref, commit)


def read_lines(folder: Path, commit: str) -> dict[str, Line]:
    """Return the files of a commit that lie in a folder, by their names relative to it."""
    listing = git(folder, "ls-tree", "-r", "-z", f"{commit}^{{tree}}")
    lines = {}
    for record in listing.split(b"\0")[:-1]:
        head, _, raw = record.partition(b"\t")
        mode, _, oid = head.decode().split(" ")
        name = os.fsdecode(raw)
        lines[name] = Line(mode, oid, name)
    return lines


def build(place: Place, head: Head, lines: Sequence[Line], message: str) -> Publication | None:
    """Make the commit that changes these lines and no others; None where it would be empty.

    The branch doesn't move yet: `publish` does that.

    Raises
    ------
    SpinegateError
        git doesn't know who commits, or can't write.
    """
    folder = place.dataset
    index = place.folder / "index"
    lock = index.with_name("index.lock")
    lock.unlink(missing_ok=True)  # of a run that was stopped
    settings = {"GIT_INDEX_FILE": str(index)}
    try:
        ask(folder, b"", "read-tree", head.commit, settings=settings)
        text = index_text(folder, lines)
        ask(folder, text, "update-index", "-z", "--index-info", settings=settings)
        tree = ask(folder, b"", "write-tree", settings=settings).decode().strip()
    finally:
        index.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)
    if tree == _answer(folder, "rev-parse", f"{head.commit}^{{tree}}"):
        return None
    new = write_commit(folder, tree, [head.commit], message)
    return Publication(head.ref, head.commit, new, message)


def write_commit(folder: Path, tree: str, parents: Iterable[str], message: str) -> str:
    """Make a commit that no branch has yet.

    Raises
    ------
    SpinegateError
        git doesn't know who commits.
    """
    people = {key: value for key, value in os.environ.items() if key.startswith(_PERSON)}
    ancestry = [word for parent in parents for word in ("-p", parent)]
    try:
        done = ask(folder, message.encode(), "commit-tree", tree, *ancestry, settings=people)
    except ToolError as error:
        if "tell me who you are" in error.stderr or "empty ident" in error.stderr:
            raise SpinegateError(
                "git doesn't know who you are, and a commit needs that: git config --global "
                'user.name "Your Name"; git config --global user.email you@example.org'
            ) from None
        raise
    return done.decode().strip()


def is_published(folder: Path, publication: Publication) -> bool:
    """Whether the branch holds the commit, be it as its last or with others after it."""
    tip = _answer(folder, "rev-parse", "--verify", "--quiet", publication.ref)
    if tip in ("", publication.old):
        return False
    if tip == publication.new:
        return True
    try:
        git(folder, "merge-base", "--is-ancestor", publication.new, tip)
    except ToolError:
        return False
    return True


def publish(folder: Path, publication: Publication) -> None:
    """Move the branch to the commit, unless it has it.

    Raises
    ------
    SpinegateError
        Somebody has committed to the branch meanwhile.
    """
    if is_published(folder, publication):
        return
    ref, old, new, message = publication
    note = message.partition("\n")[0]
    try:
        git(folder, "update-ref", "--create-reflog", "-m", note, ref, new, old)
    except ToolError as error:
        branch = ref.removeprefix("refs/heads/")
        raise SpinegateError(f"the branch {branch} can't take the commit: {error}") from None


def rebuild(
    place: Place, publication: Publication, before: Sequence[Line], after: Sequence[Line]
) -> Publication:
    """Make a commit again where its branch has moved on, or where git has thrown it away.

    Raises
    ------
    SpinegateError
        Another branch is checked out, or its files aren't those that the commit changes.
    """
    head = find_head(place)
    if head.ref != publication.ref:
        branch = publication.ref.removeprefix("refs/heads/")
        raise SpinegateError(f"this was begun on the branch {branch}: git switch {branch} first")
    if head.commit == publication.old and _is_whole(place.dataset, publication):
        return publication
    require_lines(place.dataset, head, before)
    return build(place, head, after, publication.message) or publication


def _is_whole(folder: Path, publication: Publication) -> bool:
    """Whether git still has all of a commit that no branch holds: `git gc` throws such away."""
    try:
        git(folder, "rev-list", "--objects", "--quiet", publication.new, "--not", publication.old)
    except ToolError:
        return False
    return True


def require_lines(folder: Path, head: Head, lines: Sequence[Line]) -> None:
    """Refuse where a commit doesn't hold files as these lines say.

    Raises
    ------
    SpinegateError
        It names the first files.
    """
    if differing := differences(folder, head, lines):
        raise SpinegateError(
            f"later commits have changed {listed(differing)}, so nothing was done; "
            "git log -- PATH shows them, and git revert takes a commit back"
        )


def differences(folder: Path, head: Head, lines: Sequence[Line]) -> list[str]:
    """Return the paths of files that a commit doesn't hold as these lines say."""
    known = read_lines(folder, head.commit)
    return [
        path
        for path, line in {line.path: line for line in lines}.items()
        if ((found.mode, found.oid) != (line.mode, line.oid) if (found := known.get(path))
            else line.there)
    ]  # fmt: skip


def _answer(folder: Path, *question: str) -> str:
    """Return git's answer in one line; "" where it has none."""
    try:
        return os.fsdecode(git(folder, *question)).strip()
    except ToolError:
        return ""
