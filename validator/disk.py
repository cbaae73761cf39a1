"""Files on a disk, listed and read by names that stay bytes; links are never followed."""

# ruff: noqa: PTH114, PTH115, PTH118

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError
from ..system.git import Blob
from ..system.git import list_work_tree as git_listing

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


def list_work_tree(folder: Path) -> list[Entry] | None:
    """List a folder as git knows it; None where git holds nothing of it."""
    tracked, untracked, missing = git_listing(folder)
    if not tracked and not os.path.lexists(folder / ".git"):
        return None
    root = os.fsencode(folder) + b"/"
    gone = {name for name in missing if _vanished(root + name)}
    gone |= _behind_links(root, tracked)
    entries = [from_blob(blob) for blob in tracked if blob.name not in gone]
    for index, entry in enumerate(entries):
        if entry.mode == LINK:
            entries[index] = _unlocked(root, entry)
    for name in untracked:
        if name.endswith(b"/"):  # a repository inside this one
            continue
        try:
            mode = os.lstat(root + name).st_mode
        except OSError:
            continue
        entries.append(Entry(show(name), name, _mode(mode)))
    return sorted_entries(entries)


def _vanished(path: bytes) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may be there: reading it will say what is wrong
        return False
    return False


def _behind_links(root: bytes, tracked: list[Blob]) -> set[bytes]:
    """Find files that git knows in a folder that the disk has as a link: it may lead outside."""
    folders = {blob.name.rpartition(b"/")[0] for blob in tracked}
    for folder in list(folders):
        parent = folder
        while (parent := parent.rpartition(b"/")[0]) and parent not in folders:
            folders.add(parent)
    links = tuple(folder + b"/" for folder in folders if folder and os.path.islink(root + folder))
    return {blob.name for blob in tracked if blob.name.startswith(links)} if links else set()


def _unlocked(root: bytes, entry: Entry) -> Entry:
    """Correct the mode of a file that is a link in the index and a file on disk."""
    try:
        mode = os.lstat(root + entry.raw).st_mode
    except OSError:
        return entry
    return entry if stat.S_ISLNK(mode) else entry._replace(mode=_mode(mode))


def _mode(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return LINK
    if not stat.S_ISREG(mode):
        return SPECIAL
    return EXECUTABLE if mode & 0o100 and os.name == "posix" else FILE


def walk(folder: Path) -> Iterator[Entry]:
    """List a folder that git doesn't know; links aren't followed, so they can't loop."""
    top = os.fsencode(folder)
    pending = [b""]
    count = 0
    while pending:
        place = pending.pop()
        try:
            found = list(os.scandir(os.path.join(top, place)))
        except OSError as error:
            reason = os.strerror(error.errno or errno.EIO)
            yield Entry(f"{show(place)}/", place, f"unreadable: {reason}")
            continue
        for item in found:
            raw = os.path.join(place, item.name).replace(os.sep.encode(), b"/")
            count += 1
            if count > _MAX_FILES:
                raise SpinegateError(f"{folder} holds more than {_MAX_FILES:,} files")
            try:
                inner = item.is_dir(follow_symlinks=False)
                mode = "" if inner else _mode(item.stat(follow_symlinks=False).st_mode)
            except OSError:  # it vanished
                continue
            if not inner:
                yield Entry(show(raw), raw, mode)
            elif item.name != b".git":
                pending.append(raw)


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
