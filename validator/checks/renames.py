"""Images that have a new name, and what belongs to them and kept the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..changes import Changes, stem_of
from ..dataset import Stage
from ..entities import subject_of
from ..finding import Outcome, Scope
from ..inspection import Inspection
from ..verdict import Verdict, met
from .companions import SOURCE, Companions, Kinship
from .holdings import put_away
from .replacements import is_undescribed

LEFT, RENAMED = "RENAMED_WITHOUT_DERIVATIVES", "SCAN_RENAMED"
_TOLD, _KEPT = 3, 50


class Move(NamedTuple):
    """One renamed image, and what kept its old name."""

    old: str
    new: str
    left: Companions


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield RENAMED_WITHOUT_DERIVATIVES and SCAN_RENAMED: one finding per site each."""
    changes = inspection.changes
    if changes is None:
        return
    clean: dict[str, list[Move]] = {}
    torn: dict[str, list[Move]] = {}
    for move in _moves(changes):
        site = changes.head.by_path[move.new].site
        (torn if move.left.paths else clean).setdefault(site, []).append(move)
    moved = sum(len(moves) for group in (clean, torn) for moves in group.values())
    yield met(LEFT, count=moved - sum(map(len, torn.values())))
    yield met(RENAMED, count=max(0, len(changes.base.scans) - moved))
    for site, moves in torn.items():
        yield _torn(site, moves)
    for site, moves in clean.items():
        yield _clean(changes, site, moves)


def _moves(changes: Changes) -> Iterator[Move]:
    base, head = changes.base, changes.head
    kinship: Kinship | None = None
    replaced = frozenset(changes.replaced)
    lost = put_away(changes)
    for old, new in changes.renamed.items():
        scan = base.by_path.get(old)
        if scan is None or new not in head.by_path or old in lost:
            continue
        if new in replaced and is_undescribed(changes, new):
            continue  # SCAN_REPLACED tells of it
        left = Companions()
        if old not in head.entries:  # else they belong to what stands there now
            kinship = kinship or Kinship(base)
            stayed = {
                path
                for path in kinship.of(scan).paths
                if path in head.entries and path not in changes.renamed
            }
            left = kinship.of(scan).among(stayed)
        yield Move(old, new, left)


def new_name(move: Move, path: str) -> str:
    """Return what a file that belongs to an image should be called after the image was renamed."""
    old_folder, _, old = stem_of(move.old).removeprefix(SOURCE).rpartition("/")
    new_folder, _, new = stem_of(move.new).removeprefix(SOURCE).rpartition("/")
    folder, _, name = path.rpartition("/")
    if folder == old_folder or folder.endswith(f"/{old_folder}"):
        folder = folder.removesuffix(old_folder) + new_folder
    return f"{folder}/{new}{name.removeprefix(old)}".lstrip("/")


def _torn(site: str, moves: list[Move]) -> Verdict:
    names = {path: new_name(move, path) for move in moves for path in move.left.paths}
    first, *rest = moves
    if rest:
        message = (
            f"{len(moves):,} images have new names (the first: {first.old} is now {first.new}), "
            f"but {len(names):,} files that belong to them kept the old ones"
        )
    else:
        message = f"{first.old} is now {first.new}, but {first.left.told()} kept the old name"
    return Verdict(
        LEFT,
        Outcome.NOT_MET,
        first.new,
        site,
        message=f"{message}.",
        observed=list(names)[:_KEPT],
        expected=list(names.values())[:_KEPT],
        suggestion=_suggestion(names),
        fix=_fix(names),
        affects=(*(move.new for move in rest), *names),
        scope=None if rest else Scope.SCAN,
        count=len(moves),
    )


def _suggestion(names: Mapping[str, str]) -> str:
    told = "; ".join(f"{old} to {new}" for old, new in list(names.items())[:_TOLD])
    more = f"; and {len(names) - _TOLD} more alike" if len(names) > _TOLD else ""
    return f"Rename {told}{more}."


def _fix(names: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what curation can do, where it is one thing."""
    if len(names) != 1:
        return None
    ((old, new),) = names.items()
    return {"op": "rename", "path": old, "to": new}


def _clean(changes: Changes, site: str, moves: list[Move]) -> Verdict:
    order = (Stage.PREPROCESSED, Stage.RAW, Stage.DERIVATIVE)
    scans = changes.base.by_path
    moves.sort(key=lambda move: (order.index(scans[move.old].stage), move.old))
    first, *rest = moves
    who = {(subject_of(move.old), subject_of(move.new)) for move in moves}
    if rest and changes.participants and all(old != new for old, new in who):
        message = f"{_pairs(f'sub-{old} is now sub-{new}' for old, new in sorted(who))}"
        message += f" ({len(moves):,} images)"
    else:
        message = _pairs(f"{move.old} is now {move.new}" for move in moves)
    return Verdict(
        RENAMED,
        Outcome.NOT_MET,
        first.new,
        site,
        message=f"{message}.",
        observed=[move.new for move in moves[:_KEPT]],
        expected=[move.old for move in moves[:_KEPT]],
        affects=tuple(move.new for move in rest),
        scope=None if rest else Scope.SCAN,
        count=len(moves),
    )


def _pairs(sentences: Iterable[str]) -> str:
    told = list(sentences)
    more = f"; {len(told) - _TOLD:,} more have new names" if len(told) > _TOLD else ""
    return "; ".join(told[:_TOLD]) + more
