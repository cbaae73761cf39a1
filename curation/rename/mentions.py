"""What sidecars say of other files: found whatever way it is written, and written the same way."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...validator.operation import Set
from ...validator.sidecar import LIMIT, Sidecar, parse_sidecar
from ...validator.tree import Entry, Tree
from .listing import is_derived
from .moves import Moves

KEYS = (
    "IntendedFor", "Sources", "RawSources", "SpatialReference", "BasedOn", "AssociatedEmptyRoom",
    "TransformFile", "DatasetRelativePath",
)  # fmt: skip
"""Keys whose values are files, as BIDS has them."""

_TOLD = re.compile(("|".join(f'"{key}"' for key in KEYS)).encode())
_URI = re.compile(r"bids:([^:/]*):(.*)", re.DOTALL)
_DESCRIPTION = "dataset_description.json"


class Mentions:
    """The datasets in a dataset, and what their URIs stand for."""

    def __init__(self, tree: Tree, moves: Moves) -> None:
        self._moves = moves
        self._known = {entry.path: entry for entry in tree.entries}
        self._roots = {
            path.rpartition("/")[0]: _links(sidecar)
            for path, sidecar in _read(tree, [
                entry for entry in tree.entries
                if entry.path.rpartition("/")[2] == _DESCRIPTION
            ])
        }  # fmt: skip
        self._tree = tree
        self.lost: list[str] = []

    def edits(self) -> Iterator[Set]:
        """Yield the edits of all sidecars that name what is renamed.

        What can't be said in the form it was said is noted in `lost`.
        """
        sidecars = [
            entry for entry in self._known.values()
            if entry.path.endswith(".json") and entry.mode[0] == "1"
        ]  # fmt: skip
        for path, sidecar in _read(self._tree, sidecars, _TOLD):
            for key in KEYS:
                former = sidecar.value.get(key)
                if former is not None:
                    value = self._replaced(former, path)
                    if value != former:
                        yield Set(path, key, value)

    def _replaced(self, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return self._mention(value, path)
        if isinstance(value, list):
            return [self._replaced(part, path) for part in value]
        if isinstance(value, dict):
            return {key: self._replaced(part, path) for key, part in value.items()}
        return value

    def _mention(self, text: str, path: str) -> str:
        """Return how a file's name is to be written in a sidecar after the renaming."""
        if uri := _URI.fullmatch(text):
            return self._uri(text, uri[1], uri[2], path)
        if "sub-" not in text or ":" in text:
            return text
        after = self._moves.target(path)
        for base, new_base in self._bases(path, after):
            old = _join(base, text.lstrip("/"))
            if old is None or (old not in self._known and self._moves.follow(old) == old):
                continue
            new = self._moves.target(old)
            relative = posixpath.relpath(new, new_base or ".")
            if relative.startswith("..") and not text.startswith(".."):
                self.lost.append(f"{path}: {text}")
                return text
            if relative == posixpath.normpath(text.lstrip("/")):
                return text
            lead = "/" if text.startswith("/") else "./" if text.startswith("./") else ""
            return lead + relative
        return text

    def _uri(self, text: str, name: str, inner: str, path: str) -> str:
        for base in self._named(name, path):
            old = _join(base, inner.lstrip("/"))
            if old is None or (old not in self._known and self._moves.follow(old) == old):
                continue
            new = self._moves.target(old)
            if new == old:
                return text
            relative = posixpath.relpath(new, base or ".")
            if relative.startswith(".."):
                self.lost.append(f"{path}: {text}")
                return text
            slash = "/" if inner.startswith("/") else ""
            return f"bids:{name}:{slash}{relative}"
        return text

    def _bases(self, path: str, after: str) -> Iterator[tuple[str, str]]:
        """Yield the folders that a plain path may start from, and the same after the renaming."""
        place = _subject_folder(path)
        if place:
            yield place, _subject_folder(after)  # as IntendedFor has it
        yield posixpath.dirname(path), posixpath.dirname(after)
        root = self._root(path)
        yield root, root
        if root:
            yield "", ""

    def _named(self, name: str, path: str) -> Iterator[str]:
        """Yield the folders that a URI's dataset may be."""
        root = self._root(path)
        if not name:
            yield root
            if root == "" and is_derived(path):
                yield "/".join(path.split("/")[:2])  # a derivative that doesn't describe itself
            return
        links = self._roots.get(root, {})
        if name in links:
            link = links[name]
            joined = None if link is None else _join(root, link)
            if joined is not None:
                yield joined
            return
        yield f"derivatives/{name}"
        if name in ("raw", "sourcedata"):
            yield {"raw": ""}.get(name, name)

    def _root(self, path: str) -> str:
        """Return the nearest folder that describes itself as a dataset."""
        folder = posixpath.dirname(path)
        while folder and folder not in self._roots:
            folder = posixpath.dirname(folder)
        return folder


def _join(base: str, inner: str) -> str | None:
    """Return a path in the dataset, None where it leads out of it."""
    joined = posixpath.normpath(posixpath.join(base, inner))
    if joined == ".":
        return ""
    return None if joined.startswith(("..", "/")) else joined


def _subject_folder(path: str) -> str:
    parts = path.split("/")
    for index, part in enumerate(parts[:-1]):
        if part.startswith("sub-"):
            return "/".join(parts[: index + 1])
    return ""


def _links(sidecar: Sidecar) -> Mapping[str, str | None]:
    """Return a dataset's names for others; None for those that lie elsewhere."""
    links = sidecar.value.get("DatasetLinks")
    if not isinstance(links, dict):
        return {}
    return {
        name: link.rstrip("/") or "."
        if isinstance(link, str) and ":" not in link and not link.startswith("/")
        else None
        for name, link in links.items()
    }


def _read(
    tree: Tree, entries: Sequence[Entry], told: re.Pattern[bytes] | None = None
) -> Iterator[tuple[str, Sidecar]]:
    """Yield the JSON files that can be read, or those in which a pattern is found."""
    for entry, content in zip(entries, tree.read(entries, LIMIT), strict=True):
        if not isinstance(content, bytes):
            continue
        if told is None or (b"sub-" in content and told.search(content)):
            yield entry.path, parse_sidecar(content)
