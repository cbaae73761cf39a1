"""Write a tree's files out for the official validator, which reads folders only.

It sees what the rules see: the files of a commit, of a plan or of some participants, whatever lies
around them on the disk; of an image the beginning, of a link what it leads to in the dataset. What
it never looks at is not written: two of three files.
"""

# ruff: noqa: PTH102

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ...system.errors import SpinegateError
from ..contents import read_texts
from ..dataset import IMAGES
from ..tree import FILE, Entry, Tree, Unreadable
from .official import OfficialReport, find_command, run_official

_IMAGE = 64 * 1024  # bytes; the validator looks at the first 1024
_TEXT = 64 * 2**20
_ALL = 4 * 2**30
_DEPTH = 64  # folders; a file in more of them can't be taken away again
_IGNORE = ".bidsignore"
_UNREAD = (b"derivatives", b"sourcedata")
_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)
# What a name that no file system takes, or that two files share, leads to.
_IMPOSSIBLE = frozenset(
    {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}
)


def official(tree: Tree, ignore: bytes | None = None) -> OfficialReport:
    """Let the official validator judge a tree: a folder, a commit, any other.

    Parameters
    ----------
    tree
        The files.
    ignore
        The .bidsignore that counts, where it isn't the tree's own; empty for none.

    Raises
    ------
    ToolError
        See `run_official`.
    SpinegateError
        There is no room to write the files, or there is too much in them.
    """
    with tempfile.TemporaryDirectory(
        prefix="spinegate-", dir=_room(), ignore_cleanup_errors=True
    ) as name:
        folder = Path(name).resolve()
        find_command(folder)  # before the work
        return run_official(folder, write_out(tree, folder, ignore))


def _room() -> str | None:
    """Return where to make the folder: Deno reads nothing under /dev, so not in shared memory."""
    usual = os.path.realpath(tempfile.gettempdir())
    return "/var/tmp" if usual.startswith("/dev/") else None  # noqa: S108


def write_out(tree: Tree, folder: Path, ignore: bytes | None = None) -> frozenset[str]:
    """Write a tree's files into an empty folder, as ordinary files all of them.

    No filter and no hook runs, no link is made or followed, and no name leads out of the folder:
    what can't be written there (``..``, bytes that aren't UTF-8, two names that are one) is left
    out, since the rules speak of it already.

    Returns
    -------
    frozenset[str]
        The paths of files whose content is not here; the pointer stands for it.

    Raises
    ------
    SpinegateError
        The files can't be written, or hold more than 4 GiB.
    """
    top = os.fsencode(folder)
    made = {b""}
    for name in {entry.raw.partition(b"/")[0] for entry in tree.entries}.intersection(_UNREAD):
        _make_folders(top, name, made)
    absent = set()
    total = 0
    for entry, content in _contents(tree, ignore):
        if isinstance(content, Unreadable):
            absent.add(entry.path)
            content = b"/annex/objects/\n"  # noqa: PLW2901
        total += len(content)
        if total > _ALL:
            raise SpinegateError(
                f"{tree.name} holds more than {_ALL >> 30} GiB of text: too much for --bids full"
            )
        try:
            place = entry.raw.rpartition(b"/")[0]
            if place not in made:
                _make_folders(top, place, made)
            _write(top + b"/" + entry.raw, content)
        except OSError as error:
            if error.errno not in _IMPOSSIBLE:
                raise SpinegateError(
                    f"{folder}: the files of {tree.name} can't be written out for the official "
                    f"validator: {error.strerror}"
                ) from None
    return frozenset(absent)


def _contents(tree: Tree, ignore: bytes | None) -> Iterator[tuple[Entry, bytes | Unreadable]]:
    # The same object several times is read once, and needn't be remembered, if it comes in a row.
    entries = sorted(filter(_is_possible, tree.entries), key=lambda entry: entry.oid)
    if ignore is not None:
        entries = [entry for entry in entries if entry.path != _IGNORE]
        if ignore:
            yield Entry(_IGNORE, _IGNORE.encode(), FILE), ignore
    images = [entry for entry in entries if entry.path.endswith(IMAGES)]
    texts = [entry for entry in entries if not entry.path.endswith(IMAGES)]
    for some, limit in ((images, _IMAGE), (texts, _TEXT)):
        for entry, content in zip(some, read_texts(tree, some, limit), strict=True):
            yield entry, content if isinstance(content, Unreadable) else content[:limit]


def _is_possible(entry: Entry) -> bool:
    """Whether a file can be written under its name within the folder, and is a file at all."""
    raw = entry.raw
    if not entry.mode.startswith("1") or entry.path.encode("utf-8", "replace") != raw:
        return False
    if b"\0" in raw or (os.name == "nt" and (b"\\" in raw or b":" in raw)):
        return False
    parts = raw.split(b"/")
    if parts[0] in _UNREAD or len(parts) > _DEPTH:
        return False
    return not any(part.lower() in (b"", b".", b"..", b".git") for part in parts)


def _make_folders(top: bytes, place: bytes, made: set[bytes]) -> None:
    parts = place.split(b"/")
    for depth in range(len(parts)):
        above = b"/".join(parts[: depth + 1])
        if above not in made:
            os.mkdir(top + b"/" + above, 0o700)
            made.add(above)


def _write(path: bytes, content: bytes) -> None:
    handle = os.open(path, _FLAGS, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)
