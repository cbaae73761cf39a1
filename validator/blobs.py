"""Contents by object id: what several trees of one repository hold is read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from .disk import Entry, Unreadable

Blobs = dict[str, bytes]
"""Object id -> the whole content, of small files."""

Read = Callable[[list[Entry], int], Iterator[bytes | Unreadable]]
_LARGEST = 64 * 1024  # a longer one is read again: it costs less than to keep it
_HASHES = {40: "sha1", 64: "sha256"}


def read_known(
    read: Read, entries: Iterable[Entry], limit: int, blobs: Blobs
) -> Iterator[bytes | Unreadable]:
    """Read files of a commit, those whose objects aren't known yet by `read`."""
    wanted = list(entries)
    known = [blobs.get(entry.oid) for entry in wanted]
    rest = read([e for e, content in zip(wanted, known, strict=True) if content is None], limit)
    for entry, content in zip(wanted, known, strict=True):
        if content is not None:
            yield content[: limit + 1]
            continue
        found = next(rest)
        if isinstance(found, bytes) and len(found) <= min(limit, _LARGEST):
            blobs[entry.oid] = found
        yield found


def keep(blobs: Blobs, oid: str, content: bytes, limit: int) -> None:
    """Keep what was read from a disk if it is the object that git's index names."""
    if oid and oid not in blobs and len(content) <= min(limit, _LARGEST):
        digest = hashlib.new(_HASHES[len(oid)], usedforsecurity=False)
        digest.update(b"blob %d\0%b" % (len(content), content))
        if digest.hexdigest() == oid:
            blobs[oid] = content
