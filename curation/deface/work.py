"""What was computed of each image, kept outside of git until a person has decided.

Each image has a folder, made whole under another name first: the defaced copy, its pictures, and
a note of what it was made from, so that an image that has changed since is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...system.errors import SpinegateError
from ..place import Place
from .case import Case
from .check import Verdict
from .images import Found, digest, digest_of
from .removal import Result
from .views import View

PAGE = "deface.html"
BY_HAND = "by hand"
_NOTE = "note.json"
_UNFINISHED = ".new-"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a defaced copy is made from.

    Attributes
    ----------
    path
        The image's path in the dataset.
    digest
        What tells its content.
    method
        What was asked for: "auto", "ants", "fsl", or by hand.
    reference, reference_digest
        The image of the same session on which the face is looked for; "" where it is this one.
    cord, cord_digest
        The segmentation of the cord; "" where there is none.
    """

    path: str
    digest: str
    method: str = "auto"
    reference: str = ""
    reference_digest: str = ""
    cord: str = ""
    cord_digest: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A defaced copy.

    Attributes
    ----------
    sources
        What it was made from.
    folder, image
        Where it lies.
    check
        Its own digest.
    result
        What was done to it.
    tries
        All ways that were tried; see `way_of`.
    time
        When it was made, seconds since 1970.
    """

    sources: Sources
    folder: Path
    image: Path
    check: str
    result: Result
    tries: tuple[str, ...]
    time: float

    def case(self) -> Case:
        """Return what a person is shown."""
        pictures = sorted(self.folder.glob("view-*.png"))
        views = [View(file.name[8:-4], file.read_bytes()) for file in pictures]
        return Case(self.sources.path, self.result, tuple(views))


def way_of(method: str, reference: str) -> str:
    """Name a way to find a face."""
    return f"{method} {reference}".strip()


def work_place(place: Place) -> Place:
    """Return where the work on a dataset lies, to be locked by itself: it takes hours."""
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = place.folder / "deface"
    folder.mkdir(mode=0o700, exist_ok=True)
    return replace(place, folder=folder)


def folder_of(place: Place, path: str) -> Path:
    """Return the folder of an image."""
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:24]
    return place.folder / "deface" / "images" / name


def keep(
    folder: Path, sources: Sources, tries: tuple[str, ...], make: Callable[[Path], Result]
) -> None:
    """Make a defaced copy and its pictures; the former ones stay until these are whole.

    Parameters
    ----------
    folder
        The image's; see `folder_of`.
    sources
        What the copy is made from.
    tries
        Ways that were tried before.
    make
        Given a path it writes the copy there, and pictures beside it.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder.parent))
    try:
        name = "image.nii.gz" if sources.path.endswith(".gz") else "image.nii"
        result = make(new / name)
        asked = way_of(result.method, sources.reference)
        ways = (asked, asked if result.borrowed else way_of(result.method, ""))
        note = {
            "sources": asdict(sources),
            "image": name,
            "check": digest_of(new / name),
            "result": asdict(result),
            "tries": list(dict.fromkeys((*tries, *ways))),
            "time": time.time(),
        }
        (new / _NOTE).write_text(json.dumps(note))
        if folder.exists():
            old = new.with_name(new.name.replace(_UNFINISHED, ".old-"))
            folder.rename(old)
            new.rename(folder)
            shutil.rmtree(old)
        else:
            new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def save_views(views: tuple[View, ...], folder: Path) -> None:
    """Write pictures, so that they are read again in their order."""
    for number, view in enumerate(views):
        (folder / f"view-{number:02d}-{view.name}.png").write_bytes(view.picture)


def made(place: Place, path: str) -> Made | None:
    """Return the defaced copy of an image; None where there is none, or none that can be read."""
    folder = folder_of(place, path)
    try:
        note: Mapping[str, Any] = json.loads((folder / _NOTE).read_bytes())
        result = Result(**{**note["result"], "verdict": Verdict(note["result"]["verdict"])})
        return Made(
            Sources(**note["sources"]),
            folder,
            folder / note["image"],
            note["check"],
            result,
            tuple(note["tries"]),
            float(note["time"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def all_made(place: Place) -> Iterator[Made]:
    """Yield all defaced copies, sorted by the images' paths."""
    top = place.folder / "deface" / "images"
    folders = [folder for folder in top.iterdir() if folder.name[0] != "."] if top.is_dir() else []
    notes = []
    for folder in folders:
        try:
            notes.append(str(json.loads((folder / _NOTE).read_bytes())["sources"]["path"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    for path in sorted(notes):
        if (one := made(place, path)) is not None:
            yield one


def current(place: Place, found: Found) -> list[Made]:
    """Return the defaced copies that a person is to look at: of images that are still so."""
    results = []
    for image in found.images:
        one = made(place, image.path)
        if one is not None and image.file is not None and one.sources.digest == digest(image):
            results.append(one)
    return results


def require_whole(one: Made) -> None:
    """Refuse a copy that isn't as it was made.

    Raises
    ------
    SpinegateError
        It has changed on the disk.
    """
    if digest_of(one.image) != one.check:
        raise SpinegateError(f"{one.image} isn't as it was made; deface the image again")


def sweep(place: Place) -> None:
    """Remove what stopped runs have left; only while no other run is at work."""
    top = place.folder / "deface"
    for folder in (*top.glob(".*-*"), *top.glob("images/.*-*")):
        shutil.rmtree(folder, ignore_errors=True)
