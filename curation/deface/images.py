"""The images that may show a face: those of the dataset without a record, and those held."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from ...system.errors import SpinegateError
from ...validator.contents import Presence, read_header_bytes
from ...validator.dataset import IMAGES, Dataset, Scan, Stage, load_dataset
from ...validator.entities import BidsPath, parse, subject_of
from ...validator.nifti import LIMIT, HeaderError, parse_header
from ...validator.tree import open_tree
from ..ingest.session import find_spec
from ..place import Place
from .candidates import ALWAYS, may_show_face
from .held import Held, held_images

RECORD = "Defaced"
_PARTS = frozenset({"seg", "dseg", "dlabel", "label", "mask", "softseg", "probseg"})


@dataclass(frozen=True, slots=True)
class Image:
    """An image that may show a face.

    Attributes
    ----------
    path
        In the dataset, where it is or will be.
    file
        Its content; None where that isn't here.
    key
        Its git-annex key, which tells its content; "" where that must be asked of the file.
    reason
        Why it may show a face.
    held
        Where it waits outside of git; None for an image of the dataset.
    problem
        Why it can't be read; "" mostly.
    """

    path: str
    file: Path | None
    key: str
    reason: str
    held: Held | None = None
    problem: str = ""

    @property
    def suffix(self) -> str:
        """Such as ``T1w``; "" where its name is no BIDS name."""
        name = parse(self.path)
        return name.suffix if name else ""

    @property
    def session(self) -> tuple[str, str, str]:
        """What images of one session have in common: folder, participant, session."""
        name = parse(self.path)
        return (name.folder, name.subject, name.session) if name else (self.path, "", "")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a dataset.

    Attributes
    ----------
    images
        Those that may show a face, sorted by path.
    done
        Paths of those that a record says of what was done to their faces.
    unknown
        Paths of others whose content isn't here, so that their field of view can't be known.
    segmentations
        Path to file of the cord's segmentations that are here.
    overtaken
        Paths of images that wait outside of git though the dataset has a file of that name.
    """

    images: tuple[Image, ...]
    done: tuple[str, ...]
    unknown: tuple[str, ...]
    segmentations: dict[str, Path]
    overtaken: tuple[str, ...] = ()


def find_images(
    place: Place,
    participants: Collection[str] = (),
    contrasts: Collection[str] = (),
    paths: Collection[str] = (),
) -> Found:
    """Look for images that may show a face.

    Parameters
    ----------
    place
        The dataset.
    participants
        Labels of those that are looked at; all without one.
    contrasts
        Suffixes or contrasts that are looked at, whatever their field of view is; without one
        all, but those alone that may show a face.
    paths
        Of images that are taken, whatever their field of view.

    Raises
    ------
    SpinegateError
        The dataset can't be read, or has no image, or none of a participant who is named.
    """
    dataset = load_dataset(open_tree(place.dataset), find_spec(place.dataset, None))
    waiting = held_images(place)
    there = {scan.subject for scan in dataset.scans} | {subject_of(one.path) for one in waiting}
    if not there:
        raise SpinegateError(f"{place.dataset} holds no images: name the dataset's top folder")
    if strangers := sorted(set(participants) - there):
        raise SpinegateError(f"there is no image of {', '.join(f'sub-{s}' for s in strangers)}")
    images: dict[str, Image] = {}
    done, unknown = [], []
    for scan in dataset.scans:
        if scan.content.target is not None or not _is_picture(scan):
            continue
        if participants and scan.subject not in participants:
            continue
        if contrasts and not {_suffix(scan), scan.contrast} & set(contrasts):
            continue
        if RECORD in scan.sidecar:
            done.append(scan.path)
            continue
        reason = _reason(dataset, scan, asked=bool(contrasts) or scan.path in paths)
        if reason is None:
            unknown.append(scan.path)
        elif reason:
            images[scan.path] = _image(place.dataset, scan, reason)
    overtaken = []
    for held in waiting:
        image = _held(held)
        if _is_asked(image, participants, contrasts):
            if held.path in dataset.entries:
                overtaken.append(held.path)
            else:
                images[held.path] = image
    cords = {
        scan.path: file
        for scan in dataset.scans
        if scan.stage is Stage.DERIVATIVE and scan.name and scan.name.suffix in _PARTS
        and (file := _file(place.dataset, scan)) is not None
    }  # fmt: skip
    chosen = tuple(images[path] for path in sorted(images))
    return Found(chosen, tuple(done), tuple(unknown), cords, tuple(overtaken))


def digest(image: Image) -> str:
    """Return what tells the content of an image that is here.

    Raises
    ------
    SpinegateError
        It can't be read.
    """
    return image.key or digest_of(image.file) if image.file is not None else ""


def digest_of(file: Path) -> str:
    """Return a file's hash.

    Raises
    ------
    SpinegateError
        It can't be read.
    """
    try:
        with file.open("rb") as content:
            return "sha256-" + hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise SpinegateError(f"{file} can't be read: {error.strerror}") from None


def find_cord(found: Found, path: str, pattern: str | None) -> str:
    """Return the path of the segmentation of an image's cord; "" where there is none.

    Parameters
    ----------
    found
        The dataset's.
    path
        The image's; segmentations are made from those at the top of a dataset.
    pattern
        Of paths, with ``*``; None for ``label-SC`` below derivatives/labels.
    """
    image = parse(path)
    if image is None or image.folder:
        return ""
    fitting = [
        other
        for other in _wanted(found, pattern)
        if (name := parse(other)) is not None
        and name.source == image.stem
        and name.session == image.session
    ]
    return min(fitting, key=lambda other: (len(other), other), default="")


def _wanted(found: Found, pattern: str | None) -> Iterator[str]:
    for path in found.segmentations:
        name = parse(path)
        if pattern is not None:
            if fnmatchcase(path, pattern):
                yield path
        elif name and name.folder == "derivatives/labels" and _is_cord(name):
            yield path


def _is_cord(name: BidsPath) -> bool:
    return (name.suffix, name.entities.get("label")) == ("seg", "SC")


def _is_picture(scan: Scan) -> bool:
    """Whether an image shows a body at all: parts of it that were marked don't."""
    suffix = _suffix(scan)
    if scan.stage is Stage.DERIVATIVE:
        return suffix in ALWAYS
    return suffix not in _PARTS


def _suffix(scan: Scan) -> str:
    return scan.name.suffix if scan.name else scan.contrast or ""


def _is_asked(image: Image, participants: Collection[str], contrasts: Collection[str]) -> bool:
    subject = image.session[1]
    return (not participants or subject in participants) and (
        not contrasts or image.suffix in contrasts
    )


def _reason(dataset: Dataset, scan: Scan, *, asked: bool) -> str | None:
    """Say why an image may show a face; "" where it can't, None where that isn't known."""
    suffix = _suffix(scan)
    if suffix in ALWAYS:
        return may_show_face(suffix, (), np.eye(4))
    if asked:
        return "it was asked for"
    head = read_header_bytes(dataset.tree, dataset.entries[scan.path], scan.content, LIMIT)
    return None if head is None else field_of_view(suffix, head)


def field_of_view(suffix: str, head: bytes) -> str:
    """Say why an image may show a face by its first bytes; "" where it can't, or is no image."""
    try:
        header: dict[str, Any] = parse_header(head) or {}
    except HeaderError:
        return ""  # the validator says so
    if "affine" not in header:
        return ""
    return may_show_face(suffix, header["shape"], np.asarray(header["affine"], float))


def _image(folder: Path, scan: Scan, reason: str) -> Image:
    content = scan.content
    problem = ""
    if content.presence is Presence.BROKEN:
        problem = "it is a link that leads nowhere"
    elif os.fsdecode(scan.entry.raw) != scan.path:
        problem = "its name isn't UTF-8: rename it first"
    key = content.key.text if content.key and content.key.digest and content.stored else ""
    return Image(scan.path, _file(folder, scan), key, reason, problem=problem)


def _file(folder: Path, scan: Scan) -> Path | None:
    if scan.content.presence is not Presence.PRESENT:
        return None
    return scan.content.stored or folder / os.fsdecode(scan.entry.raw)


def _held(held: Held) -> Image:
    suffix = held.path.rpartition("_")[2]
    for ending in IMAGES:
        suffix = suffix.removesuffix(ending)
    if suffix in ALWAYS:
        reason = may_show_face(suffix, (), np.eye(4))
    else:
        with held.image.open("rb") as file:
            reason = field_of_view(suffix, file.read(LIMIT)) or "it was held back"
    return Image(held.path, held.image, "", reason, held)
