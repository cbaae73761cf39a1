"""Where a plan is written: never over one that a person has changed."""

from __future__ import annotations

from pathlib import Path

from ..system.errors import ConfigError
from ..system.files import write_atomic


def put_plan(text: str, path: Path, mode: int = 0o644) -> None:
    """Write a plan's text to a file that isn't there, is empty, or says the same.

    Raises
    ------
    ConfigError
        It holds something else, or can't be written.
    """
    name = str(path)
    try:
        if path.is_file() and path.read_bytes() not in (b"", text.encode()):
            raise ConfigError(
                "holds something else already, maybe your changes: name another file, or delete "
                "this one first",
                name,
            )
        write_atomic(path, text, mode)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", name) from None
