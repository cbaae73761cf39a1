"""Whether a file of two datasets has the same content, as far as that is known without reading.

A folder's files carry the object ids of git's index: an edit that was not added shows in what was
read from the disk anyway, the keys and first bytes of images and the values of sidecars.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from .annex import LINK_LIMIT, link_key, pointer_key
from .contents import Content, Presence, read_texts
from .dataset import Dataset, Scan
from .sidecar import LIMIT
from .tree import LINK, Entry, Tree, Unreadable

_WHOLE = 64 * 1024 * 1024
"""Bytes up to which an image that git doesn't hold is read to compare it."""


def identity_of(dataset: Dataset, path: str) -> str:
    """Return what stands for a file's content: annex key or object id; "" where neither does."""
    scan = dataset.by_path.get(path)
    if scan is None:
        return dataset.entries[path].oid
    content = scan.content
    if content.key is not None:
        return content.key.text
    return "" if content.edited else scan.entry.oid


def find_changed(base: Dataset, head: Dataset) -> Iterator[str]:
    """Yield the paths that both have, with other contents."""
    loose = base.tree.folder is not None or head.tree.folder is not None
    unlike: list[tuple[Entry, Entry]] = []
    entries = head.entries
    for path, old in base.entries.items():
        new = entries.get(path)
        if new is None or (old.oid == new.oid and old.oid and not loose):
            continue
        before, after = base.by_path.get(path), head.by_path.get(path)
        if before is not None and after is not None:
            if _images_differ(before, after, head.tree):
                yield path
        elif old.oid != new.oid or not (old.oid or path in base.json):
            unlike.append((old, new))
        elif _values_differ(base, head, path):
            yield path
    yield from _texts_that_differ(base.tree, head.tree, unlike)
    if loose and base.participants != head.participants and base.participants:
        table = "participants.tsv"
        if table in entries and base.entries[table].oid == entries[table].oid:
            yield table


def _values_differ(base: Dataset, head: Dataset, path: str) -> bool:
    old, new = base.json.get(path), head.json.get(path)
    return old is not None and new is not None and old is not new and old.value != new.value


def _images_differ(before: Scan, after: Scan, tree: Tree) -> bool:
    old, new = before.content, after.content
    if new.edited or (new.presence is Presence.BROKEN) != (old.presence is Presence.BROKEN):
        return True
    if old.key is not None and new.key is not None:
        return old.key.text != new.key.text
    if old.key is None and new.key is None:
        heads = old.head is not None and new.head is not None and old.head != new.head
        both = before.entry.oid and after.entry.oid
        return heads or bool(both and before.entry.oid != after.entry.oid)
    if before.entry.oid == after.entry.oid:
        return False  # the pointer that git holds, the content that is on the disk
    return bool(after.entry.oid) or _size_differs(old, after.entry, tree)


def _size_differs(old: Content, entry: Entry, tree: Tree) -> bool:
    """Whether a file on the disk, in the place of an annexed one, has another size."""
    if tree.folder is None or old.key is None or old.key.size is None:
        return False
    try:
        return (tree.folder / entry.path).lstat().st_size != old.key.size
    except (OSError, ValueError):
        return True


def _texts_that_differ(
    base: Tree, head: Tree, pairs: Iterable[tuple[Entry, Entry]]
) -> Iterator[str]:
    """Compare by object id where git has both, by key where a link became a pointer, by bytes."""
    unknown: list[tuple[Entry, Entry]] = []
    for old, new in pairs:
        if old.oid and new.oid and LINK not in (old.mode, new.mode):
            yield new.path
        else:
            unknown.append((old, new))
    olds = _texts(base, [old for old, _ in unknown])
    news = _texts(head, [new for _, new in unknown])
    for (_, entry), before, after in zip(unknown, olds, news, strict=True):
        if before is None or before != after:
            yield entry.path


def _texts(tree: Tree, entries: list[Entry]) -> Iterator[bytes | str | None]:
    """Yield of each file its key, if it is annexed, else its first bytes."""
    for content in tree.read(entries, LIMIT) if entries else ():
        if isinstance(content, Unreadable):
            yield None
        else:
            short = len(content) <= LINK_LIMIT
            yield (short and (pointer_key(content) or link_key(content))) or content


def blob_ids(dataset: Dataset, paths: Iterable[str], like: str) -> Mapping[str, str]:
    """Compute the object ids that git would give to files that it doesn't hold.

    Parameters
    ----------
    dataset
        Where they lie.
    paths
        Files without an object id.
    like
        An object id of the same repository, which tells the kind of hash.
    """
    entries = [dataset.entries[path] for path in paths]
    images = [entry for entry in entries if entry.path in dataset.by_path]
    texts = [entry for entry in entries if entry.path not in dataset.by_path]
    found: dict[str, str] = {}
    for group, limit, contents in (
        (images, _WHOLE, dataset.tree.read(images, _WHOLE)),
        (texts, LIMIT, read_texts(dataset.tree, texts, LIMIT)),
    ):
        for entry, content in zip(group, contents, strict=True):
            if not isinstance(content, Unreadable) and len(content) <= limit:
                found[entry.path] = _blob_id(content, like)
    return found


def _blob_id(content: bytes, like: str) -> str:
    kind = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    digest = kind(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()
