"""Whether there is room for new files: none takes the place of another, or lands elsewhere."""

# ruff: noqa: PTH114, PTH120

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ..system.errors import ConfigError, SpinegateError
from ..system.git import Blob
from ..validator.disk import show
from .git_index import Line
from .place import Place

Names = Sequence[tuple[str, str]]


def require_room(place: Place, out: Names, back: Names) -> None:
    """Refuse names that are taken by hidden files; see `transaction.Moves` for out and back.

    Raises
    ------
    ConfigError
        It names the file.
    """
    top = f"{place.dataset}/"
    leaving = {_identity(top + path) for path, _ in out}
    for _, path in back:
        target = top + path
        if os.path.lexists(target) and _identity(target) not in leaving:
            shown = show(os.fsencode(path))
            raise ConfigError(f"{shown!r} is on the disk already, and git ignores it")


def require_folders(place: Place, paths: Iterable[str]) -> None:
    """Refuse files in folders that lead out of the dataset, or onto another disk than the stage.

    Raises
    ------
    ConfigError
        It names the folder.
    """
    disk = os.lstat(place.stage).st_dev
    for folder in {os.path.dirname(path) for path in paths}:
        shown = show(os.fsencode(folder))
        real = place.dataset
        for part in Path(folder).parts:
            real = real / part
            if not os.path.lexists(real):
                break
            if os.path.islink(real):
                raise ConfigError(f"{shown!r} leads over a link")
            if place.in_git and os.path.lexists(real / ".git"):
                raise ConfigError(f"{shown!r} lies in another repository, inside of this one")
        else:
            if os.lstat(real).st_dev != disk:
                raise ConfigError(f"{folder or place.dataset} and {place.stage} lie on two disks")


def require_unknown(
    paths: Collection[str],
    head: Mapping[str, Line],
    tracked: Mapping[bytes, Blob],
    leaving: Collection[str] = (),
) -> None:
    """Refuse names for new files that git knows: a clone need not have all files on the disk.

    Parameters
    ----------
    paths
        The names, as the system has them.
    head, tracked
        The files of the last commit and of git's index.
    leaving
        Files that go.

    Raises
    ------
    SpinegateError
        It names the file and says what to do.
    """
    for path in paths:
        if path in head or os.fsencode(path) in tracked:
            raise SpinegateError(
                f"{path!a} is in git, but not in the folder, and would be lost: git restore "
                "brings it back, and so does git sparse-checkout disable where this clone has a "
                "part of the files only; then again"
            )
        for parent in _parents(path):
            if parent in head and parent not in leaving:
                raise SpinegateError(
                    f"{path!a} can't lie in {parent!a}, which git knows as a file, a link or "
                    "another repository"
                )


def _parents(path: str) -> Iterator[str]:
    while path := os.path.dirname(path):
        yield path


def _identity(path: str) -> tuple[int, int]:
    found = os.lstat(path)
    return found.st_dev, found.st_ino
