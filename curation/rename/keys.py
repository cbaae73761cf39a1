"""What a convention writes into sidecars; and the way back, which takes out that and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...system.errors import ToolError
from ...system.git import find_root, git
from ...validator.operation import Remove, Set
from ...validator.sidecar import LIMIT, parse_sidecar
from ...validator.tree import Entry, Tree, open_tree
from .convention import Convention, NameRule
from .moves import Moves

TRAILER = "Spinegate-Names"
"""What a commit that renames says of it: the reasons in its plan, which hold an arrow."""

_ALONE = "(names alone)"
_NONE = object()
_Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last run the other way did to sidecars.

    Attributes
    ----------
    commit
        The last one before that run; "" where there was none.
    before, after
        The files before and after it.
    known
        Path of a sidecar as it is now to its file before that run, which had the name that it is
        to get, and after it.
    back
        Whether sidecars that it doesn't know stay as they are: nothing was written there.
    """

    commit: str = ""
    before: Tree | None = None
    after: Tree | None = None
    known: Mapping[str, tuple[Entry, Entry]] = field(default_factory=dict)
    back: bool = False


def recall(dataset: Path, convention: Convention, moves: Moves) -> Memory:
    """Find what the last run of a convention the other way has changed, from its commits."""
    found = _find_run(dataset, [rule.told for rule in convention.reversed().rules])
    if found is None:
        return Memory(back=convention.back)
    before, after = (open_tree(dataset, commit) for commit in found)
    former = {entry.path: entry for entry in before.entries}
    left = {entry.path: entry for entry in after.entries}
    known = {
        path: (former[target], left[path])
        for path in moves.rules
        if (target := moves.paths[path]) in former and path not in former and path in left
    }
    return Memory(found[0], before, after, known, convention.back)


def key_edits(tree: Tree, moves: Moves, memory: Memory) -> Iterator[Set | Remove]:
    """Yield what a convention's rules say of the sidecars.

    A sidecar of which is known what the run the other way did to it gets that undone; another one
    gets what the rule says, unless the convention goes back.
    """
    entries = [
        entry
        for entry in tree.entries
        if (rule := moves.rules.get(entry.path))
        and (rule.keys or rule.removed)
        and not _settled(entry, memory)
    ]
    pairs = [memory.known[entry.path] for entry in entries if entry.path in memory.known]
    former = _values(memory.before, (pair[0] for pair in pairs))
    left = _values(memory.after, (pair[1] for pair in pairs))
    for entry, content in zip(entries, tree.read(entries, LIMIT), strict=True):
        undone = (next(former), next(left)) if entry.path in memory.known else None
        if not isinstance(content, bytes):
            continue
        rule, own = moves.rules[entry.path], parse_sidecar(content).value
        if undone:
            yield from _back(entry.path, {**rule.keys, **rule.removed}, own, *undone)
        else:
            yield from _anew(entry.path, rule, own)


def key_notes(moves: Moves, memory: Memory) -> Iterator[str]:
    """Say which sidecars don't get what the convention's file says."""
    if memory.known and not memory.back:
        keys = sorted({key for path in memory.known for key in moves.rules[path].keys})
        if keys:
            count = len(memory.known)
            yield (
                f"{count:,} sidecar{'s' * (count != 1)} will say what they said under these names "
                f"before (commit {memory.commit[:12]}): --all-keys writes {', '.join(keys)} anyway"
            )


def _anew(path: str, rule: NameRule, own: _Value) -> Iterator[Set | Remove]:
    for key, value in rule.keys.items():
        if not _same(own.get(key, _NONE), value):
            yield Set(path, key, value)
    for key, value in rule.removed.items():
        if key not in rule.keys and _same(own.get(key, _NONE), value):
            yield Remove(path, key)


def _back(
    path: str, keys: Iterable[str], own: _Value, former: _Value, left: _Value
) -> Iterator[Set | Remove]:
    """Undo what a run did to a sidecar's keys, where nobody has changed them since."""
    for key in keys:
        now, then = own.get(key, _NONE), former.get(key, _NONE)
        if _same(now, left.get(key, _NONE)) and not _same(now, then):
            yield Remove(path, key) if then is _NONE else Set(path, key, then)


def _settled(entry: Entry, memory: Memory) -> bool:
    """Whether a sidecar needs no look: it is as it was, or nothing is known of it."""
    pair = memory.known.get(entry.path)
    return memory.back if pair is None else bool(entry.oid) and entry.oid == pair[0].oid


def _values(tree: Tree | None, entries: Iterable[Entry]) -> Iterator[_Value]:
    """Yield what sidecars of a commit say."""
    for content in tree.read(entries, LIMIT) if tree is not None else ():
        yield parse_sidecar(content).value if isinstance(content, bytes) else {}


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and bool(one == other)


def _find_run(dataset: Path, names: Sequence[str]) -> tuple[str, str] | None:
    """Return the commits before and after the last run that renamed so."""
    if find_root(dataset) is None:
        return None
    wanted = [f"--grep={name}" for name in names]
    form = "--format=%H %P%n%B%x00"
    try:
        told = git(dataset, "log", "--fixed-strings", *wanted, form).decode(errors="replace")
    except ToolError:  # no commit yet, or a repository that git doesn't trust
        return None
    runs: dict[str, tuple[str, str]] = {}
    for commit in told.split("\0"):
        ids, _, message = commit.strip().partition("\n")
        made, *parents = ids.split() or [""]
        if parents and _says(message, names):
            runs[made] = parents[0], message.partition("\n")[0]
    last = next(iter(runs), None)
    if last is None:
        return None
    before = runs[last][0]
    if before in runs and runs[before][1].endswith(_ALONE):
        before = runs[before][0]
    return before, last


def _says(message: str, names: Sequence[str]) -> bool:
    lead = f"{TRAILER}: "
    told = [line.removeprefix(lead) for line in message.splitlines() if line.startswith(lead)]
    return any(name in line.split(", ") for line in told for name in names)
