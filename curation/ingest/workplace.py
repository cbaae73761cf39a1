"""A private temporary folder that leaves nothing behind, not even after a kill.

What lies in it names a person. A run that was killed can't clean up; the next one does.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "spinegate-work-"
_UNSEEN = "spinegate-new-"
_MARK = "in-use"


@contextmanager
def workplace(parent: Path | None = None) -> Iterator[Path]:
    """Make a folder that only this user can read, and remove it at the end.

    Parameters
    ----------
    parent
        Where it lies; by default the system's place for temporary files. What runs that were
        killed left there is removed.
    """
    parent = parent or Path(tempfile.gettempdir())
    remove_stale(parent)
    unseen = Path(tempfile.mkdtemp(prefix=_UNSEEN, dir=parent))
    handle = _lock(unseen / _MARK, create=True)  # before another run can take it for stale
    folder = unseen.rename(parent / unseen.name.replace(_UNSEEN, _PREFIX, 1))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle >= 0:
            os.close(handle)


def remove_stale(parent: Path) -> None:
    """Remove folders of runs that are no more: nobody holds their lock."""
    if os.name != "posix":
        return
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            handle = _lock(folder / _MARK, create=False)
            try:
                shutil.rmtree(folder)
            finally:
                os.close(handle)


def _lock(mark: Path, *, create: bool) -> int:
    if os.name != "posix":
        return -1
    import fcntl

    handle = os.open(mark, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
