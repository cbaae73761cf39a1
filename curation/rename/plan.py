"""A renaming as one plan: moves, what names the moved files, and what a person should know."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...validator.annex import POINTER_LIMIT, link_key
from ...validator.dataset import IMAGES
from ...validator.operation import Operation, Rename
from ...validator.plan import Plan, Proposal
from ...validator.sidecar import LIMIT, parse_sidecar
from ...validator.tree import LINK, Tree
from .ignored import Ignored
from .keys import Memory, key_edits, key_notes
from .listing import is_derived, split_name
from .mentions import Mentions
from .moves import Moves
from .records import Records
from .tables import level_edits, table_edits

_TEXTS = (".json", ".tsv", ".yml")


@dataclass(frozen=True, slots=True)
class Renaming:
    """A plan, and notes: what the plan doesn't do and a person may want to."""

    plan: Plan
    notes: tuple[str, ...]


def plan_renaming(
    tree: Tree,
    moves: Moves,
    sites: Mapping[str, str] | None = None,
    findings: Mapping[str, tuple[str, ...]] | None = None,
    memory: Memory | None = None,
) -> Renaming:
    """Return the plan of a renaming with all edits that follow from it.

    Parameters
    ----------
    tree
        The dataset.
    moves
        What is renamed.
    sites
        Old name of a site to the new one.
    findings
        Identities of the findings that ask for a file's new name.
    memory
        Of a convention: what it changed when it went the other way.
    """
    memory = memory or Memory()
    named = sites or {}
    proposals = [
        Proposal(Rename(old, new), moves.reasons.get(old, ""), (findings or {}).get(old, ()))
        for old, new in moves.paths.items()
    ]
    mentions, records = Mentions(tree, moves), Records(tree, moves, named)
    ignored = Ignored(tree, moves)
    reasoned: list[tuple[Iterable[Operation], str]] = [
        (key_edits(tree, moves, memory), "the convention says so"),
        (mentions.edits(), "names a renamed file"),
        (table_edits(tree, moves, named), "names what is renamed"),
        (level_edits(tree, named), "lists the sites"),
        (records.edits(), "names what is renamed"),
        (ignored.edits(), "names what is renamed"),
    ]
    for operations, reason in reasoned:
        proposals += [Proposal(operation, reason) for operation in operations]
    notes = [*_annexed(tree), *key_notes(moves, memory), *_notes(tree, moves, mentions)]
    notes += [*records.notes(), *ignored.notes()]
    return Renaming(Plan(tuple(proposals)), tuple(notes))


def _annexed(tree: Tree) -> Iterator[str]:
    """Say which texts git-annex holds: nothing in them is rewritten."""
    links = [e for e in tree.entries if e.mode == LINK and e.path.endswith(_TEXTS)]
    texts = [
        entry.path for entry, target in zip(links, tree.read(links, POINTER_LIMIT), strict=True)
        if isinstance(target, bytes) and link_key(target) is not None
    ]  # fmt: skip
    if texts:
        first = min(texts, key=lambda path: (path.count("/"), path != "participants.tsv", path))
        more = f" and {len(texts) - 1:,} more texts" if len(texts) > 1 else ""
        are = "are" if more else "is"
        yield (
            f"{first}{more} {are} in git-annex, so what stands there stays, old names too: take "
            "them out first (git annex unannex FILE; spinegate validate lists them)"
        )


def _notes(tree: Tree, moves: Moves, mentions: Mentions) -> Iterator[str]:
    paths = [entry.path for entry in tree.entries]
    stems = sorted({_key(path) for path in moves.paths if _is_image(path)} - {""})
    for path in paths:
        if path not in moves.paths and (stem := _named_inside(path, stems)):
            yield f"{path} is left as it is, though it names {stem}"
    yield from _orphans(paths, moves)
    yield from _contradictions(tree, moves)
    yield from (f"{told}: can't be rewritten the way it is written" for told in mentions.lost)


def _orphans(paths: Iterable[str], moves: Moves) -> Iterator[str]:
    """Name derivatives that are renamed though their image isn't there."""
    images = {_key(path) for path in paths if _is_image(path) and not is_derived(path)}
    missing: dict[str, int] = {}
    for path in moves.paths:
        if is_derived(path) and _is_image(path) and (key := _key(path)) and key not in images:
            missing[key] = missing.get(key, 0) + 1
    for stem, count in missing.items():
        files = f"{count} derivative{'s' * (count != 1)}"
        yield f"{stem}: {files} will be renamed, but there is no such image"


def _contradictions(tree: Tree, moves: Moves) -> Iterator[str]:
    """Name sidecars that say of the MT pulse what their new name denies."""
    entries = [
        entry for entry in tree.entries
        if entry.path.endswith(".json") and entry.path not in moves.rules
        and _pulse(moves.paths.get(entry.path, "")) not in (None, _pulse(entry.path))
    ]  # fmt: skip
    for entry, content in zip(entries, tree.read(entries, LIMIT), strict=True):
        new = moves.paths[entry.path]
        state = parse_sidecar(content).value.get("MTState") if isinstance(content, bytes) else None
        if isinstance(state, bool) and state != _pulse(new):
            told = "true" if state else "false"
            yield f"{new} will say MTState {told}, as {entry.path} does: is that so?"


def _pulse(path: str) -> bool | None:
    return True if "_mt-on_" in path else False if "_mt-off_" in path else None


def _key(path: str) -> str:
    """Return the stem that a file is named after; "" where it has none."""
    return split_name(path.rpartition("/")[2])[0]


def _is_image(path: str) -> bool:
    return path.endswith(IMAGES)


def _named_inside(path: str, stems: Sequence[str]) -> str:
    """Return a renamed image that a file's name holds somewhere; "" where it holds none."""
    name = path.rpartition("/")[2]
    at = name.find("sub-")
    while at >= 0:
        before = bisect_right(stems, name[at:])
        if before and name.startswith(stems[before - 1], at):
            return stems[before - 1]
        at = name.find("sub-", at + 1)
    return ""
