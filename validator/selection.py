"""A part of a dataset: some participants, or what concerns some files."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..system.errors import SpinegateError
from .entities import subject_of
from .finding import Finding
from .tree import Entry, Tree, Unreadable

_DESCRIBED = (".json", ".bval", ".bvec", ".gz", ".nii")  # in a folder that is no dataset yet


@dataclass(frozen=True, slots=True)
class PartialTree:
    """A tree without the files of other participants."""

    whole: Tree
    entries: list[Entry]

    @property
    def name(self) -> str:
        """See `Tree`."""
        return self.whole.name

    @property
    def annex(self) -> Path | None:
        """See `Tree`."""
        return self.whole.annex

    @property
    def folder(self) -> Path | None:
        """See `Tree`."""
        return self.whole.folder

    def read(self, entries: Iterable[Entry], limit: int) -> Iterator[bytes | Unreadable]:
        """See `Tree.read`."""
        return self.whole.read(entries, limit)


def labels_of(dataset: Path, files: Iterable[str]) -> set[str]:
    """Return the labels of the participants whose files are named."""
    return {subject_of(path) for path in relative(dataset, files)} - {""}


def select(tree: Tree, labels: Iterable[str], *, missing: bool = False) -> PartialTree:
    """Keep the files of these participants, and those that belong to nobody.

    Parameters
    ----------
    missing
        Whether a participant may have no file here.

    Raises
    ------
    SpinegateError
        A participant who has no file here.
    """
    wanted = set(labels)
    owners = _owners(entry.path for entry in tree.entries)
    unknown = wanted.difference(owners)
    if unknown and not missing:
        names = ", ".join(f"sub-{label}" for label in sorted(unknown))
        raise SpinegateError(f"{tree.name} has no file of {names}")
    kept = [
        entry
        for entry, owner in zip(tree.entries, owners, strict=True)
        if not owner or owner in wanted
    ]
    return PartialTree(tree, kept)


def _owners(paths: Iterable[str]) -> list[str]:
    """Return the participant of each path; folders tell it, and hold many files."""
    folders: dict[str, str] = {}
    owners = []
    for path in paths:
        folder = path[: path.rfind("/") + 1]
        owner = folders.get(folder)
        if owner is None:
            owner = folders[folder] = subject_of(folder)
        owners.append(owner or subject_of(path))
    return owners


def relative(dataset: Path, files: Iterable[str]) -> list[str]:
    """Turn file names as a shell gives them into paths in the dataset."""
    top = os.path.realpath(dataset)
    found = []
    for file in files:
        beside = Path(file)
        place = beside if beside.is_absolute() or beside.exists() else dataset / file
        parent = os.path.realpath(place.parent)
        inside = os.path.relpath(f"{parent}/{place.name}", top)
        if inside.startswith(".."):
            raise SpinegateError(f"{file} is not in the dataset {dataset}")
        found.append(Path(inside).as_posix())
    return found


_OF_ACQUISITIONS = ("sidecars.", "protocol.", "series.", "diffusion.")


def name_twins(findings: Iterable[Finding], paths: Container[str]) -> list[Finding]:
    """Add to findings on raw files under sourcedata/ the files at the root that share the fault.

    Rules on acquisitions judge the raw scan, once; whoever looks at the preprocessed one made from
    it must find them too.
    """
    return [
        _name_twins(finding, paths) if finding.rule.startswith(_OF_ACQUISITIONS) else finding
        for finding in findings
    ]


def _name_twins(finding: Finding, paths: Container[str]) -> Finding:
    own = (finding.location, *finding.affects)
    twins = [path[11:] for path in own if path.startswith("sourcedata/")]
    further = tuple(path for path in twins if path in paths and path not in own)
    return replace(finding, affects=(*finding.affects, *further))


def concerning(findings: Iterable[Finding], files: Iterable[str]) -> list[Finding]:
    """Keep the findings about these files or the images they describe."""
    stems = {_stem(file) for file in files}
    return [
        finding
        for finding in findings
        if any(_stem(path) in stems for path in (finding.location, *finding.affects))
    ]


def check_known(tree: Tree, files: Iterable[str]) -> None:
    """Refuse files of which none is there: a misspelt name must not look like a clean file.

    Some may be missing: who asks what a change did also names what it took away.

    Raises
    ------
    SpinegateError
        The dataset has none of the files.
    """
    asked = list(files)
    known = {_stem(entry.path) for entry in tree.entries}
    if known.isdisjoint(map(_stem, asked)) and not any(
        tree.folder is not None and os.path.lexists(tree.folder / file) for file in asked
    ):
        raise SpinegateError(f"{tree.name} has no file {', '.join(asked)}")


def _stem(path: str) -> str:
    """Return what an image has in common with the files that describe it."""
    folder, _, name = path.rpartition("/")
    if name.startswith("sub-"):
        return f"{folder}/{name.partition('.')[0]}"
    for extension in _DESCRIBED:
        path = path.removesuffix(extension)
    return path
