"""Whose an image is in a folder that is no dataset yet: told from the folders.

A hospital's export has a folder per participant, maybe one per visit, maybe one per series or
datatype, or none at all. Folders that share no contrast are parts of one examination.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

_VISIT = re.compile(
    r"(?:ses(?:sion)?|visit|exam|scan|day|time(?:point)?|tp|v|baseline|follow[-_ ]?up)"
    r"[-_ ]?[0-9]*|(?:19|20)[0-9]{2}[-_]?[01][0-9][-_]?[0-3][0-9](?:[-_]?[0-9]{6})?",
    re.IGNORECASE,
)

Owner = tuple[str, str]


def tell_owners(contrasts: Mapping[str, str | None], folder: str) -> dict[str, Owner]:
    """Return participant's and session's label of each image.

    Parameters
    ----------
    contrasts
        Path of each image to what it looks like.
    folder
        Name of the folder that holds them all.
    """
    if not contrasts:
        return {}
    top, groups = _split(list(contrasts))
    whole = top[-1] if top else folder
    if len(groups) == 1 or _are_parts(groups, contrasts) or all(map(_VISIT.fullmatch, groups)):
        return _with_sessions(list(contrasts), contrasts, _label(whole))
    owners: dict[str, Owner] = {}
    taken: set[str] = set()
    for name, paths in groups.items():
        label = _free(_label(name or whole), taken)
        owners.update(_with_sessions(paths, contrasts, label))
    return owners


def _with_sessions(
    paths: Sequence[str], contrasts: Mapping[str, str | None], label: str
) -> dict[str, Owner]:
    _, groups = _split(paths)
    if len(groups) == 1 or not (
        all(map(_VISIT.fullmatch, groups)) or not _are_parts(groups, contrasts)
    ):
        return dict.fromkeys(paths, (label, ""))
    taken: set[str] = set()
    owners: dict[str, Owner] = {}
    for name, own in groups.items():
        session = _free(_label(name), taken) if name else ""
        owners.update(dict.fromkeys(own, (label, session)))
    return owners


def _split(paths: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Take off the folders that all paths share, and group by the next one ("" for none)."""
    parents = [path.split("/")[:-1] for path in paths]
    low, high = min(parents), max(parents)
    top = [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))]
    groups: dict[str, list[str]] = {}
    for path, parent in zip(paths, parents, strict=True):
        name = parent[len(top)] if len(parent) > len(top) else ""
        groups.setdefault(name, []).append(path)
    return top, groups


def _are_parts(groups: Mapping[str, Sequence[str]], contrasts: Mapping[str, str | None]) -> bool:
    """Whether folders hold series of one examination rather than examinations."""
    held = [{contrasts[p] for p in paths} - {None} for paths in groups.values()]
    every = set().union(*held)
    if len(every) < 2:
        return False
    return sum(map(len, held)) == len(every) or all(len(one) < 2 for one in held)


def _label(name: str) -> str:
    """Make a label of a folder's name: letters and digits only."""
    plain = "".join(c for c in re.sub(r"^(?:sub|ses)-", "", name) if c.isascii() and c.isalnum())
    return plain or "01"


def _free(label: str, taken: set[str]) -> str:
    """Return the label, numbered where another folder gave the same: two people stay two."""
    number, found = 1, label
    while found in taken:
        number += 1
        found = f"{label}x{number}"
    taken.add(found)
    return found
