"""Puts a generated folder in its place, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..system.errors import ConfigError

MARK = "truth.json"


@contextmanager
def fresh_folder(folder: Path, force: bool) -> Iterator[Path]:
    """Give an empty folder to write to; it takes the place of `folder` at the end.

    Parameters
    ----------
    folder
        Where the phantom is to be; it may exist if it is empty.
    force
        Replace an earlier phantom (a folder that holds truth.json); anything else is never
        removed.

    Raises
    ------
    ConfigError
        The folder is not empty, is no folder, or can't be written.
    """
    folder = folder.absolute()
    _check(folder, force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(folder)) from None
    try:
        fresh.chmod(0o755)
        yield fresh
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error}", str(folder)) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check(folder: Path, force: bool) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ConfigError("is not a folder", str(folder))
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise ConfigError("is not empty; choose another folder, or --force", str(folder))
    if not (folder / MARK).is_file():
        raise ConfigError(
            f"is not empty and no phantom (it holds no {MARK}): it is not replaced", str(folder)
        )
