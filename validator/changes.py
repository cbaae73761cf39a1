"""What lies between two states of a dataset: files removed, added, replaced, edited, renamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .dataset import IMAGES, Dataset
from .entities import subject_of
from .moves import pair_moves
from .sameness import blob_ids, find_changed, identity_of

DESCRIBING = (".json", ".bval", ".bvec")
"""Extensions of the files that go with an image of the same name."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change does to a dataset; all paths are sorted.

    Attributes
    ----------
    base, head
        The dataset before and after.
    renamed
        Old path -> new path.
    removed
        Paths of the base that the head lacks, and that were not renamed.
    added
        Paths of the head that the base lacks, and that nothing was renamed to.
    replaced
        Images of both that have another content.
    edited
        Other files of the head, renamed or not, that have another content.
    policy
        Files besides the usual ones by which the dataset is judged.
    participants
        Folders of participants who were renamed as a whole: ``sub-x`` -> ``sub-y``.
    """

    base: Dataset = field(repr=False)
    head: Dataset = field(repr=False)
    renamed: Mapping[str, str]
    removed: tuple[str, ...]
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    edited: tuple[str, ...]
    policy: tuple[str, ...] = ()
    participants: Mapping[str, str] = field(default_factory=dict)

    def translate(self, path: str) -> str:
        """Return what a path of the base is called in the head; itself where it wasn't renamed."""
        new = self.renamed.get(path)
        if new is not None:
            return new
        if not self.participants or path in self.base.entries:
            return path
        folder = f"sub-{subject_of(path + '/')}"
        return path.replace(folder, self.participants.get(folder, folder))


def find_changes(base: Dataset, head: Dataset, policy: Iterable[str] = ()) -> Changes:
    """Compare two states of a dataset.

    Parameters
    ----------
    base, head
        Before and after. Two commits are compared by git's object ids and annex keys; of a folder
        also what was read of it counts, for its edits need not be in git's index.
    policy
        Files besides the usual ones by which the dataset is judged.
    """
    changed = set(find_changed(base, head))
    gone = {path for path in base.entries if path not in head.entries}
    come = {path for path in head.entries if path not in base.entries}
    renamed = _find_renames(base, head, gone | changed, come | changed) if come | changed else {}
    targets = set(renamed.values())
    replaced = {path for path in changed if path in base.by_path and path in head.by_path}
    edited = changed - replaced
    for old, new in renamed.items():
        if new not in head.by_path and base.entries[old].oid != head.entries[new].oid:
            edited.add(new)
    return Changes(
        base,
        head,
        dict(sorted(renamed.items())),
        tuple(sorted(gone - renamed.keys())),
        tuple(sorted(come - targets)),
        tuple(sorted(replaced)),
        tuple(sorted(edited)),
        tuple(policy),
        _participants(base, head, renamed),
    )


def stem_of(image: str) -> str:
    """Return an image's path without its extension."""
    for extension in IMAGES:
        if image.endswith(extension):
            return image.removesuffix(extension)
    return image


def _find_renames(base: Dataset, head: Dataset, gone: set[str], come: set[str]) -> dict[str, str]:
    """Pair the images by content, the texts too if it is theirs alone, else with their image."""
    left = {path: identity_of(base, path) for path in gone}
    appeared = {path: identity_of(head, path) for path in come}
    for path in left.keys() & appeared.keys():
        if left[path] == appeared[path]:  # edited on the disk, and git doesn't know yet
            appeared[path] = ""
    _add_missing_ids(left, appeared, base, head)
    images = {path for path in left if path in base.by_path}
    renamed = pair_moves(
        {path: left[path] for path in images},
        {path: text for path, text in appeared.items() if path in head.by_path},
    )
    texts = {path: text for path, text in left.items() if path not in images}
    others = {path: text for path, text in appeared.items() if path not in head.by_path}
    renamed |= pair_moves(texts, others, unique=True)
    taken = set(renamed.values())
    for old, new in [(old, new) for old, new in sorted(renamed.items()) if old in images]:
        for extension in DESCRIBING:
            text, to = stem_of(old) + extension, stem_of(new) + extension
            if text in texts and to in others and text not in renamed and to not in taken:
                renamed[text] = to
                taken.add(to)
    return renamed


def _add_missing_ids(
    left: dict[str, str], appeared: dict[str, str], base: Dataset, head: Dataset
) -> None:
    """Hash files that git doesn't hold, if they may be the ones that left."""
    unknown = [path for path, text in appeared.items() if not text]
    like = next((base.entries[path].oid for path in left if base.entries[path].oid), "")
    if not unknown or not like:
        return
    heads = {base.by_path[path].content.head for path in left if path in base.by_path} - {None}
    texts = any(path not in base.by_path for path in left)
    wanted = [
        path
        for path in unknown
        if (head.by_path[path].content.head in heads if path in head.by_path else texts)
    ]
    appeared.update(blob_ids(head, wanted, like))


def _participants(base: Dataset, head: Dataset, renamed: Mapping[str, str]) -> dict[str, str]:
    """Tell the participants of whom all images at their old name have a new one."""
    found: dict[str, set[str]] = {}
    for old, new in renamed.items():
        if old in base.by_path:
            found.setdefault(subject_of(old), set()).add(subject_of(new))
    found = {
        label: labels
        for label, labels in found.items()
        if label and len(labels) == 1 and label not in labels and "" not in labels
    }
    if not found:
        return {}
    kept = {subject_of(path) for path in head.by_path if not path.startswith("derivatives/")}
    return {
        f"sub-{label}": f"sub-{min(labels)}"
        for label, labels in found.items()
        if label not in kept
    }
