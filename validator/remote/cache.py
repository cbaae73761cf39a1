"""Headers that were read before. A key's content never changes, so they never expire."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..nifti import HeaderError, parse_header

_LONGEST = 1024  # bytes of a file here: an inflated header has 348 or 540
_SHARDS = 256


def default_folder() -> Path:
    """Return the user's cache folder for headers (XDG_CACHE_HOME, else ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "spinegate" / "headers"


class Cache:
    """Inflated headers on disk by annex key; whatever is wrong with the disk, it stays silent.

    Parameters
    ----------
    folder
        Where they lie; made when the first one is kept.
    most
        About how many to keep: the oldest go.
    """

    def __init__(self, folder: Path, most: int = 200_000) -> None:
        self._folder, self._most = folder, most
        self._touched: set[Path] = set()

    def find(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the headers at hand; a file that holds none is removed."""
        found: dict[str, bytes] = {}
        if not self._folder.is_dir():
            return found
        for key in keys:
            path = self._path(key)
            try:
                with path.open("rb", buffering=0) as file:
                    content = file.read(_LONGEST)
                parse_header(content)
            except HeaderError:
                with suppress(OSError):
                    path.unlink()
            except OSError:
                continue
            else:
                found[key] = content
        return found

    def keep(self, key: str, content: bytes) -> None:
        """Keep a header: a reader sees a whole file or none."""
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new.")
            try:
                with os.fdopen(handle, "wb", buffering=0) as file:
                    file.write(content[:_LONGEST])
                Path(temporary).replace(path)  # not synced: what a crash spoils is read again
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError:
            return
        self._touched.add(path.parent)

    def prune(self) -> None:
        """Remove the oldest headers from the folders that were written to, if there are many."""
        for folder in self._touched:
            with suppress(OSError):
                files = list(folder.iterdir())
                if len(files) > max(1, self._most // _SHARDS):
                    ages = sorted((file.lstat().st_mtime, file) for file in files)
                    for _, file in ages[: -max(1, self._most // _SHARDS)]:
                        file.unlink(missing_ok=True)
        self._touched.clear()

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / name[:2] / name
