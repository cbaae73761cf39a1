"""Whether files are as the last commit has them, without running anybody's filters on images."""

from __future__ import annotations

import filecmp
import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ..system.blobs import read_blobs
from ..system.errors import SpinegateError, ToolError
from ..system.git import Blob, find_common, git
from ..validator.annex import POINTER_LIMIT, object_paths, parse_key, pointer_key
from ..validator.tree import LINK
from .git_commit import UncommittedError
from .git_index import UNFILTERED, Line, blob_id
from .listed import listed


def require_clean(
    folder: Path, head: Mapping[str, Line], tracked: Mapping[bytes, Blob], paths: Iterable[str]
) -> None:
    """Refuse where files differ from the last commit, staged or on the disk.

    Parameters
    ----------
    folder
        The dataset.
    head, tracked
        The files of the last commit and of git's index, as they name them.
    paths
        What is to be committed in another form, as the system has the names.

    Raises
    ------
    UncommittedError
        It names the first files and says what to do.
    """
    wanted = dict.fromkeys(paths)
    unknown = [path for path in wanted if path not in head]
    if unknown:
        raise UncommittedError(f"not committed yet: {listed(unknown)}; commit them first")
    if dirty := find_dirty(folder, head, tracked, wanted):
        raise UncommittedError(
            f"changed since the last commit: {listed(dirty)}; git commit -a keeps that, "
            "git restore -SW FILE discards it"
        )


def find_dirty(
    folder: Path, head: Mapping[str, Line], tracked: Mapping[bytes, Blob], paths: Iterable[str]
) -> list[str]:
    """Return the files of the last commit that differ from it, staged or on the disk."""
    wanted = dict.fromkeys(paths)
    staged = []
    for path in wanted:
        blob, line = tracked.get(os.fsencode(path)), head[path]
        if blob is None or (blob.mode, blob.oid) != (line.mode, line.oid):
            staged.append(path)
    refresh(folder)
    listing = git(folder, *UNFILTERED, "diff-files", "--name-only", "--relative", "-z")
    suspects = [path for name in listing.split(b"\0") if (path := os.fsdecode(name)) in wanted]
    known = set(staged)
    changed = [path for path in suspects if path not in known]
    return staged + _without_contents(folder, head, changed)


def require_plain(contents: Mapping[str, bytes], oids: Mapping[str, str]) -> None:
    """Refuse to edit what git keeps in another form: all lines would differ.

    Parameters
    ----------
    contents
        What files hold on the disk, by their names.
    oids
        Their objects in git.

    Raises
    ------
    SpinegateError
        It names the first one and says what to set.
    """
    for path, content in contents.items():
        if blob_id(content, oids[path]) != oids[path]:
            raise SpinegateError(
                f"git keeps {path!r} in another form than the disk has it (line ends, "
                "filters): set core.autocrlf and .gitattributes so that it doesn't"
            )


def refresh(folder: Path) -> None:
    """Let git note which files are as its index has them, so that `git status` is quick."""
    with suppress(ToolError):  # 1: some aren't
        git(folder, *UNFILTERED, "update-index", "-q", "--refresh")


def _without_contents(folder: Path, head: Mapping[str, Line], paths: list[str]) -> list[str]:
    """Leave out annexed files whose content is here, unlocked, and is that of their key."""
    oids = dict.fromkeys(head[path].oid for path in paths if head[path].mode != LINK)
    blobs = dict(read_blobs(folder, oids, POINTER_LIMIT))
    dirty = []
    for path in paths:
        key = None if head[path].mode == LINK else pointer_key(blobs.get(head[path].oid, b""))
        if not key or not _holds(folder, folder / path, key):
            dirty.append(path)
    return dirty


def _holds(folder: Path, file: Path, key: str) -> bool:
    """Whether a file holds the content of a key."""
    try:
        known = parse_key(key)
        if known is not None and known.size not in (None, file.stat().st_size):
            return False
        if known is not None and known.digest:
            with file.open("rb") as content:
                name = known.backend.removesuffix("E").lower()
                return hashlib.file_digest(content, name).hexdigest() == known.digest
        stores = object_paths(find_common(folder), key)
        return any(store.exists() and filecmp.cmp(file, store, shallow=False) for store in stores)
    except OSError:
        return False
