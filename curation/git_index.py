"""git's index follows renames; contents are neither read nor filtered, nothing is committed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError, ToolError
from ..system.git import Blob, command, environment, git, read_index, start_index

# What git-annex's filter makes of a file is compared here, without it: git would ask it for
# thousands of files one by one; where it isn't on PATH it fails; and git asks it unbidden, when
# it writes an index that is as old as a file.
UNFILTERED = ("-c", "filter.annex.process=", "-c", "filter.annex.clean=",
              "-c", "filter.annex.required=false")  # fmt: skip
GONE = "0"
_SHA256 = 64  # digits
_TRIES, _PAUSE = 20, 0.1  # seconds


class Line(NamedTuple):
    """One file of the index; mode "0" says that it isn't there."""

    mode: str
    oid: str
    path: str

    @property
    def there(self) -> bool:
        """Whether the file is there at all."""
        return self.mode != GONE


class Change(NamedTuple):
    """What happens to one file.

    Attributes
    ----------
    old, new
        Its raw names; empty where it is new, or goes.
    oid, mode
        What it will be; empty where that stays.
    """

    old: bytes
    new: bytes
    oid: str = ""
    mode: str = ""


def read_tracked(folder: Path) -> dict[bytes, Blob]:
    """Return the files of a folder that git tracks, by their raw names.

    Raises
    ------
    SpinegateError
        A merge isn't finished.
    """
    if git(folder, "ls-files", "-u", "-z"):
        raise SpinegateError("git has a merge here that isn't finished; finish it first")
    return {blob.name: blob for blob in read_index(start_index(folder))}


def plan_index(
    tracked: Mapping[bytes, Blob], changes: Sequence[Change]
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the index lines of all changed files as they are and as they will be."""
    if not changes:
        return (), ()
    touched = dict.fromkeys([*(c.old for c in changes), *(c.new for c in changes)])
    touched.pop(b"", None)
    length = len(next((c.oid for c in changes if c.oid), "")) or len(
        next(blob.oid for blob in tracked.values())
    )
    before, removed, added = [], [], []
    for name in touched:
        blob = tracked.get(name)
        nothing = Line(GONE, "0" * length, os.fsdecode(name))
        before.append(Line(blob.mode, blob.oid, nothing.path) if blob else nothing)
        if blob:
            removed.append(nothing)
    for old, new, oid, mode in changes:
        if new:
            blob = tracked[old] if old else None
            shown = os.fsdecode(new)
            added.append(
                Line(mode or blob.mode, oid or blob.oid, shown) if blob else Line(mode, oid, shown)
            )
    gone_first = sorted(before, key=lambda line: line.there)
    return tuple(gone_first), (*removed, *added)


def set_index(folder: Path, lines: Sequence[Line]) -> None:
    """Change lines of the index in one step; doing it twice does no harm.

    An editor's git may look at the index at any time and lock it for a moment: that is waited for.

    Raises
    ------
    ToolError
        git refuses; the index is as it was then.
    """
    if not lines or _stand(folder, lines):
        return
    question = index_text(folder, lines)
    tries = 0
    while True:
        try:
            ask(folder, question, *UNFILTERED, "update-index", "-z", "--index-info")
        except ToolError as error:
            tries += 1
            if "index.lock': File exists" not in error.stderr or tries > _TRIES:
                raise
            time.sleep(_PAUSE)
        else:
            return


def index_text(folder: Path, lines: Sequence[Line]) -> bytes:
    """Write lines as ``git update-index -z --index-info`` takes them."""
    prefix = git(folder, "rev-parse", "--show-prefix").removesuffix(b"\n")
    return b"".join(
        f"{line.mode} {line.oid}\t".encode() + prefix + os.fsencode(line.path) + b"\0"
        for line in lines
    )


def _stand(folder: Path, lines: Sequence[Line]) -> bool:
    """Whether the index is so already: another program's lock needn't be waited for then."""
    tracked = {blob.name: blob for blob in read_index(start_index(folder))}
    wanted = {os.fsencode(line.path): line for line in lines}  # the last line of a path counts
    for name, line in wanted.items():
        blob = tracked.get(name)
        if (blob.mode, blob.oid) != (line.mode, line.oid) if blob else line.mode != GONE:
            return False
    return True


def blob_id(content: bytes, like: str) -> str:
    """Return the object id that a file's bytes have, as git counts where `like` comes from."""
    family = hashlib.sha256 if len(like) == _SHA256 else hashlib.sha1
    return family(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def write_objects(folder: Path, files: Iterable[Path]) -> list[str]:
    """Put files' bytes into the object store as they are; return their object ids."""
    paths = list(files)
    if not paths:
        return []
    question = b"".join(os.fsencode(path) + b"\n" for path in paths)
    return ask(
        folder, question, "hash-object", "-w", "--no-filters", "--stdin-paths"
    ).decode().split()  # fmt: skip


def ask(
    folder: Path, question: bytes, *arguments: str, settings: Mapping[str, str] | None = None
) -> bytes:
    """Run git with something to read, and with settings in its environment.

    Raises
    ------
    ToolError
        It ended with another status than 0.
    """
    argv = command(folder, *arguments)
    done = subprocess.run(
        argv, input=question, capture_output=True, check=False,
        env={**environment(), **(settings or {})},
    )  # fmt: skip
    if done.returncode:
        raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout
