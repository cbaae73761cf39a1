"""Images that wait outside of git until their faces are taken out.

Each has a folder of its own, made whole under another name first. What is held last of an image
counts; a run that was stopped leaves at most a folder that the next one removes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError
from ..place import Place

_IMAGES = (".nii.gz", ".nii")
_NOTE = "held.json"
_UNFINISHED = ".new-"


@dataclass(frozen=True, slots=True)
class Held:
    """One image that waits.

    Attributes
    ----------
    path
        The image's path in the dataset, once it is there.
    image, sidecar
        The files that wait; None where there is no sidecar.
    message
        What the commit is to say.
    files
        All of them: path in the dataset to file; image and sidecar among them.
    folder
        What holds them.
    """

    path: str
    image: Path
    sidecar: Path | None
    message: str
    files: Mapping[str, Path]
    folder: Path


def hold(place: Place, files: Mapping[str, Path], message: str) -> None:
    """Keep all files of one image outside of git; they take the place of former ones.

    Parameters
    ----------
    place
        Where the dataset has its notes.
    files
        Path in the dataset to the file that is to be there; one of them is an image.
    message
        What the commit is to say.

    Raises
    ------
    SpinegateError
        There isn't one image among them, a path leads out of the dataset, or the disk refuses.
    """
    images = [path for path in files if path.endswith(_IMAGES)]
    if len(images) != 1:
        raise SpinegateError(f"one image is held at a time, not {len(images)}")
    for path in files:
        if path.startswith("/") or not all(path.split("/")) or {".", ".."} & {*path.split("/")}:
            raise SpinegateError(f"{path!a} doesn't lie in the dataset")
    top = place.folder / "held"
    try:
        top.mkdir(mode=0o700, parents=True, exist_ok=True)
        top.chmod(0o700)
        new = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=top))
        names = {path: f"{number:02d}-{path.rpartition('/')[2][-80:]}"
                 for number, path in enumerate(files)}  # fmt: skip
        for path, source in files.items():
            shutil.copyfile(source, new / names[path])
            (new / names[path]).chmod(0o600)
            _sync(new / names[path])
        note = {"image": images[0], "files": names, "message": message}
        (new / _NOTE).write_text(json.dumps(note))
        _sync(new / _NOTE)
        former = [held.folder for held in _read(top) if held.path == images[0]]
        new.rename(top / f"{_digest(images[0])}-{time.time_ns():020d}")
        for folder in former:
            shutil.rmtree(folder)
    except OSError as error:
        raise SpinegateError(f"{error.filename} can't be held: {error.strerror}") from None


def held_images(place: Place) -> tuple[Held, ...]:
    """Return the images that wait, sorted by path.

    Raises
    ------
    SpinegateError
        What was noted of one can't be read.
    """
    newest = {held.path: held for held in _read(place.folder / "held")}
    return tuple(newest[path] for path in sorted(newest))


def let_go(place: Place, paths: Iterable[str]) -> None:
    """Forget images that wait, by their paths in the dataset; their files go for good."""
    gone = set(paths)
    top = place.folder / "held"
    for held in list(_read(top)):
        if held.path in gone:
            shutil.rmtree(held.folder)
    for unfinished in top.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    with suppress(OSError):  # others wait
        top.rmdir()


def _read(top: Path) -> Iterator[Held]:
    """Yield all that is held, older before newer."""
    if not top.is_dir():
        return
    for folder in sorted(top.iterdir()):
        if folder.name.startswith(_UNFINISHED):
            continue
        try:
            note = json.loads((folder / _NOTE).read_bytes())
            files = {str(path): folder / str(name) for path, name in note["files"].items()}
            path, message = str(note["image"]), str(note["message"])
            sidecar = next((file for name, file in files.items() if name.endswith(".json")), None)
            yield Held(path, files[path], sidecar, message, files, folder)
        except FileNotFoundError:
            shutil.rmtree(folder, ignore_errors=True)  # it was being let go
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SpinegateError(f"{folder / _NOTE} can't be read: {error}") from None


def _digest(path: str) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:24]


def _sync(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
