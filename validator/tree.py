"""The files of a dataset: a folder, a work tree, or a commit read without a checkout."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..system.blobs import read_blobs
from ..system.errors import SpinegateError, ToolError
from ..system.git import find_common, find_root, list_commit
from .blobs import Blobs, read_known
from .disk import (
    EXECUTABLE,
    FILE,
    LINK,
    SPECIAL,
    Entry,
    Skip,
    Unreadable,
    from_blob,
    list_work_tree,
    read_disk,
    show,
    sorted_entries,
    walk,
)

__all__ = [
    "EXECUTABLE",
    "FILE",
    "LINK",
    "SPECIAL",
    "CommitTree",
    "Entry",
    "FolderTree",
    "Skip",
    "Tree",
    "Unreadable",
    "open_tree",
    "show",
    "sorted_entries",
]
_NO_OBJECT = Unreadable("git doesn't have this object")


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


@dataclass(frozen=True, slots=True)
class FolderTree:
    """Files on disk, listed by git where the folder is in a repository."""

    name: str
    annex: Path | None
    folder: Path
    entries: list[Entry]
    blobs: Blobs | None = None

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """See `Tree.read`."""
        root = os.fsencode(self.folder) + b"/"
        for entry in entries:
            content = read_disk(root + entry.raw, limit, entry.mode == LINK)
            if self.blobs is not None and isinstance(content, bytes):
                self.blobs.offer(entry.oid, content, limit)
            yield content


@dataclass(frozen=True, slots=True)
class CommitTree:
    """The files of one commit, read from the object store."""

    name: str
    annex: Path
    repository: Path
    entries: list[Entry]
    blobs: Blobs | None = None
    folder: None = None

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """See `Tree.read`."""
        if self.blobs is None:
            return self._read(entries, limit)
        return read_known(self._read, entries, limit, self.blobs)

    def _read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        wanted = list(entries)
        uses = Counter(entry.oid for entry in wanted)
        contents = read_blobs(self.repository, list(uses), limit)
        known: dict[str, bytes] = {}
        for entry in wanted:
            oid = entry.oid
            while uses[oid] and oid not in known:  # in the order asked for, less what is missing
                found, content = next(contents, (oid, None))
                if content is None:
                    uses[oid] = 0
                else:
                    known[found] = content
            yield known.get(oid, _NO_OBJECT)
            uses[oid] -= 1
            if uses[oid] <= 0:
                known.pop(oid, None)


def open_tree(
    dataset: Path,
    ref: str | None = None,
    skip: Skip | None = None,
    blobs: Blobs | None = None,
) -> Tree:
    """Open a dataset.

    Parameters
    ----------
    dataset
        A folder; with `ref` a folder of a git repository (or a bare one).
    ref
        A commit, branch or tag to read instead of the folder.
    skip
        Folders on disk that needn't be listed, by their names.
    blobs
        Contents that other trees of the repository have read; those read here are added.

    Raises
    ------
    SpinegateError
        Not a folder, no right to read it, no such commit.
    """
    if not os.path.isdir(dataset):
        what = "is not a folder" if os.path.lexists(dataset) else "does not exist"
        raise SpinegateError(f"{dataset} {what}; name the dataset's top folder")
    if ref is not None:
        return _open_commit(dataset, ref, blobs)
    try:
        os.scandir(dataset).close()
    except OSError as error:
        raise SpinegateError(f"{dataset} cannot be read: {error.strerror}") from None
    if find_root(dataset) is not None:
        try:
            # A folder that git ignores, or knows nothing of, is a dataset of its own.
            entries = list_work_tree(dataset, skip)
            if entries is not None:
                return FolderTree(str(dataset), find_common(dataset), dataset, entries, blobs)
        except ToolError:  # a repository that git doesn't trust: its files are still here
            pass
    store = dataset / ".git"
    annex = store.resolve() if store.is_dir() else None
    return FolderTree(str(dataset), annex, dataset, walk(dataset, skip))


def _open_commit(dataset: Path, ref: str, blobs: Blobs | None) -> Tree:
    try:
        annex = find_common(dataset)
    except ToolError as error:
        raise SpinegateError(f"{dataset} is not a git repository: {error}") from None
    entries = [from_blob(blob) for blob in list_commit(dataset, ref)]
    return CommitTree(f"{dataset}@{ref}", annex, dataset, sorted_entries(entries), blobs)
