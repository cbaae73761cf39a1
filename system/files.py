"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import ConfigError


def write_atomic(path: Path, content: bytes | str, mode: int = 0o644) -> None:
    """Replace a file in one step: a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path
        The file; its folder must exist.
    content
        Text is written as UTF-8 with the line ends it has.
    mode
        Permission bits of the new file.

    Raises
    ------
    OSError
        Where the folder can't be written to; the old file is untouched then.
    """
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_limited(path: Path, limit: int) -> bytes:
    """Return what a file holds that a person names.

    Parameters
    ----------
    path
        The file.
    limit
        How many bytes it may have: whole MiB.

    Raises
    ------
    ConfigError
        It can't be read, or is larger; names the file.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", name) from None
    if len(content) > limit:
        raise ConfigError(f"larger than {limit >> 20} MiB", name)
    return content
