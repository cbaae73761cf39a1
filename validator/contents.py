"""What stands behind each file: a content that is here, an annex key, or nothing."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from ..system.blobs import read_blobs
from .annex import (
    LINK_LIMIT,
    POINTER_LIMIT,
    Key,
    link_key,
    object_paths,
    parse_key,
    pointer_key,
    read_pointer,
)
from .disk import read_disk
from .nifti import FIRST
from .nifti import LIMIT as HEADER_LIMIT
from .tree import LINK, Entry, Tree, Unreadable

_HOPS = 8  # links of links
_POINTER_STARTS = (b"/", b".")
ELSEWHERE = Unreadable("its content is in the annex and not here")
NOWHERE = Unreadable("a link that leads nowhere in the dataset")


class Presence(Enum):
    """Whether an image's content is here."""

    PRESENT = "present"
    ABSENT = "absent"
    BROKEN = "broken"


class Content(NamedTuple):
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
    target
        The file of the dataset that a link leads to.
    edited
        Whether this is an unlocked annexed file that was changed and not yet added again.
    """

    presence: Presence
    key: Key | None = None
    head: bytes | None = None
    stored: Path | None = None
    target: Entry | None = None
    edited: bool = False


BROKEN = Content(Presence.BROKEN)


def read_contents(
    tree: Tree, images: Iterable[Entry], unreadable: dict[str, str]
) -> dict[str, Content]:
    """Look behind every image; files that can't be read go to `unreadable` (path -> reason)."""
    wanted = list(images)
    store = _store(tree)
    keys, targets = _follow(tree, wanted)
    result = {path: _resolve(text, store) for path, text in keys.items()}
    rest = [entry for entry in wanted if entry.path not in keys]
    files = [targets.get(entry.path, entry) for entry in rest] if targets else rest
    plain: list[tuple[str, Entry]] = []
    for entry, file, head in zip(rest, files, tree.read(files, FIRST), strict=True):
        if isinstance(head, Unreadable):
            unreadable[entry.path] = head.reason
            continue
        key = read_pointer(head)
        if key is not None:
            result[entry.path] = _locate(key, store)
        elif (text := _key_text(head)) is not None:
            result[entry.path] = _resolve(text, store)
        else:
            target = None if file is entry else file
            result[entry.path] = Content(Presence.PRESENT, head=head, target=target)
            if file.oid:
                plain.append((entry.path, file))
    if plain and tree.folder is not None and tree.annex and (tree.annex / "annex").is_dir():
        _add_keys(tree.folder, plain, result)
    return result


def read_texts(tree: Tree, files: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
    """Yield the first `limit` + 1 bytes of small files, of annexed ones from the annex."""
    wanted = list(files)
    store = _store(tree)
    keys, targets = _follow(tree, wanted)
    rest = [entry for entry in wanted if entry.path not in keys] if keys else wanted
    contents = tree.read([targets.get(e.path, e) for e in rest] if targets else rest, limit)
    for entry in wanted:
        text = keys.get(entry.path) if keys else None
        if text is None:
            content = next(contents)
            if isinstance(content, bytes) and content[:1] in _POINTER_STARTS:
                text = _key_text(content)
            if text is None:
                yield content
                continue
        found = _resolve(text, store)
        if found.stored is not None:
            yield read_disk(os.fsencode(found.stored), limit, link=False)
        else:
            yield ELSEWHERE if found.presence is Presence.ABSENT else NOWHERE


def read_header_bytes(tree: Tree, entry: Entry, content: Content, limit: int) -> bytes | None:
    """Return up to `limit` + 1 first bytes of an image, None where its content isn't here."""
    if content.presence is not Presence.PRESENT:
        return None
    limit = min(limit, HEADER_LIMIT)
    if content.stored is not None:
        found = read_disk(os.fsencode(content.stored), limit, link=False)
    elif content.head is not None and (len(content.head) <= FIRST or limit <= FIRST):
        return content.head
    else:
        found = next(iter(tree.read([content.target or entry], limit)))
    return None if isinstance(found, Unreadable) else found


def _store(tree: Tree) -> Path | None:
    return tree.annex if tree.annex and (tree.annex / "annex" / "objects").is_dir() else None


def _key_text(content: bytes) -> str | None:
    """Return the key of a pointer, or of a link on a disk that has no links."""
    text = pointer_key(content)
    return link_key(content) if text is None and content[:1] in _POINTER_STARTS else text


def _follow(tree: Tree, entries: list[Entry]) -> tuple[dict[str, str], dict[str, Entry]]:
    """Follow links: path -> key text ("" where it leads nowhere), or path -> file in the tree."""
    keys: dict[str, str] = {}
    targets: dict[str, Entry] = {}
    places: dict[bytes, Entry] = {}
    pending = [(entry.path, entry) for entry in entries if entry.mode == LINK]
    for _ in range(_HOPS):
        found = tree.read([link for _, link in pending], LINK_LIMIT)
        following = []
        for (path, link), target in zip(pending, found, strict=True):
            if isinstance(target, Unreadable):
                continue  # whoever reads it next learns why
            text = link_key(target)
            if text is None:
                places = places or {entry.raw: entry for entry in tree.entries}
                file = places.get(
                    posixpath.normpath(posixpath.join(posixpath.dirname(link.raw), target))
                )
                if file is not None and file.mode == LINK:
                    following.append((path, file))
                elif file is not None:
                    targets[path] = file
                    continue
            keys[path] = text or ""
        pending = following
        if not pending:
            break
    for path in targets:
        keys.pop(path, None)
    return keys, targets


def _resolve(text: str, store: Path | None) -> Content:
    key = parse_key(text)
    return BROKEN if key is None else _locate(key, store)


def _locate(key: Key, store: Path | None) -> Content:
    if store is not None:
        for path in object_paths(store, key.text):
            if _is_file(path):
                return Content(Presence.PRESENT, key, stored=path)
    return Content(Presence.ABSENT, key)


def _is_file(path: Path) -> bool:
    """Whether a file is here, itself: a link could lead anywhere."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _add_keys(folder: Path, plain: list[tuple[str, Entry]], result: dict[str, Content]) -> None:
    """Find the keys of unlocked files whose content is here: git holds their pointers."""
    oids = dict.fromkeys(file.oid for _, file in plain)
    blobs = dict(read_blobs(folder, oids, POINTER_LIMIT))
    root = os.fsencode(folder) + b"/"
    for path, file in plain:
        key = parse_key(pointer_key(blobs.get(file.oid, b"")) or "")
        if key is None:
            continue
        try:
            edited = key.size not in (None, os.lstat(root + file.raw).st_size)
        except OSError:
            continue
        result[path] = result[path]._replace(key=None if edited else key, edited=edited)
