"""The nearest word of the standard for a misspelt suffix, entity or extension."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from .schema import naming

_SUFFIX_ALIASES = {
    "t2*": "T2star",
    "t2*w": "T2starw",
    "t2s": "T2star",
    "t2_star": "T2star",
    "t1": "T1w",
    "t2": "T2w",
    "dti": "dwi",
    "diff": "dwi",
    "diffusion": "dwi",
    "mt": "MTS",
}


def distance(first: str, second: str) -> int:
    """Count the insertions, deletions, substitutions and swaps of neighbours between two words."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def nearest(word: str, words: Iterable[str], limit: int = 1) -> str:
    """The one word within `limit` slips; "" where there is none, or no single one."""
    letters = set(word)
    near = [
        (distance(word, other), other)
        for other in words
        # One slip changes the length by one at most, and at most two of the letters in use.
        if abs(len(other) - len(word)) <= limit and len(letters ^ set(other)) <= 2 * limit
    ]
    close = sorted(pair for pair in near if pair[0] <= limit)
    if not close or (len(close) > 1 and close[0][0] == close[1][0]):
        return ""
    return close[0][1]


@lru_cache(maxsize=1024)
def suffix_like(word: str, datatype: str) -> str:
    """The suffix that a word means, one of the datatype's where two come into question."""
    rules = naming().rules
    if word in rules:
        return word
    if word.lower() in _SUFFIX_ALIASES:
        return _SUFFIX_ALIASES[word.lower()]
    plain = "".join(character for character in word if character.isalnum())
    for pool in (_suffixes(datatype), list(rules)):
        same = [suffix for suffix in pool if suffix.lower() == plain.lower()]
        if len(same) == 1:
            return same[0]
        if found := nearest(plain, pool):
            return found
    return ""


@lru_cache(maxsize=64)
def _suffixes(datatype: str) -> list[str]:
    """The suffixes that a datatype's folder may hold."""
    rules = naming().rules.items()
    return [suffix for suffix, own in rules if any(datatype in rule.datatypes for rule in own)]


@lru_cache(maxsize=1024)
def entity_like(word: str) -> str:
    """The entity's short name that a word means; "" where it is none."""
    long_names = naming().long_names
    lower = word.lower()
    if lower in long_names:
        return lower
    for short, long_name in long_names.items():
        if lower == long_name:
            return short
    return nearest(lower, long_names)


@lru_cache(maxsize=1024)
def extension_like(extension: str) -> str:
    """The extension that is meant: case, doubled parts, a slip of one letter."""
    known = {
        extension
        for own in naming().rules.values()
        for rule in own
        for extension in rule.extensions
        if not extension.endswith(("/", "*"))
    }
    words = extension.lower().strip(".").split(".")
    plain = "." + ".".join(dict.fromkeys(word for word in words if word))
    return plain if plain in known else nearest(plain, sorted(known))
