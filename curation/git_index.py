"""git's index follows renames; contents are neither read nor filtered, nothing is committed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError, ToolError
from ..system.git import Blob, command, environment, git, read_index, start_index

GONE = "0"


class Line(NamedTuple):
    """One file of the index; mode "0" says that it isn't there."""

    mode: str
    oid: str
    path: str


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
    tracked: Mapping[bytes, Blob],
    renames: Mapping[bytes, bytes],
    links: Mapping[bytes, str],
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the index lines of all renamed files as they are and as they will be.

    Parameters
    ----------
    tracked
        See `read_tracked`.
    renames
        Old name to new name.
    links
        Old name to the object of a link that changes as it moves.
    """
    moved = {old: tracked[old] for old in renames if old in tracked}
    new = {renames[old]: old for old in moved}
    touched = dict.fromkeys([*moved, *new])
    nothing = "0" * len(next(iter(moved.values())).oid) if moved else ""
    before, removed, added = [], [], []
    for name in touched:
        blob = tracked.get(name)
        shown = os.fsdecode(name)
        line = Line(blob.mode, blob.oid, shown) if blob else Line(GONE, nothing, shown)
        before.append(line)
        if blob:
            removed.append(Line(GONE, nothing, shown))
    for name, old in new.items():
        added.append(Line(moved[old].mode, links.get(old, moved[old].oid), os.fsdecode(name)))
    gone_first = sorted(before, key=lambda line: line.mode != GONE)
    return tuple(gone_first), (*removed, *added)


def set_index(folder: Path, lines: Sequence[Line]) -> None:
    """Change lines of the index in one step; doing it twice does no harm.

    Raises
    ------
    ToolError
        git refuses; the index is as it was then.
    """
    if not lines or _stand(folder, lines):
        return
    prefix = git(folder, "rev-parse", "--show-prefix").removesuffix(b"\n")
    text = b"".join(
        f"{line.mode} {line.oid}\t".encode() + prefix + os.fsencode(line.path) + b"\0"
        for line in lines
    )
    _ask(folder, text, "update-index", "-z", "--index-info")


def _stand(folder: Path, lines: Sequence[Line]) -> bool:
    """Whether the index is so already: another program's lock needn't be waited for then."""
    tracked = {blob.name: blob for blob in read_index(start_index(folder))}
    wanted = {os.fsencode(line.path): line for line in lines}  # the last line of a path counts
    for name, line in wanted.items():
        blob = tracked.get(name)
        if (blob.mode, blob.oid) != (line.mode, line.oid) if blob else line.mode != GONE:
            return False
    return True


def write_objects(folder: Path, files: Iterable[Path]) -> list[str]:
    """Put files' bytes into the object store as they are; return their object ids."""
    paths = list(files)
    if not paths:
        return []
    question = b"".join(os.fsencode(path) + b"\n" for path in paths)
    return _ask(
        folder, question, "hash-object", "-w", "--no-filters", "--stdin-paths"
    ).decode().split()  # fmt: skip


def _ask(folder: Path, question: bytes, *arguments: str) -> bytes:
    argv = command(folder, *arguments)
    done = subprocess.run(
        argv, input=question, capture_output=True, check=False, env=environment()
    )
    if done.returncode:
        raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout
