"""Where a run notes what it does: in git's own folder, else beside the dataset."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError
from ..system.git import find_root, git

RUNS = ("run-a", "run-b")
_PATIENCE = 1.0  # s
_PRIVATE, _OTHERS = 0o700, 0o077  # former files may name people


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one run."""

    folder: Path

    @property
    def journal(self) -> Path:
        """What is to be done."""
        return self.folder / "journal.json"

    @property
    def signatures(self) -> Path:
        """How the run leaves files, so that later work on them isn't undone."""
        return self.folder / "signatures.json"

    @property
    def stage(self) -> Path:
        """Files on their way, and former ones."""
        return self.folder / "stage"


class State(NamedTuple):
    """What the last run has come to.

    Attributes
    ----------
    phase
        How far it is; "" where there was none.
    run
        The folder of its notes.
    former
        The folder of the run before it, until this one is done; else "".
    """

    phase: str = ""
    run: str = RUNS[1]
    former: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The dataset's folder, the folder of notes, and whether git knows the dataset."""

    dataset: Path
    folder: Path
    in_git: bool

    @property
    def lock(self) -> Path:
        """Is locked while a run is at work."""
        return self.folder / "lock"

    @property
    def state_file(self) -> Path:
        """Says which run is the last one and how far it is: all in one file, in one step."""
        return self.folder / "phase"

    @property
    def state(self) -> State:
        """What the last run has come to."""
        try:
            return State(*self.state_file.read_text().split())
        except FileNotFoundError:
            return State()

    @property
    def last(self) -> Notes:
        """The notes of the last run."""
        return Notes(self.folder / self.state.run)

    @property
    def next(self) -> Notes:
        """Where a new run prepares itself, beside the last one."""
        return Notes(self.folder / RUNS[self.state.run == RUNS[0]])

    @property
    def stage(self) -> Path:
        """Where a new run puts its files until it begins."""
        return self.next.stage


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
    """Keep a second run out, for as long as this process lives; nobody else may look in.

    Raises
    ------
    SpinegateError
        Another run is at work, nothing can be written there, or the disk knows no locks.
    """
    handle = -1
    try:
        place.folder.mkdir(mode=_PRIVATE, exist_ok=True)
        if place.folder.stat().st_mode & _OTHERS:
            place.folder.chmod(_PRIVATE)
        if os.name == "posix":
            handle = _lock(place)
    except OSError as error:
        reason = f"{error.strerror}"
        if isinstance(error, PermissionError) and place.folder.exists():
            reason += "; it belongs to whoever ran spinegate curate here first"
        raise SpinegateError(f"{place.folder} can't be used: {reason}") from None
    try:
        yield
    finally:
        if handle >= 0:
            place.lock.unlink(missing_ok=True)
            os.close(handle)
        with suppress(OSError):  # notes are left in it
            place.folder.rmdir()


def _lock(place: Place) -> int:
    """Return the open lock; a file, for network disks lock no folders."""
    import fcntl

    # A program that a killed run had begun to start holds its lock for a moment.
    until = time.monotonic() + _PATIENCE
    while True:
        handle = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), place.lock.stat()):
                    return handle
        except BlockingIOError:
            os.close(handle)
            if time.monotonic() < until:
                time.sleep(_PATIENCE / 50)
                continue
            raise SpinegateError("another spinegate curate is at work on it") from None
        except OSError as error:
            os.close(handle)
            raise SpinegateError(
                f"{place.lock} can't be locked: {error.strerror}. Without a lock two runs could "
                "spoil each other's work: have the network disk's locks turned on, or work in a "
                "clone on a disk of this machine"
            ) from None
        os.close(handle)  # the one that had it has just taken it away
