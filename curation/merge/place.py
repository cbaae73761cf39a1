"""Where contributions are worked on: git's own folder, one change at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import find_commit, find_common, find_root, git
from ..ingest.workplace import workplace
from .talk import fetch, remotes_of


def find_repository(dataset: Path) -> Path:
    """Return the top of the dataset's repository.

    Raises
    ------
    SpinegateError
        It isn't one, or the dataset is a folder within it.
    """
    if not dataset.is_dir():
        raise SpinegateError(f"{dataset} is not a folder")
    top = find_root(dataset)
    if top is None:
        raise SpinegateError(f"{dataset} is not in git, so nothing can be merged into it")
    if top != dataset.resolve():
        raise SpinegateError(f"{dataset} lies within {top}: name the dataset's top folder")
    return top


@contextmanager
def workshop(repository: Path, *, alone: bool) -> Iterator[Path]:
    """Give a folder on the annex's own disk that only this user can read, and remove it after.

    What runs that were killed have left there is removed first.

    Parameters
    ----------
    alone
        Whether the run changes something: a second such run waits until the first has ended.
    """
    home = find_common(repository) / "spinegate-merge"
    try:
        home.mkdir(exist_ok=True)
        with _turn(home.with_suffix(".lock")) if alone else nullcontext(), workplace(home) as work:
            yield work
    except PermissionError as error:
        raise SpinegateError(f"{error.filename}: {error.strerror}") from None


@contextmanager
def _turn(lock: Path) -> Iterator[None]:
    """Wait until no other run holds the lock."""
    if os.name != "posix":
        yield
        return
    import fcntl

    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find_remote(repository: Path, wanted: str | None) -> str:
    """Return the git remote that the dataset is published at; "" where there is none.

    Raises
    ------
    SpinegateError
        There is no remote of the name asked for, or several and none is called origin.
    """
    names = remotes_of(repository)
    if wanted is not None:
        if wanted not in names:
            raise SpinegateError(f"--remote: there is no git remote {wanted!r} here")
        return wanted
    if "origin" in names or not names:
        return "origin" if names else ""
    if len(names) == 1:
        return names[0]
    raise SpinegateError(f"say where the dataset is published: --remote {' or '.join(names)}")


def find_main(repository: Path, remote: str, wanted: str | None) -> str:
    """Return the name of the main branch.

    Raises
    ------
    SpinegateError
        It can't be told.
    """
    if wanted:
        return wanted
    candidates = []
    if remote:
        head = _answer(repository, "symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD")
        if head:
            return head.removeprefix(f"refs/remotes/{remote}/")
    prefix = f"refs/remotes/{remote}" if remote else "refs/heads"
    for name in ("main", "master"):
        if _answer(repository, "rev-parse", "--verify", "--quiet", f"{prefix}/{name}"):
            candidates.append(name)
    if len(candidates) != 1:
        raise SpinegateError("say which branch is the main one: --into BRANCH")
    return candidates[0]


def refresh_main(repository: Path, remote: str, main: str) -> str:
    """Fetch the main branch; return its commit.

    Raises
    ------
    SpinegateError
        The remote can't be reached, or there is no such branch.
    """
    if not remote:
        return find_commit(repository, f"refs/heads/{main}")
    ref = f"refs/remotes/{remote}/{main}"
    fetch(repository, remote, f"+refs/heads/{main}:{ref}")
    return find_commit(repository, ref)


def _answer(repository: Path, *question: str) -> str:
    try:
        return git(repository, *question).decode().strip()
    except ToolError:
        return ""
