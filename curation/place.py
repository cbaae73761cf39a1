"""Where a run notes what it does: in git's own folder, else beside the dataset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..system.errors import SpinegateError
from ..system.git import find_root, git


@dataclass(frozen=True, slots=True)
class Place:
    """The dataset's folder, the folder of notes, and whether git knows the dataset."""

    dataset: Path
    folder: Path
    in_git: bool

    @property
    def journal(self) -> Path:
        """What is to be done."""
        return self.folder / "journal.json"

    @property
    def phase(self) -> Path:
        """How far it has come."""
        return self.folder / "phase"

    @property
    def signatures(self) -> Path:
        """How the files were left, so that later work on them isn't undone."""
        return self.folder / "signatures.json"

    @property
    def stage(self) -> Path:
        """Files on their way, and former ones."""
        return self.folder / "stage"


def find_place(dataset: Path) -> Place:
    """Find where the notes on a dataset's folder lie; nothing is made.

    Raises
    ------
    SpinegateError
        There is no such folder, or git doesn't trust the repository.
    """
    top = Path(os.path.realpath(dataset))
    if not top.is_dir():
        raise SpinegateError(f"{dataset} is not a folder")
    if find_root(top) is None:
        return Place(top, top.parent / f".{top.name}.spinegate", in_git=False)
    folder = os.fsdecode(git(top, "rev-parse", "--absolute-git-dir").removesuffix(b"\n"))
    return Place(top, Path(folder) / "spinegate", in_git=True)


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Keep a second run out, for as long as this process lives.

    Raises
    ------
    SpinegateError
        Another run is at work, or nothing can be written there.
    """
    try:
        place.folder.mkdir(exist_ok=True)
        handle = os.open(place.folder, os.O_RDONLY) if os.name == "posix" else -1
    except OSError as error:
        raise SpinegateError(f"{place.folder} can't be made: {error.strerror}") from None
    try:
        if handle >= 0:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SpinegateError("another spinegate curate is at work on it") from None
        yield
    finally:
        if handle >= 0:
            os.close(handle)
        with suppress(OSError):  # notes are left in it
            place.folder.rmdir()
