"""The files of a dataset: a folder, a work tree, or a commit read without a checkout."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..system.errors import SpinegateError, ToolError
from ..system.git import find_root, git, list_commit, list_index, list_untracked, read_blobs

LINK, EXECUTABLE, FILE = "120000", "100755", "100644"
_CHUNK = 65536  # a 1 MiB buffer doubles the time of reading many small files
_MAX_FILES = 5_000_000
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file.

    Attributes
    ----------
    path
        POSIX path relative to the dataset; bytes that aren't UTF-8 as backslash escapes.
    raw
        The name as the file system has it, for opening.
    mode
        As git writes it: 100644, 100755 (executable), 120000 (link).
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


class Tree(Protocol):
    """What the dataset reader asks of a tree."""

    @property
    def name(self) -> str:
        """How the user knows it."""

    @property
    def annex(self) -> Path | None:
        """The .git folder whose annex may hold contents, None outside a repository."""

    @property
    def folder(self) -> Path | None:
        """The folder on disk, None for a commit."""

    @property
    def entries(self) -> list[Entry]:
        """All files, sorted by path."""

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """Yield each file's first `limit` + 1 bytes (of a link its target), in order."""


def show(raw: bytes) -> str:
    """Return a name as text: POSIX separators, other bytes than UTF-8 backslash-escaped."""
    return raw.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class FolderTree:
    """Files on disk, listed by git where the folder is in a repository."""

    name: str
    annex: Path | None
    folder: Path
    entries: list[Entry]

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """See `Tree.read`."""
        root = os.fsencode(self.folder) + b"/"
        for entry in entries:
            yield _read_disk(root + entry.raw, limit, entry.mode == LINK)


@dataclass(frozen=True, slots=True)
class CommitTree:
    """The files of one commit, read from the object store."""

    name: str
    annex: Path
    repository: Path
    entries: list[Entry]
    folder: None = None

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """See `Tree.read`."""
        wanted = list(entries)
        oids = dict.fromkeys(entry.oid for entry in wanted)
        contents = dict(read_blobs(self.repository, oids, limit))
        for entry in wanted:
            yield contents.get(entry.oid, Unreadable("git doesn't have this object"))


def open_tree(dataset: Path, ref: str | None = None) -> Tree:
    """Open a dataset.

    Parameters
    ----------
    dataset
        A folder; with `ref` a folder of a git repository (or a bare one).
    ref
        A commit, branch or tag to read instead of the folder.

    Raises
    ------
    SpinegateError
        Not a folder, no right to read it, no such commit.
    """
    if not dataset.is_dir():
        what = "is not a folder" if dataset.exists() else "does not exist"
        raise SpinegateError(f"{dataset} {what}; name the dataset's top folder")
    if ref is not None:
        return _open_commit(dataset, ref)
    try:
        os.scandir(dataset).close()
    except OSError as error:
        raise SpinegateError(f"{dataset} cannot be read: {error.strerror}") from None
    root = find_root(dataset)
    if root is not None and root.samefile(dataset):
        entries = _list_work_tree(dataset)
        return FolderTree(str(dataset), _annex(dataset), dataset, entries)
    return FolderTree(str(dataset), None, dataset, sorted_entries(_walk(dataset)))


def sorted_entries(entries: Iterable[Entry]) -> list[Entry]:
    """Sort files by path, so that their order on disk never matters."""
    return sorted(entries, key=lambda entry: entry.path)


def _annex(repository: Path) -> Path:
    common = os.fsdecode(git(repository, "rev-parse", "--git-common-dir").rstrip(b"\n"))
    return (repository / common).resolve()


def _open_commit(dataset: Path, ref: str) -> Tree:
    try:
        annex = _annex(dataset)
    except ToolError as error:
        raise SpinegateError(f"{dataset} is not a git repository: {error}") from None
    blobs = list_commit(dataset, ref)
    entries = [Entry(show(blob.name), blob.name, blob.mode, blob.oid) for blob in blobs]
    return CommitTree(f"{dataset}@{ref}", annex, dataset, sorted_entries(entries))


def _list_work_tree(folder: Path) -> list[Entry]:
    entries = [Entry(show(b.name), b.name, b.mode, b.oid) for b in list_index(folder)]
    root = os.fsencode(folder) + b"/"
    for name in list_untracked(folder):
        if name.endswith(b"/"):  # a repository inside this one
            continue
        try:
            mode = os.lstat(root + name).st_mode
        except OSError:
            continue
        entries.append(Entry(show(name), name, _mode(mode)))
    return sorted_entries(entries)


def _mode(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return LINK
    return EXECUTABLE if mode & 0o100 and os.name == "posix" else FILE


def _walk(folder: Path) -> Iterator[Entry]:
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
            if item.is_symlink():
                yield Entry(show(raw), raw, LINK)
            elif item.is_dir(follow_symlinks=False):
                if item.name != b".git":
                    pending.append(raw)
            elif item.is_file(follow_symlinks=False):
                mode = item.stat(follow_symlinks=False).st_mode if os.name == "posix" else 0
                yield Entry(show(raw), raw, _mode(mode))
            else:
                yield Entry(show(raw), raw, "special")


def _read_disk(path: bytes, limit: int, link: bool) -> bytes | Unreadable:
    try:
        if link:
            return os.readlink(path)
        handle = os.open(path, _OPEN | _BINARY)
        try:
            content = os.read(handle, min(_CHUNK, limit + 1))
            if len(content) == _CHUNK:
                while len(content) <= limit:
                    more = os.read(handle, min(1 << 20, limit + 1 - len(content)))
                    if not more:
                        break
                    content += more
            return content
        finally:
            os.close(handle)
    except OSError as error:
        if link and error.errno == errno.EINVAL:  # the work tree holds a file: git's index is old
            return _read_disk(path, limit, link=False)
        return Unreadable(os.strerror(error.errno or errno.EIO))
