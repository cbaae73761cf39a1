"""Names: the one parser and the one formatter of BIDS paths.

A name is read by its shape: the path with the subject's label taken out. A dataset of 24,000
files has a hundred shapes, so a path costs one look-up and not one parse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ..system.errors import SpinegateError

# fmt: off
ENTITY_ORDER: tuple[str, ...] = (
    "sub", "tpl", "ses", "cohort", "sample", "task", "tracksys", "acq", "nuc", "voi", "ce", "trc",
    "stain", "rec", "dir", "run", "mod", "echo", "flip", "inv", "mt", "part", "proc", "hemi",
    "space", "split", "recording", "chunk", "atlas", "seg", "scale", "res", "den", "label", "desc",
)
# fmt: on
"""Short names of the entities, in the order in which the BIDS schema writes them."""

HOLE = "\0"
"""What stands for the subject's label in a shape: the one character that no path can hold."""

_RANK = {key: rank for rank, key in enumerate(ENTITY_ORDER)}
_LABEL = re.compile(r"[0-9A-Za-z+]+")
_ENTITY = re.compile(r"([a-z]+)-([0-9A-Za-z+]+)")
_SUBJECT = re.compile(rf"(sub)-([0-9A-Za-z+{HOLE}]+)")
_SESSION = re.compile(r"ses-([0-9A-Za-z+]+)")
_SUFFIX = re.compile(r"[A-Za-z][0-9A-Za-z]*")
_EXTENSION = re.compile(r"(?:\.[0-9A-Za-z]+)+")
_HERITABLE = frozenset({".json", ".tsv", ".bval", ".bvec"})
_TABLES = frozenset({"participants", "samples", "descriptions"})
_SHAPES = 4096


@dataclass(frozen=True, slots=True)
class Shape:
    """What the paths of all subjects have in common; a part that is missing is "".

    Attributes
    ----------
    folder
        What holds the subject's folder: "", "sourcedata", "derivatives/labels"...
    subject
        By the folder, else by the name; the label is a hole.
    entities
        Short name to label, in the order of the name; a derivative's own after its source's.
    source, source_suffix
        For a derivative such as ``sub-x_T1w_label-SC_seg`` the stem of the image that it was
        made from (``sub-x_T1w``) and its suffix.
    """

    folder: str
    subject: str
    session: str
    datatype: str
    entities: Mapping[str, str]
    suffix: str
    extension: str
    stem: str
    source: str
    source_suffix: str


class BidsPath(NamedTuple):
    """A path that follows the BIDS naming scheme: its shape, and the label that fills it.

    A tuple, not a dataclass: there are tens of thousands of them, and it is made 3 times faster.
    """

    path: str
    label: str
    shape: Shape

    @property
    def folder(self) -> str:
        """What holds the subject's folder: "", "sourcedata", "derivatives/labels"..."""
        return self.shape.folder.replace(HOLE, self.label)

    @property
    def subject(self) -> str:
        """The label without ``sub-``; "" where there is none."""
        return self.shape.subject.replace(HOLE, self.label)

    @property
    def session(self) -> str:
        """The label without ``ses-``; "" where there is none."""
        return self.shape.session

    @property
    def datatype(self) -> str:
        """The folder that holds the file, such as ``anat``; "" where there is none."""
        return self.shape.datatype

    @property
    def entities(self) -> dict[str, str]:
        """Short name to label, in the order of the name."""
        entities = dict(self.shape.entities)
        if "sub" in entities:
            entities["sub"] = entities["sub"].replace(HOLE, self.label)
        return entities

    @property
    def suffix(self) -> str:
        """The last part of the stem, such as ``T1w``, or ``seg`` for a derivative."""
        return self.shape.suffix

    @property
    def extension(self) -> str:
        """All from the first dot on, such as ``.nii.gz``."""
        return self.shape.extension

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return self.shape.stem.replace(HOLE, self.label)

    @property
    def source(self) -> str:
        """The stem of the image that a derivative was made from; "" where the name has none."""
        return self.shape.source.replace(HOLE, self.label)

    @property
    def source_suffix(self) -> str:
        """The middle suffix of a derivative's name; "" where the name has none."""
        return self.shape.source_suffix

    @property
    def parent(self) -> str:
        """The folder that holds the file; "" for the dataset's root."""
        return self.path.rpartition("/")[0]


def split_subject(path: str) -> tuple[str, str]:
    """Take the subject's label out of a path.

    It returns the path with `HOLE` for the label wherever ``sub-<label>`` stands, and the label;
    the path itself and "" where it names no subject.
    """
    start = 0 if path[:4] == "sub-" else path.find("/sub-") + 1 or -1
    if start < 0 or HOLE in path:
        return path, ""
    end = path.find("/", start)
    if end < 0:
        end = path.find("_", start)
    label = path[start + 4 : end] if end > 0 else ""
    if not (label.isalnum() and label.isascii()) and not _LABEL.fullmatch(label):
        return path, ""
    return path.replace(path[start:end], "sub-" + HOLE), label


def parse(path: str) -> BidsPath | None:
    """Read a POSIX path relative to the dataset; None where it is no BIDS name.

    It says what a name means, not whether the standard allows its entities, order or suffix.

    >>> name = parse("derivatives/labels/sub-x/anat/sub-x_T1w_label-SC_seg.nii.gz")
    >>> name.folder, name.subject, name.source, name.entities, name.suffix
    ('derivatives/labels', 'x', 'sub-x_T1w', {'sub': 'x', 'label': 'SC'}, 'seg')
    """
    template, label = split_subject(path)
    if not label and HOLE in path:
        return None
    shape = _shape(template)
    return None if shape is None else BidsPath(path, label, shape)


def subject_of(path: str) -> str:
    """The subject's label by the folder, else by the name; "" where there is none."""
    return split_subject(path)[1]


def format_name(entities: Mapping[str, str], suffix: str, extension: str, source: str = "") -> str:
    """Write a file name, its entities in the order of the schema (unknown ones last).

    Parameters
    ----------
    entities
        Short name to label.
    suffix, extension
        Such as ``T1w`` and ``.nii.gz``.
    source
        For a derivative the stem of its source image: the entities that it has already are not
        written again.

    Raises
    ------
    SpinegateError
        Where a part holds characters that BIDS doesn't allow.
    """
    order = sorted(entities, key=lambda key: _RANK.get(key, len(_RANK)))
    own = {key: entities[key] for key in order}
    if source:
        named = dict(_ENTITY.findall(source))
        own = {key: label for key, label in own.items() if named.get(key) != label}
    parts = [f"{key}-{label}" for key, label in own.items()]
    faults = [part for part in parts if not _ENTITY.fullmatch(part)]
    if faults or not _SUFFIX.fullmatch(suffix) or not _EXTENSION.fullmatch(extension):
        shown = "_".join([*parts, suffix]) + extension
        raise SpinegateError(f"{shown!r} is no BIDS name: labels are letters and digits only")
    return "_".join([*([source] if source else ()), *parts, suffix]) + extension


def format_path(
    entities: Mapping[str, str],
    suffix: str,
    extension: str,
    *,
    datatype: str,
    folder: str = "",
    source: str = "",
) -> str:
    """Write a whole path: folder, subject, session, datatype and the name of `format_name`."""
    name = format_name(entities, suffix, extension, source)
    places = [f"{key}-{entities[key]}" for key in ("sub", "ses") if entities.get(key)]
    return "/".join(part for part in (folder, *places, datatype, name) if part)


@lru_cache(maxsize=_SHAPES)
def _shape(template: str) -> Shape | None:
    """Read a path whose subject is a hole; the cache is bounded, for names come from strangers."""
    *parents, name = template.split("/")
    stem, dot, rest = name.partition(".")
    tokens = stem.split("_")
    if not _EXTENSION.fullmatch(dot + rest) or not _SUFFIX.fullmatch(tokens[-1]):
        return None
    place = _place(parents)
    entities, source = _read_tokens(tokens)
    if place is None or entities is None:
        return None
    folder, subject, session, datatype = place
    shared = dot + rest in _HERITABLE and stem not in _TABLES and _is_root(parents)
    if "sub" not in entities and (subject or not shared):
        return None
    return Shape(
        folder=folder,
        subject=subject or entities.get("sub", ""),
        session=session or entities.get("ses", ""),
        datatype=datatype,
        entities=entities,
        suffix=tokens[-1],
        extension=dot + rest,
        stem=stem,
        source="_".join(source),
        source_suffix=source[-1] if source else "",
    )


def _place(parents: list[str]) -> tuple[str, str, str, str] | None:
    """Read the folders: what holds the subject, subject, session, datatype."""
    for index, part in enumerate(parents):
        if match := _SUBJECT.fullmatch(part):
            inner = parents[index + 1 :]
            session = _SESSION.fullmatch(inner[0]) if inner else None
            if session:
                inner = inner[1:]
            if len(inner) > 1 or (inner and not _SUFFIX.fullmatch(inner[0])):
                return None
            label = session[1] if session else ""
            return "/".join(parents[:index]), match[2], label, "".join(inner)
    return "/".join(parents), "", "", ""


def _read_tokens(tokens: list[str]) -> tuple[dict[str, str] | None, list[str]]:
    """Read the parts of a stem: all entities, and the tokens of a derivative's source."""
    entities: dict[str, str] = {}
    chain: set[str] = set()
    source: list[str] = []
    for index, token in enumerate(tokens[:-1]):
        match = _ENTITY.fullmatch(token) or (_SUBJECT.fullmatch(token) if not index else None)
        if match:
            key, label = match.groups()
            if key in chain or (key == "sub" and index):
                return None, []
            chain.add(key)
            entities[key] = label
        elif _SUFFIX.fullmatch(token) and chain and "sub" in entities:
            # A suffix in the middle ends the source's name; the derivative's own entities follow.
            chain, source = set(), tokens[: index + 1]
        else:
            return None, []
    return (entities, source) if chain or not source else (None, [])


def _is_root(parents: Iterable[str]) -> bool:
    """Whether these folders are a dataset's root: its own, its sources', a derivative's."""
    first, *rest = [*parents, ""]
    return first in {"", "sourcedata", "rawdata"} or (first == "derivatives" and len(rest) == 2)
