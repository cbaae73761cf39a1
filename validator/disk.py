"""Files on a disk, listed and read by names that stay bytes; links are never followed."""

# ruff: noqa: PTH115, PTH118

from __future__ import annotations

import errno
import os
import stat
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError
from ..system.git import Blob, list_untracked, read_index, start_index

LINK, EXECUTABLE, FILE = "120000", "100755", "100644"
SPECIAL = "special"
_CHUNK = 65536  # a 1 MiB buffer doubles the time of reading many small files
_MAX_FILES = 5_000_000
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Entry(NamedTuple):
    """One file.

    Attributes
    ----------
    path
        POSIX path relative to the dataset; bytes that aren't UTF-8 as backslash escapes.
    raw
        The name as the file system has it, for opening.
    mode
        As git writes it: 100644, 100755 (executable), 120000 (link); of what is none of these,
        such as a pipe or a folder that can't be listed, a word that says so.
    oid
        Object id in git; empty where git doesn't hold this content (untracked, no repository).
    """

    path: str
    raw: bytes
    mode: str
    oid: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read, and why."""

    reason: str


def show(raw: bytes) -> str:
    """Return a name as text: POSIX separators, other bytes than UTF-8 backslash-escaped."""
    return raw.decode("utf-8", "backslashreplace")


def sorted_entries(entries: Iterable[Entry]) -> list[Entry]:
    """Sort files by path, so that their order on disk never matters."""
    return sorted(entries, key=attrgetter("path", "raw"))


def from_blob(blob: Blob) -> Entry:
    """Make an entry of what git lists."""
    return Entry(show(blob.name), *blob)


Skip = Callable[[bytes], bool]
"""Says of a folder's name that nothing in it is wanted."""


def list_work_tree(folder: Path, skip: Skip | None = None) -> list[Entry] | None:
    """List a folder as git knows it; None where git holds nothing of it.

    The index names the files, their objects and the executable ones; what the disk lacks is left
    out, what git neither tracks nor ignores is added.
    """
    answer = start_index(folder)  # git reads its index while we look at the disk
    top = os.fsencode(folder)
    nested: list[bytes] = []
    shut: dict[bytes, OSError] = {}
    found: dict[bytes, os.DirEntry[bytes]] = {}
    try:
        _scan(top, b"", nested, found, shut, skip)
    finally:
        tracked = read_index(answer)
    if not tracked and not os.path.lexists(folder / ".git"):
        return None
    if nested:  # repositories inside this one, unless its own files lie there
        names = [blob.name for blob in tracked]
        for place in nested:
            index = bisect_left(names, place + b"/")
            if index < len(names) and names[index].startswith(place + b"/"):
                _scan(top, place, None, found, shut, skip)
    hidden = tuple(place + b"/" for place in shut)
    entries = []
    for blob in tracked:
        raw, mode, _ = blob
        item = found.pop(raw, None)
        if item is None:
            if raw.startswith(hidden):  # reading it will say what is wrong
                entries.append(from_blob(blob))
        elif item.is_symlink() == (mode == LINK):
            entries.append(from_blob(blob))
        else:
            found[raw] = item  # another kind of file than git has
    others = {raw for raw in list_untracked(folder) if raw in found} if found else set()
    others.update(blob.name for blob in tracked if blob.name in found)
    entries.extend(entry for raw in others if (entry := _from_disk(raw, found[raw])))
    entries.extend(_shut(place, error) for place, error in shut.items())
    return sorted_entries(entries)


def walk(folder: Path, skip: Skip | None = None) -> list[Entry]:
    """List a folder that git doesn't know."""
    found: dict[bytes, os.DirEntry[bytes]] = {}
    shut: dict[bytes, OSError] = {}
    _scan(os.fsencode(folder), b"", None, found, shut, skip)
    entries = [entry for raw, item in found.items() if (entry := _from_disk(raw, item))]
    return sorted_entries([*entries, *(_shut(place, error) for place, error in shut.items())])


def _scan(
    top: bytes,
    start: bytes,
    nested: list[bytes] | None,
    found: dict[bytes, os.DirEntry[bytes]],
    shut: dict[bytes, OSError],
    skip: Skip | None = None,
) -> None:
    """Note what stands in a folder; links aren't followed, so they can't loop.

    Folders that are repositories of their own go to `nested`, if it is given, and not further;
    folders that can't be listed go to `shut`.
    """
    pending = [start]
    while pending:
        place = pending.pop()
        try:
            with os.scandir(os.path.join(top, place)) as listing:
                items = {item.name: item for item in listing}
        except OSError as error:
            shut[place] = error
            continue
        if nested is not None and place and b".git" in items:
            nested.append(place)
            continue
        prefix = place + b"/" if place else b""
        for name, item in items.items():
            try:
                inner = item.is_dir(follow_symlinks=False)
            except OSError:  # it vanished
                continue
            if not inner:
                found[prefix + name] = item
            elif name != b".git" and not (skip and skip(name)):
                pending.append(prefix + name)
        if len(found) > _MAX_FILES:
            raise SpinegateError(f"the dataset holds more than {_MAX_FILES:,} files")


def _from_disk(raw: bytes, item: os.DirEntry[bytes]) -> Entry | None:
    try:
        return Entry(show(raw), raw, _mode(item.stat(follow_symlinks=False).st_mode))
    except OSError:  # it vanished
        return None


def _shut(place: bytes, error: OSError) -> Entry:
    reason = os.strerror(error.errno or errno.EIO)
    return Entry(f"{show(place)}/", place, f"unreadable: {reason}")


def _mode(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return LINK
    if not stat.S_ISREG(mode):
        return SPECIAL
    return EXECUTABLE if mode & 0o100 and os.name == "posix" else FILE


def read_disk(path: bytes, limit: int, link: bool) -> bytes | Unreadable:
    """Read a file's first `limit` + 1 bytes, or a link's target."""
    try:
        if link:
            return os.readlink(path)
        handle = os.open(path, _OPEN | _BINARY)
        try:
            content = os.read(handle, min(_CHUNK, limit + 1))
            if not content and not stat.S_ISREG(os.fstat(handle).st_mode):
                return Unreadable("not a file")
            if len(content) < _CHUNK or limit < _CHUNK:
                return content
            parts = [content]
            rest = limit + 1 - _CHUNK
            while rest and (more := os.read(handle, min(1 << 20, rest))):
                parts.append(more)
                rest -= len(more)
            return b"".join(parts)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Unreadable("a link where git holds a file")
        return Unreadable(os.strerror(error.errno or errno.EIO))
