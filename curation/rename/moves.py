"""Which files get which names: one mapping from paths to paths, whatever was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from ...rules.spelling import did_you_mean
from ...system.errors import SpinegateError
from ...validator.dataset import IMAGES
from ...validator.entities import HOLE, split_subject
from .convention import Convention, NameRule
from .listing import Listing, is_derived, split_name, split_place

_SHARED = ("json", "bval", "bvec")
_LABEL = re.compile(r"sub-[0-9A-Za-z+]+")


@dataclass(frozen=True, slots=True)
class Moves:
    """What is to be renamed.

    Attributes
    ----------
    paths
        Old path to new one.
    reasons
        Old path to the image, rule or participant that it goes along with.
    subjects
        Old participant to new one, with ``sub-``.
    rules
        Old path of a sidecar to the convention's rule about it.
    """

    paths: Mapping[str, str]
    reasons: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, NameRule] = field(default_factory=dict)

    def target(self, path: str) -> str:
        """Return where a path leads, be there a file or not."""
        known = self.paths.get(path)
        return known if known is not None else self.follow(path)

    def follow(self, path: str) -> str:
        """Replace participants wherever a path names them."""
        return subject_pattern(self.subjects)(path) if self.subjects else path


def by_convention(paths: Iterable[str], convention: Convention) -> Moves:
    """Rename every image that a convention's rules fit, and what is named after it."""
    shapes: dict[str, tuple[str, NameRule] | None] = {}
    found: dict[str, str] = {}
    rules: dict[str, NameRule] = {}
    reasons: dict[str, str] = {}
    for path in paths:
        folder, slash, name = path.rpartition("/")
        label = split_subject(name)[1]
        if not label:
            stem, dot, rest = name.partition(".")
            shared = convention.find(stem) if rest in _SHARED else None  # inherited by images
            if shared is not None:
                found[path] = folder + slash + shared[0] + dot + rest
                reasons[path] = shared[1].told
            continue
        stem, rest = split_name(name)
        if not stem:
            continue
        shape = split_subject(stem)[0]
        if shape not in shapes:
            result = convention.find(stem.replace(f"sub-{label}", "sub-0"))
            shapes[shape] = result and (result[0].replace("sub-0", f"sub-{HOLE}", 1), result[1])
        if (result := shapes[shape]) is None:
            continue
        target = folder + slash + result[0].replace(HOLE, label) + rest
        if target == path:
            continue
        found[path] = target
        reasons[path] = result[1].told
        if rest == ".json" and not is_derived(path):
            rules[path] = result[1]
    return Moves(found, reasons, rules=rules)


def by_pairs(paths: Iterable[str], pairs: Iterable[tuple[str, str]]) -> Moves:
    """Rename single files; an image takes along all that is named after it.

    That is its sidecar and gradients, its twin at the root or under sourcedata/ with the same,
    and in every derivatives folder the files made from it.

    Raises
    ------
    SpinegateError
        A file isn't there, or is to get two names.
    """
    known = dict.fromkeys(paths)
    listing = Listing(known)
    found: dict[str, str] = {}
    reasons: dict[str, str] = {}
    asked = distinct(pairs)
    for old, new in asked.items():
        if old not in known:
            _refuse_missing(old, new, known)
        found[old] = new
    for old, new in asked.items():
        for path, target in _along(old, new, listing):
            if path not in asked and found.setdefault(path, target) != target:
                raise SpinegateError(f"{path!r} would become {found[path]!r} and {target!r}")
            if path != old:
                reasons.setdefault(path, f"belongs to {old}")
    return Moves({old: new for old, new in found.items() if old != new}, reasons)


def _refuse_missing(old: str, new: str, known: Mapping[str, None]) -> NoReturn:
    folder, name = old.rstrip("/"), old.rstrip("/").rpartition("/")[2]
    if not any(path.startswith(f"{folder}/") for path in known):
        raise SpinegateError(f"{old!r} is not in the dataset{did_you_mean(old, known)}")
    if not _LABEL.fullmatch(name):
        raise SpinegateError(f"{old!r} is a folder: name its files one by one")
    to = new.rstrip("/").rpartition("/")[2]
    to = to if _LABEL.fullmatch(to) else "NEW"
    raise SpinegateError(
        f"{old!r} is a participant's folder: rename the participant, by --subject {name}={to}"
    )


def distinct(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return old names and their new ones.

    Raises
    ------
    SpinegateError
        One is to get two names.
    """
    found: dict[str, str] = {}
    for old, new in pairs:
        if found.setdefault(old, new) != new:
            raise SpinegateError(f"{old} is to become {found[old]} and {new}")
    return found


def _along(old: str, new: str, listing: Listing) -> Iterable[tuple[str, str]]:
    stem, target = _stem(old), _stem(new)
    if stem is None or target is None:
        return
    place, inner = split_place(stem)
    new_place, new_inner = split_place(target)
    folder, _, name = inner.rpartition("/")
    new_folder, _, new_name = new_inner.rpartition("/")
    alone = is_derived(old) or place != new_place  # only what lies beside it goes along
    for path in listing.named_after(name):
        own_place, own_inner = split_place(path)
        own_folder, _, own_name = own_inner.rpartition("/")
        rest = own_name[len(name) :]
        if alone and own_place != place:
            continue
        if own_folder == folder and (rest[0] == "." or is_derived(path)):
            to = new_place if alone else own_place
            yield path, "/".join(part for part in (to + new_folder, new_name + rest) if part)
        elif not alone and is_derived(path):
            yield path, path[: -len(own_name)] + new_name + rest


def by_subjects(paths: Iterable[str], subjects: Mapping[str, str]) -> Moves:
    """Rename participants: every folder and every file whose name says them.

    Raises
    ------
    SpinegateError
        A name that is none, that nobody has, or that somebody else has.
    """
    for old, new in subjects.items():
        for name in (old, new):
            if not _LABEL.fullmatch(name):
                raise SpinegateError(
                    f"{name!r} is no participant: it must be sub- and letters and digits"
                )
        if list(subjects.values()).count(new) > 1:
            raise SpinegateError(f"two participants would become {new}")
    every = list(paths)
    named = {f"sub-{split_subject(path.rpartition('/')[2])[1]}" for path in every}
    known = (named | {f"sub-{split_subject(path)[1]}" for path in every}) - {"sub-"}
    for old, new in subjects.items():
        if old not in known:
            raise SpinegateError(f"{old} is not in the dataset{did_you_mean(old, known)}")
        if new in named and new not in subjects:  # a folder that was renamed by hand is none
            raise SpinegateError(f"{new} is in the dataset already, so {old} can't become it")
    if not subjects:
        return Moves({})
    replaced = subject_pattern(subjects)
    pairs = ((path, replaced(path)) for path in every)
    found = {path: target for path, target in pairs if path != target}
    told = {old: f"{old} -> {new}" for old, new in subjects.items()}
    reasons = {path: _told(path, told) for path in found}
    return Moves(found, reasons, dict(subjects))


def _told(path: str, told: Mapping[str, str]) -> str:
    labels = (split_subject(part)[1] for part in (path, path.rpartition("/")[2]))
    return next((told[f"sub-{label}"] for label in labels if f"sub-{label}" in told), "")


def subject_pattern(subjects: Mapping[str, str]) -> Callable[[str], str]:
    """Return what replaces participants in a text, where they stand as a whole word."""
    names = "|".join(re.escape(name) for name in sorted(subjects, key=len, reverse=True))
    pattern = re.compile(rf"(?<![0-9A-Za-z+-])(?:{names})(?![0-9A-Za-z+-])")
    return lambda text: pattern.sub(lambda match: subjects[match[0]], text)


def _stem(path: str) -> str | None:
    for extension in IMAGES:
        if path.endswith(extension):
            return path.removesuffix(extension)
    return None
