"""Where each key can be read over HTTP, by the git-annex branch alone: no network here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from ...system.errors import SpinegateError
from ..annex import Key
from .branch import Branch, Remote, Whereabouts
from .layouts import bucket_addresses, chunk, join, key_paths, object_name
from .logs import WEB

_RANKS = _PUBLIC, _ON_THE_WEB, _OPEN, _PERHAPS = range(4)


class Address(NamedTuple):
    """One place at which to ask for a content.

    Attributes
    ----------
    url
        Its address.
    group
        What answers and fails together: the remote and the server.
    name
        The remote as people know it.
    layout
        How the remote names its files, where that must be found out.
    size
        Bytes that lie there, where that is known.
    """

    url: str
    group: str
    name: str
    layout: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where keys can be read.

    Parameters
    ----------
    branch, whereabouts
        What the git-annex branch says. The remotes and their addresses are those of this branch:
        give the base's, never a fork's.
    plain
        Whether plain HTTP is used where a remote's settings say so.
    """

    branch: Branch
    whereabouts: Whereabouts
    plain: bool = False
    _exports: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def of(self, key: Key) -> Iterator[Address]:
        """Yield the addresses of a key's content, first where everybody can surely read it."""
        holders = self.whereabouts.where.get(key.text, ())
        remotes = [r for r in self.branch.remotes.values() if r.uuid in holders]
        for rank in _RANKS:
            for remote in remotes:
                yield from self._remote(remote, key, rank)
            if rank == _ON_THE_WEB and WEB in holders:
                yield from self._web(key)

    def public(self, uuid: str) -> bool:
        """Whether everybody can read what a repository holds, as far as its settings say."""
        settings = [r.settings for r in self.branch.remotes.values() if r.uuid == uuid]
        if uuid == WEB:
            return True
        return not any(map(_encrypted, settings)) and any(
            s.get("type") == "httpalso" or s.get("publicurl") or s.get("public") == "yes"
            for s in settings
        )

    def reason(self, key: Key) -> str:
        """Say why a key has no address."""
        holders = self.whereabouts.where.get(key.text, ())
        if not holders:
            return "the git-annex branch names no remote that holds its content"
        names = ", ".join(sorted(map(self.branch.describe, holders)))
        return f"its content lies only where it can't be read over HTTPS: {names}"

    def _web(self, key: Key) -> Iterator[Address]:
        for url in self.whereabouts.urls.get(key.text, ()):
            scheme, _, rest = url.partition("://")
            if rest and scheme.lower() in ("http", "https"):
                yield Address(url, f"web {rest.partition('/')[0]}", "web", "", key.size)

    def _remote(self, remote: Remote, key: Key, rank: int) -> Iterator[Address]:
        parent = self.branch.remotes.get(remote.uuid, remote).settings
        if _encrypted(parent) or _encrypted(remote.settings):
            return
        text, size = key.text, key.size
        pieces = self.whereabouts.chunks.get(text, {}).get(remote.uuid)
        if pieces:
            text = chunk(text, pieces)
            size = min(pieces, size) if size is not None else None
        kind = remote.settings.get("type")
        if kind == "S3":
            for base in _bases(remote.settings, rank, self.plain):
                yield from self._bucket(remote, base, key.text, text, size)
        elif kind == "httpalso" and rank == _PUBLIC and remote.settings.get("url"):
            yield from self._mirror(remote, parent, key.text, text, size)

    def _bucket(
        self, remote: Remote, base: str, key: str, text: str, size: int | None
    ) -> Iterator[Address]:
        settings = remote.settings
        if _exports(settings):
            objects = self._objects(remote, key)
        else:
            objects = [(object_name(settings, text), "")]
        for name, query in objects:
            yield Address(
                join(base, name) + query, f"{remote.place} {base}", remote.name, "", size
            )

    def _objects(self, remote: Remote, key: str) -> list[tuple[str, str]]:
        """Return the objects of an exported key, each with the query that names its version."""
        versions = self.whereabouts.versions.get(key, {}).get(remote.place, ())
        found = []
        for version in versions:
            number, _, name = version.partition("#")
            if number.replace("_", "").replace("-", "").replace(".", "").isalnum():
                found.append((name, f"?versionId={number}"))
        path = self._exported(remote.place).get(key)
        if path is not None:
            found.append((remote.settings.get("fileprefix", "") + path, ""))
        return found

    def _mirror(
        self, remote: Remote, parent: Mapping[str, str], key: str, text: str, size: int | None
    ) -> Iterator[Address]:
        base = remote.settings["url"]
        group = f"{remote.place} {base}"
        if _exports(parent) or _exports(remote.settings):
            path = self._exported(remote.uuid).get(key)
            if path is not None:
                yield Address(join(base, path), group, remote.name, "", size)
            return
        for layout, path in key_paths(text, flat=parent.get("type") == "S3"):
            yield Address(join(base, path), group, remote.name, layout, size)

    def _exported(self, uuid: str) -> Mapping[str, str]:
        with self._lock:
            if uuid not in self._exports:
                paths: Mapping[str, str] = {}
                if uuid in self.branch.exports:
                    try:
                        paths = self.branch.exported(uuid)
                    except SpinegateError:  # a clone without that tree: no address then
                        paths = {}
                self._exports[uuid] = paths
            return self._exports[uuid]


def _bases(settings: Mapping[str, str], rank: int, plain: bool) -> tuple[str, ...]:
    """Return the addresses of a bucket that belong to a rank."""
    if rank == _PUBLIC:
        return (settings["publicurl"],) if settings.get("publicurl") else ()
    wanted = _OPEN if settings.get("public") == "yes" else _PERHAPS
    return bucket_addresses(settings, plain) if rank == wanted else ()


def _encrypted(settings: Mapping[str, str]) -> bool:
    return settings.get("encryption", "none") != "none"


def _exports(settings: Mapping[str, str]) -> bool:
    return "yes" in (settings.get("exporttree"), settings.get("importtree"))
