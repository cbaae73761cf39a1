"""What the git-annex branches at hand know of each key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .branch import TOP, Branch, file_name, parse_branch
from .logs import parse_locations
from .refs import LOCAL, Refs

Logs = Mapping[bytes, bytes]
"""A branch's logs: name -> content; the names of those at its top start with a slash."""


class Lying(NamedTuple):
    """Where one key lies.

    Attributes
    ----------
    holders
        UUIDs of the repositories that hold it; dead ones, and those that only a branch that
        isn't trusted has ever heard of, are left out.
    strange
        Those of the latter that hold it.
    shared
        Whether another repository's git-annex branch knows the key, too.
    """

    holders: tuple[str, ...]
    strange: tuple[str, ...] = ()
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that the git-annex branches at hand say.

    Attributes
    ----------
    refs
        The branches.
    branch
        Remotes, names and settings; None where there is no branch whose word on them counts.
    reason
        Why nothing is known, where the branches couldn't be read.
    """

    refs: Refs = field(default_factory=lambda: Refs({}, ()))
    branch: Branch | None = None
    reason: str = ""
    _trusted: tuple[Logs, ...] = field(default=(), repr=False)
    _others: tuple[Logs, ...] = field(default=(), repr=False)
    _tracked: tuple[Logs, ...] = field(default=(), repr=False)

    @property
    def has_local(self) -> bool:
        """Whether this is a clone in which git-annex works, with a branch of its own."""
        return LOCAL in self.refs.trees

    def locate(self, keys: Iterable[str]) -> Mapping[str, Lying]:
        """Return where keys lie; those that no branch has ever heard of are left out."""
        read = _Reader(self).read
        found: dict[str, Lying] = {}
        for key in dict.fromkeys(keys):
            lying = read(file_name(key) + b".log")
            if lying is not None:
                found[key] = lying
        return found

    def describe(self, uuids: Iterable[str]) -> list[str]:
        """Return how people call repositories, sorted."""
        branch = self.branch
        return sorted({branch.describe(uuid) if branch else uuid for uuid in uuids})


def make_knowledge(folder: Path, refs: Refs, contents: Mapping[str, Logs]) -> Knowledge:
    """Put together what the branches say; `contents` is per branch, of those that were read."""
    trusted = _unique(contents[ref] for ref in refs.trusted)
    more = _unique(contents[ref] for ref in refs.others if ref in contents)
    others = tuple(logs for logs in more if not any(logs is one for one in trusted))
    tracked = _unique(contents[ref] for ref in refs.tracked if ref in contents)
    branch = None
    if trusted:
        tops = {name: b"/" + name.encode() for name in TOP}
        merged = {
            name: b"".join(logs[top] for logs in trusted if top in logs)
            for name, top in tops.items()
        }
        branch = parse_branch(folder, merged, {})
    return Knowledge(refs, branch, "", trusted, others, tracked)


def _unique(logs: Iterable[Logs]) -> tuple[Logs, ...]:
    """Branches that point to the same tree are one."""
    return tuple({id(one): one for one in logs}.values())


class _Reader:
    """Reads the logs of keys; logs alike but for their times are read once."""

    def __init__(self, knowledge: Knowledge) -> None:
        branch = knowledge.branch
        self._trusted, self._others = knowledge._trusted, knowledge._others
        self._tracked = knowledge._tracked
        self._all_shared = not knowledge.has_local
        self._only: Logs | None = None
        if len(self._trusted) == 1 and not self._others:
            only = self._trusted[0]
            if self._all_shared or any(logs is only for logs in self._tracked):
                self._only = only
        self._dead: Collection[str] = branch.dead if branch else ()
        self._known: Collection[str] = branch.known if branch else ()
        self._seen: dict[bytes, Lying] = {}
        self._seen_here: dict[bytes, Lying] = {}

    def read(self, name: bytes) -> Lying | None:
        if self._only is not None:  # thousands of keys come this way
            content = self._only.get(name)
            return None if content is None else self._usual(content, True)
        contents = [logs[name] for logs in self._trusted if name in logs]
        strange = [logs[name] for logs in self._others if name in logs]
        if not contents and not strange:
            return None
        shared = self._all_shared or any(name in logs for logs in self._tracked)
        if len(contents) == 1 and not strange:
            return self._usual(contents[0], shared)
        return self._merge(contents, strange, shared)

    def _usual(self, content: bytes, shared: bool) -> Lying:
        """Read a log in which no line takes back another: its times say nothing then."""
        words = content.split()
        del words[::3]
        shape = b" ".join(words)
        seen = self._seen if shared else self._seen_here
        known = seen.get(shape)
        if known is None:
            known = self._merge([content], [], shared)
            pairs = set(zip(words[::2], words[1::2], strict=False))
            uuids = {uuid for _, uuid in pairs}
            if len(words) == 2 * content.count(b"\n") and len(pairs) == len(uuids):
                seen[shape] = known
        return known

    def _merge(self, contents: Iterable[bytes], strange: Iterable[bytes], shared: bool) -> Lying:
        holders = {u for u in parse_locations(b"\n".join(contents)) if u not in self._dead}
        others: set[str] = set()
        for content in strange:
            said = set(parse_locations(content)).difference(self._dead)
            holders |= said.intersection(self._known)
            others |= said.difference(self._known)
        return Lying(tuple(sorted(holders)), tuple(sorted(others)), shared)
