"""Contents by object id: what several trees of one repository hold is read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from .disk import Entry, Unreadable

Read = Callable[[list[Entry], int], Iterator[bytes | Unreadable]]
_LARGEST = 64 * 1024  # a longer one is read again: it costs less than to keep it
_HASHES = {40: "sha1", 64: "sha256"}


class Blobs:
    """The whole contents of small files that the trees of a run have read."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}
        self._offered: dict[str, bytes] = {}

    def find(self, oid: str) -> bytes | None:
        """Return an object, None where none of the trees has read it."""
        content = self._known.get(oid)
        if content is None:
            content = self._offered.pop(oid, None)
            if content is None or not _is_object(oid, content):
                return None
            self._known[oid] = content
        return content

    def keep(self, oid: str, content: bytes, limit: int) -> None:
        """Keep what git gave for an object, unless it was cut at the limit."""
        if len(content) <= min(limit, _LARGEST):
            self._known[oid] = content

    def offer(self, oid: str, content: bytes, limit: int) -> None:
        """Keep a file's content, which is the object that the index names unless it was edited.

        Whether it is costs time, and is found out when another tree asks for the object.
        """
        if oid and len(content) <= min(limit, _LARGEST):
            self._offered[oid] = content


def read_known(
    read: Read, entries: Iterable[Entry], limit: int, blobs: Blobs
) -> Iterator[bytes | Unreadable]:
    """Read files of a commit, those whose objects aren't known yet by `read`."""
    wanted = list(entries)
    known = [blobs.find(entry.oid) for entry in wanted]
    rest = read([e for e, content in zip(wanted, known, strict=True) if content is None], limit)
    for entry, content in zip(wanted, known, strict=True):
        if content is not None:
            yield content[: limit + 1]
            continue
        found = next(rest)
        if isinstance(found, bytes):
            blobs.keep(entry.oid, found, limit)
        yield found


def _is_object(oid: str, content: bytes) -> bool:
    digest = hashlib.new(_HASHES[len(oid)], usedforsecurity=False)
    digest.update(b"blob %d\0%b" % (len(content), content))
    return digest.hexdigest() == oid
