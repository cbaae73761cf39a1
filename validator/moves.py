"""Which file that left its path is which one that appeared: renames, told by content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile

_PAIRS = 4096
"""Of more candidates with the same content, names are paired in their order."""


def pair_moves(
    left: Mapping[str, str], appeared: Mapping[str, str], *, unique: bool = False
) -> dict[str, str]:
    """Pair what left with what appeared; of several with one content the most alike in name.

    Parameters
    ----------
    left, appeared
        Path -> what stands for its content; files without that ("") have no pair.
    unique
        Pair only what no other candidate contends for.
    """
    places: dict[str, tuple[list[str], list[str]]] = {}
    for path in sorted(left):
        if left[path]:
            places.setdefault(left[path], ([], []))[0].append(path)
    for path in sorted(appeared):
        if (found := places.get(appeared[path])) is not None:
            found[1].append(path)
    moves: dict[str, str] = {}
    for old, new in places.values():
        if len(old) == len(new) == 1:
            moves[old[0]] = new[0]
        elif new and not unique:
            moves.update(_closest(old, new))
    return moves


def _closest(old: list[str], new: list[str]) -> Iterable[tuple[str, str]]:
    """Pair greedily, the most similar names first."""
    if len(old) * len(new) > _PAIRS:
        return zip(old, new, strict=False)
    ranked = sorted((*_likeness(a, b), a, b) for a in old for b in new)
    free_old, free_new = set(old), set(new)
    chosen = []
    for *_, a, b in ranked:
        if a in free_old and b in free_new:
            free_old.remove(a)
            free_new.remove(b)
            chosen.append((a, b))
    return chosen


def _likeness(one: str, other: str) -> tuple[bool, int]:
    """Rank a pair: the same top folder, then as many letters in common at both ends."""
    start = _alike(one, other)
    end = _alike(one[start:][::-1], other[start:][::-1])
    return _top(one) != _top(other), -(start + end)


def _alike(one: str, other: str) -> int:
    """Count the letters at the start that both have."""
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )


def _top(path: str) -> str:
    """Return what holds the participants' folders; "" for the dataset itself."""
    return path.partition("sub-")[0]
