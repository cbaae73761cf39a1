"""The names that findings suggest, as one plan."""

from __future__ import annotations

from collections.abc import Iterable

from ...validator.tree import Tree
from .moves import by_pairs
from .plan import Renaming, plan_renaming
from .sources import Wish


def by_wishes(tree: Tree, wishes: Iterable[Wish]) -> Renaming:
    """Plan what findings wish; of files that are no longer here a note is left.

    Raises
    ------
    SpinegateError
        A file is to get two names.
    """
    asked = list(wishes)
    paths = dict.fromkeys(entry.path for entry in tree.entries)
    here = [wish for wish in asked if wish.old in paths]
    findings: dict[str, tuple[str, ...]] = {}
    for wish in here:
        if wish.identity:
            findings[wish.old] = (*findings.get(wish.old, ()), wish.identity)
    moves = by_pairs(paths, [(wish.old, wish.new) for wish in here])
    renaming = plan_renaming(tree, moves, findings=findings)
    gone = dict.fromkeys(wish.old for wish in asked if wish.old not in paths)
    notes = tuple(f"{old} is in the report, but no longer here" for old in gone)
    return Renaming(renaming.plan, notes + renaming.notes)
