"""The git-annex branch: which remotes there are, and which of them hold which key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError, ToolError
from ...system.git import find_common, list_commit
from ..annex import POINTER_LIMIT, link_key, object_paths, pointer_key
from . import logs

REFS = ("refs/heads/git-annex", "refs/remotes/origin/git-annex")
_LIMIT = 4 * 1024 * 1024
_MARK = re.compile(r"[&%:/]")
_KINDS = (".log", ".log.web", ".log.rmet", ".log.cnk")
TOP = ("remote.log", "uuid.log", "trust.log", "numcopies.log", "mincopies.log", "export.log")
"""The files of the branch that speak of the repository as a whole."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A special remote.

    Attributes
    ----------
    uuid
        The repository that location logs name.
    settings
        What it was set up with, such as type, bucket, url.
    place
        The remote itself: another UUID where it is one more way to a repository (sameas).
    """

    uuid: str
    settings: Mapping[str, str]
    place: str

    @property
    def name(self) -> str:
        """How its owners call it."""
        return self.settings.get("name") or self.settings.get("sameas-name") or self.uuid


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the keys asked for lie.

    Attributes
    ----------
    where
        Key -> UUIDs of the repositories that hold it, dead ones left out.
    urls
        Key -> its addresses on the web.
    versions
        Key -> UUID -> ``ID#object`` in a bucket with versions.
    chunks
        Key -> UUID -> chunk size in bytes.
    """

    where: Mapping[str, tuple[str, ...]]
    urls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    versions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    chunks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def joined(self, other: Whereabouts, known: Collection[str]) -> Whereabouts:
        """Add what a fork's branch says, for the repositories that are known; no addresses."""
        where = dict(self.where)
        for key, uuids in other.where.items():
            new = {uuid for uuid in uuids if uuid in known}
            if new:
                where[key] = tuple(sorted(new.union(where.get(key, ()))))
        return replace(self, where=where)


@dataclass(frozen=True, slots=True)
class Branch:
    """What the git-annex branch says of the repository as a whole.

    Attributes
    ----------
    remotes
        The special remotes by the UUID of their place.
    descriptions
        Repository's UUID -> what its owner calls it.
    dead
        Repositories that are gone.
    untrusted
        Repositories whose word doesn't count.
    numcopies, mincopies
        Copies wanted of every key; None where the branch doesn't say.
    exports
        Remote's UUID -> object id of the tree exported to it.
    """

    folder: Path
    remotes: Mapping[str, Remote]
    descriptions: Mapping[str, str]
    dead: frozenset[str]
    untrusted: frozenset[str]
    numcopies: int | None
    mincopies: int | None
    exports: Mapping[str, str]
    logs: Mapping[bytes, str] = field(repr=False)

    @property
    def known(self) -> frozenset[str]:
        """All repositories that the branch names."""
        return frozenset(self.descriptions) | {r.uuid for r in self.remotes.values()} | {logs.WEB}

    def describe(self, uuid: str) -> str:
        """Return the name of a repository as people know it."""
        if uuid == logs.WEB:
            return "web"
        named = self.remotes.get(uuid)
        return named.name if named else self.descriptions.get(uuid) or uuid

    def locate(self, keys: Iterable[str]) -> Whereabouts:
        """Find where many keys lie, through one git process.

        Raises
        ------
        ToolError
            git is missing or its objects are corrupt.
        """
        wanted: list[tuple[str, str, str]] = []
        names = self.logs
        for key in dict.fromkeys(keys):
            base = file_name(key)
            for kind in _KINDS:
                oid = names.get(base + kind.encode())
                if oid is not None:
                    wanted.append((kind, key, oid))
        contents = dict(read_blobs(self.folder, dict.fromkeys(oid for *_, oid in wanted), _LIMIT))
        found: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
        for kind, key, oid in wanted:
            if oid in contents:
                found[kind][key] = oid
        dead = self.dead
        alive: dict[str, tuple[str, ...]] = {
            oid: tuple(uuid for uuid in logs.parse_locations(contents[oid]) if uuid not in dead)
            for oid in set(found[".log"].values())
        }
        return Whereabouts(
            {key: alive[oid] for key, oid in found[".log"].items()},
            {key: logs.parse_urls(contents[oid]) for key, oid in found[".log.web"].items()},
            {key: logs.parse_versions(contents[oid]) for key, oid in found[".log.rmet"].items()},
            {key: logs.parse_chunks(contents[oid]) for key, oid in found[".log.cnk"].items()},
        )

    def exported(self, uuid: str) -> Mapping[str, str]:
        """Return key -> path in the tree that was exported to a remote.

        Raises
        ------
        SpinegateError
            The repository lacks that tree.
        """
        blobs = list_commit(self.folder, self.exports[uuid])
        links = {blob.oid: blob.mode == "120000" for blob in blobs}
        keys: dict[str, str] = {}
        for oid, content in read_blobs(self.folder, links, POINTER_LIMIT):
            key = link_key(content) if links[oid] else pointer_key(content)
            if key:
                keys[oid] = key
        named = ((keys.get(blob.oid), blob.name) for blob in blobs)
        return {key: name.decode("utf-8", "surrogateescape") for key, name in named if key}


def read_branch(folder: Path, refs: Iterable[str] = REFS) -> Branch | None:
    """Read the git-annex branch of a repository from its object store.

    Parameters
    ----------
    folder
        A folder of the repository, or its .git folder.
    refs
        Where the branch may be; the first that exists counts.

    Returns
    -------
    Branch or None
        None where there is no such branch, or no repository.

    Raises
    ------
    ToolError
        git is missing or its objects are corrupt.
    """
    try:
        store = find_common(folder)  # a folder inside a work tree would list only its own part
    except ToolError:
        return None
    for ref in refs:
        try:
            blobs = list_commit(store, ref)
        except SpinegateError:
            continue
        names = {blob.name[blob.name.rfind(b"/") + 1 :]: blob.oid for blob in blobs}
        top = {blob.name: blob.oid for blob in blobs if b"/" not in blob.name}
        return _build(store, names, top)
    return None


def _build(folder: Path, names: Mapping[bytes, str], top: Mapping[bytes, str]) -> Branch:
    oids = {name: top[name.encode()] for name in TOP if name.encode() in top}
    found = dict(read_blobs(folder, dict.fromkeys(oids.values()), _LIMIT))
    contents = {name: found[oid] for name, oid in oids.items() if oid in found}
    return parse_branch(folder, contents, names)


def parse_branch(
    folder: Path, contents: Mapping[str, bytes], names: Mapping[bytes, str]
) -> Branch:
    """Make a branch of the files that speak of the repository as a whole (`TOP`).

    Lines of several branches may stand in one content: that is how git-annex merges them.
    """
    remote, uuid, trust, numcopies, mincopies, export = (contents.get(n, b"") for n in TOP)
    levels = logs.parse_words(trust)
    return Branch(
        folder,
        dict(_remotes(logs.parse_remotes(remote))),
        logs.parse_words(uuid),
        frozenset(uuid for uuid, level in levels.items() if level == "X"),
        frozenset(uuid for uuid, level in levels.items() if level == "0"),
        logs.parse_number(numcopies),
        logs.parse_number(mincopies),
        logs.parse_exports(export),
        names,
    )


def _remotes(settings: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, Remote]]:
    for place, values in settings.items():
        yield place, Remote(values.get("sameas-uuid", place), values, place)


@lru_cache(maxsize=4096)
def hashed(key: str) -> tuple[PurePosixPath, PurePosixPath]:
    """Return a key's path below an annex, in both of git-annex's layouts: mixed, then lower."""
    mixed, lower = object_paths(Path(), key)
    return PurePosixPath(*mixed.parts[2:]), PurePosixPath(*lower.parts[2:])


def file_name(key: str) -> bytes:
    """Return how the branch's files of a key are named, without their ending."""
    if _MARK.search(key) is not None:
        key = hashed(key)[0].name
    return key.encode("utf-8", "surrogateescape")
