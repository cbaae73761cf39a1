"""What the merge of a branch does to each participant: added, changed, moved, deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...validator.report.visible import visible
from .build import Change
from .contribution import subject_of
from .fork import Files

_SHOWN = 3
_WORDS = ("added", "changed", "moved", "deleted")


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of the files of one participant; "" stands for the dataset's own.

    Attributes
    ----------
    known
        Whether the dataset has the participant already.
    moved
        Former names of files that are there under another one.
    """

    subject: str
    known: bool
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield it in words."""
        parts = [(word, getattr(self, word)) for word in _WORDS]
        counts = ", ".join(f"{len(paths):,} {word}" for word, paths in parts if paths)
        name = visible(self.subject) or "the dataset's own files"
        yield f"{name}{'' if self.known else ' (new)'}: {counts}"
        for word, paths in parts:
            if paths and self.known:
                more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
                yield f"  {word}: {', '.join(map(visible, paths[:_SHOWN]))}{more}"


def find_effects(
    files: Files,
    changes: Mapping[str, Change | None],
    keys: Mapping[str, str],
    new_keys: Mapping[str, str],
) -> tuple[Effect, ...]:
    """Sort what a merge brings by participant.

    Parameters
    ----------
    files, keys
        Of the main branch: what it has, and the keys of its annexed files by path.
    changes, new_keys
        What the merge brings, and the keys therein.
    """
    added = {path: change for path, change in changes.items() if change and path not in files}
    places = {new_keys.get(path) or change: path for path, change in added.items()}
    gone = [path for path, change in changes.items() if change is None and path in files]
    now = {_stem(path): _stem(places[content]) for path in gone
           if (content := keys.get(path) or files[path]) in places}  # fmt: skip

    def word(path: str) -> str:
        if changes[path] is not None:
            return "changed" if path in files else "added"
        stem = _stem(path)  # a sidecar goes with its image, whatever was edited in it
        return "moved" if now.get(stem, "") + path.removeprefix(stem) in added else "deleted"

    sorted_: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted([*gone, *(path for path, change in changes.items() if change)]):
        sorted_[subject_of(path)][word(path)].append(path)
    known = {subject_of(path) for path in files} | {""}
    return tuple(
        Effect(subject, subject in known, **{word: tuple(words[word]) for word in _WORDS})
        for subject, words in sorted(sorted_.items())
    )


def deletions(effects: Sequence[Effect]) -> list[str]:
    """Return the files that go for good."""
    return [path for effect in effects for path in effect.deleted]


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"
