"""What goes along when an image gets another name, or a sidecar another value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..validator.dataset import IMAGES, Dataset
from ..validator.operation import Edit, Remove, Rename

_RAW = "sourcedata/"
_NONE = object()


class Companions:
    """The files of a dataset by their folders, so that those of one image are found at once."""

    def __init__(self, dataset: Dataset) -> None:
        self._folders: dict[str, list[str]] = {}
        for path in dataset.entries:
            folder, _, name = path.rpartition("/")
            self._folders.setdefault(folder, []).append(name)
        self._pipelines = sorted(
            {
                folder.partition("/sub-")[0]
                for folder in self._folders
                if folder.startswith("derivatives/") and "/sub-" in folder
            }
        )

    def expand(self, rename: Rename) -> Iterator[Rename]:
        """Yield the renaming of an image, then those of all that belongs to it.

        That is its sidecar and gradients, the same of its twin under sourcedata/ or at the root,
        and in every derivatives folder the files made from it.
        """
        yield rename
        old, new = _stem(rename.path), _stem(rename.to)
        if old is None or new is None:
            return
        places = [_RAW, "", *(f"{folder}/" for folder in self._pipelines)]
        home = _RAW if old.startswith(_RAW) else ""
        if bool(home) != new.startswith(_RAW) or old.startswith("derivatives/"):
            places, home = [""], ""  # only what lies beside it goes along
        inner, target = old.removeprefix(home), new.removeprefix(home)
        for place in places:
            derived = place.startswith("derivatives/")
            for move in self._beside(place + inner, place + target, derived):
                if move.path != rename.path:
                    yield move

    def _beside(self, old: str, new: str, derived: bool) -> Iterator[Rename]:
        folder, _, stem = old.rpartition("/")
        for name in self._folders.get(folder, ()):
            rest = name.removeprefix(stem)
            if rest == name or not rest:
                continue
            if rest[0] == "." or (derived and rest[0] == "_"):
                yield Rename(f"{folder}/{name}" if folder else name, new + rest)


def expand(renames: Iterable[Rename], dataset: Dataset) -> list[Rename]:
    """Return renamings of images with all that goes along, each once."""
    companions = Companions(dataset)
    return list(dict.fromkeys(move for rename in renames for move in companions.expand(rename)))


def expand_edit(edit: Edit, dataset: Dataset) -> Iterator[Edit]:
    """Yield an edit of a sidecar, then the same of its twin where that says the same."""
    yield edit
    path = edit.path
    twin = path.removeprefix(_RAW) if path.startswith(_RAW) else _RAW + path
    own, other = dataset.json.get(path), dataset.json.get(twin)
    if own is None or other is None or other.faults:
        return
    if isinstance(edit, Remove):
        alike = edit.key in other.value
    else:
        alike = own.value.get(edit.key, _NONE) == other.value.get(edit.key, _NONE)
    if alike:
        yield replace(edit, path=twin)


def _stem(path: str) -> str | None:
    for extension in IMAGES:
        if path.endswith(extension):
            return path.removesuffix(extension)
    return None
