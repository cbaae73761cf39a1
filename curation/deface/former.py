"""Contents with faces that accepted images replaced: their keys, and what still uses them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import ToolError
from ...system.git import git
from ...validator.annex import POINTER_LIMIT, link_key, pointer_key
from ...validator.dataset import IMAGES
from ...validator.tree import LINK

_OPERATION = "^Spinegate-Operation: deface$"
_HEADS, _TAGS = "refs/heads", "refs/tags"


@dataclass(frozen=True, slots=True)
class Formers:
    """What defacing commits replaced.

    Attributes
    ----------
    keys
        git-annex key to the images that it was the content of, keys in use left out.
    used
        Keys that a branch or the index still uses: key to who does.
    tagged
        Keys of `keys` that tags still name: key to their names.
    plain
        Images that git itself kept, without git-annex.
    """

    keys: Mapping[str, tuple[str, ...]]
    used: Mapping[str, tuple[str, ...]]
    tagged: Mapping[str, tuple[str, ...]]
    plain: tuple[str, ...]


def find_formers(dataset: Path) -> Formers:
    """Look through the history of the branch that is checked out.

    Raises
    ------
    ToolError
        git can't read the repository.
    """
    replaced = list(dict.fromkeys(_replaced(dataset)))
    known = _keys(dataset, [(mode, oid) for _, mode, oid in replaced])
    keys: dict[str, list[str]] = {}
    plain = []
    for path, mode, oid in replaced:
        key = known.get((mode, oid), "")
        if key:
            keys.setdefault(key, []).append(path)
        else:
            plain.append(path)
    used = _users(dataset, keys, _HEADS)
    for key in _keys_of_index(dataset) & keys.keys():
        used.setdefault(key, ("the files as they are",))
    left = {key: tuple(paths) for key, paths in keys.items() if key not in used}
    return Formers(left, used, _users(dataset, left, _TAGS), tuple(dict.fromkeys(plain)))


def _replaced(dataset: Path) -> Iterator[tuple[str, str, str]]:
    """Yield path, mode and object of each image as it was before a defacing commit."""
    try:
        commits = git(dataset, "log", "--format=%H", "-E", f"--grep={_OPERATION}", "HEAD", "--")
    except ToolError:  # no commit yet
        return
    for commit in commits.decode().split():
        changes = git(
            dataset, "diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", "--root", commit
        ).split(b"\0")
        for head, name in zip(changes[::2], changes[1::2], strict=False):
            mode, _, oid, _, status = head.decode().lstrip(":").split()
            path = os.fsdecode(name)
            if status == "M" and path.endswith(IMAGES):
                yield path, mode, oid


def _keys(dataset: Path, objects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the keys that objects of git lead to; those that lead to none are left out."""
    wanted = dict.fromkeys(objects)
    texts = dict(read_blobs(dataset, dict.fromkeys(oid for _, oid in wanted), POINTER_LIMIT))
    found = {}
    for mode, oid in wanted:
        text = texts.get(oid) or b""
        key = link_key(text) if mode == LINK else pointer_key(text)
        if key:
            found[mode, oid] = key
    return found


def _users(dataset: Path, keys: Iterable[str], refs: str) -> dict[str, tuple[str, ...]]:
    """Return the branches or tags whose files use some keys."""
    wanted = set(keys)
    if not wanted:
        return {}
    listing = git(dataset, "for-each-ref", "--format=%(refname)", refs)
    objects = {
        name: _images(git(dataset, "ls-tree", "-r", "-z", "--full-tree", f"{name}^{{tree}}"))
        for name in os.fsdecode(listing).split()
    }
    known = _keys(dataset, [one for ones in objects.values() for one in ones])
    found: dict[str, list[str]] = {}
    for name, ones in objects.items():
        for key in wanted & {known[one] for one in ones if one in known}:
            found.setdefault(key, []).append(name.removeprefix(f"{refs}/"))
    return {key: tuple(names) for key, names in found.items()}


def _keys_of_index(dataset: Path) -> set[str]:
    top = Path(os.fsdecode(git(dataset, "rev-parse", "--show-toplevel")).rstrip("\n"))
    return set(_keys(dataset, _images(git(top, "ls-files", "-s", "-z"))).values())


def _images(listing: bytes) -> list[tuple[str, str]]:
    """Return mode and object of each image of a listing by ls-tree or ls-files."""
    found = []
    for line in listing.split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        if os.fsdecode(name).endswith(IMAGES):
            mode, *kind, oid = head.decode().split()[:3]
            oid = oid if kind == ["blob"] else kind[0]
            found.append((mode, oid))
    return found
