"""What stands behind each image: an annex key, a content that is here, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..system.git import read_blobs
from .annex import POINTER_LIMIT, Key, link_key, object_paths, parse_key, pointer_key
from .nifti import FIRST
from .nifti import LIMIT as HEADER_LIMIT
from .tree import LINK, Entry, Tree, Unreadable


class Presence(Enum):
    """Whether an image's content is here."""

    PRESENT = "present"
    ABSENT = "absent"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Content:
    """The content of one image.

    Attributes
    ----------
    presence
        Present, absent (annexed and not here) or broken (a link or pointer that leads nowhere).
    key
        git-annex key; None where the image isn't annexed or its key is broken.
    head
        First bytes, where they are at hand already.
    stored
        The file in the annex that holds the content, where the listed file itself doesn't.
    """

    presence: Presence
    key: Key | None = None
    head: bytes | None = None
    stored: Path | None = None


def read_contents(
    tree: Tree, images: Iterable[Entry], unreadable: dict[str, str]
) -> dict[str, Content]:
    """Look behind every image; files that can't be read go to `unreadable` (path -> reason)."""
    wanted = list(images)
    store = tree.annex if tree.annex and (tree.annex / "annex" / "objects").is_dir() else None
    result: dict[str, Content] = {}
    plain: list[Entry] = []
    for entry, head in zip(wanted, tree.read(wanted, FIRST), strict=True):
        if isinstance(head, Unreadable):
            unreadable[entry.path] = head.reason
            continue
        if entry.mode == LINK and not head.startswith(b"\x1f\x8b"):
            result[entry.path] = _resolve(link_key(head), store)
        elif (text := pointer_key(head)) is not None:
            result[entry.path] = _resolve(text, store)
        else:
            result[entry.path] = Content(Presence.PRESENT, head=head)
            if entry.oid and tree.folder is not None:
                plain.append(entry)
    if plain and tree.folder is not None:
        _add_keys(tree.folder, plain, result)
    return result


def read_header_bytes(tree: Tree, entry: Entry, content: Content, limit: int) -> bytes | None:
    """Return up to `limit` + 1 first bytes of an image, None where its content isn't here."""
    if content.presence is not Presence.PRESENT:
        return None
    limit = min(limit, HEADER_LIMIT)
    if content.stored is None:
        if content.head is not None and (len(content.head) <= FIRST or limit <= FIRST):
            return content.head
        found = next(iter(tree.read([entry], limit)))
        return None if isinstance(found, Unreadable) else found
    try:
        with content.stored.open("rb") as file:
            return file.read(limit + 1)
    except OSError:
        return None


def _resolve(text: str | None, store: Path | None) -> Content:
    key = parse_key(text) if text is not None else None
    if key is None:
        return Content(Presence.BROKEN)
    if store is not None:
        for path in object_paths(store, key.text):
            if os.path.isfile(path):
                return Content(Presence.PRESENT, key, stored=path)
    return Content(Presence.ABSENT, key)


def _add_keys(folder: Path, plain: list[Entry], result: dict[str, Content]) -> None:
    """Find the keys of unlocked files whose content is here: git holds their pointers."""
    blobs = dict(read_blobs(folder, dict.fromkeys(e.oid for e in plain), POINTER_LIMIT))
    for entry in plain:
        text = pointer_key(blobs.get(entry.oid, b""))
        key = parse_key(text) if text is not None else None
        if key is not None:
            result[entry.path] = Content(Presence.PRESENT, key, head=result[entry.path].head)
