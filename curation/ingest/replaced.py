"""Files of a dataset give way to others of the same name; annexed ones get another key."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError
from ...system.git import Blob
from ...validator.annex import POINTER, POINTER_LIMIT, link_key, pointer_key
from ...validator.tree import LINK
from ..clean import require_plain
from ..git_index import Change, write_objects
from ..place import Place
from .annex_store import link_to

Names = list[tuple[str, str]]


def annexed(place: Place, paths: Iterable[str], tracked: Mapping[bytes, Blob]) -> Iterator[str]:
    """Yield those of some files that are in the annex, locked or not."""
    wanted = list(paths)
    unlocked = _unlocked(place, wanted, tracked)
    for path in wanted:
        old = place.dataset / path
        target = os.fsencode(old.readlink()) if old.is_symlink() else b""
        if path in unlocked or link_key(target) is not None:
            yield path


def stage_replaced(
    place: Place,
    files: Mapping[str, Path],
    stored: Mapping[str, Path],
    tracked: Mapping[bytes, Blob],
) -> tuple[Names, Names, list[Change]]:
    """Put files on the stage that take the place of others; see `Moves` for out and back.

    A locked annexed file stays a link, an unlocked one a file whose pointer git keeps, all
    others stay plain files with the permissions that they have.

    Parameters
    ----------
    files
        Name in the dataset -> new content.
    stored
        Those that are in the annex by now -> the file there.
    tracked
        git's index.

    Raises
    ------
    SpinegateError
        A file has gone, leads elsewhere, or git keeps it in another form than the disk has it.
    """
    out: Names = []
    back: Names = []
    objects: dict[str, Path] = {}
    for number, (path, file) in enumerate(files.items()):
        old, new = place.dataset / path, place.stage / f"new-{number}"
        if not os.path.lexists(old):
            raise SpinegateError(f"{path} has gone meanwhile; nothing was changed")
        text = b""
        if old.is_symlink():
            if path not in stored:
                raise SpinegateError(f"{path} is a link that doesn't lead into the annex")
            text = os.fsencode(link_to(stored[path], old))
            new.symlink_to(os.fsdecode(text))
        else:
            shutil.copyfile(stored.get(path, file), new)
            new.chmod(old.stat().st_mode & 0o777)
            if path in stored:
                text = POINTER + stored[path].name.encode() + b"\n"
            elif place.in_git:
                oid = tracked[os.fsencode(path)].oid
                require_plain({path: old.read_bytes()}, {path: oid})
        objects[path] = new
        if text:
            objects[path] = place.stage / f"text-{number}"
            objects[path].write_bytes(text)
        out.append((path, f"out-new-{number}"))
        back.append((f"new-{number}", path))
    changes = []
    if place.in_git:
        oids = write_objects(place.dataset, objects.values())
        names = map(os.fsencode, objects)
        changes = [Change(name, name, oid) for name, oid in zip(names, oids, strict=True)]
    for file in objects.values():
        if file.name.startswith("text-"):
            file.unlink()
    return out, back, changes


def _unlocked(place: Place, paths: Iterable[str], tracked: Mapping[bytes, Blob]) -> set[str]:
    """Return those of some files of which git only keeps a pointer."""
    oids = {
        path: blob.oid
        for path in paths
        if (blob := tracked.get(os.fsencode(path))) is not None and blob.mode != LINK
    }
    if not oids:
        return set()
    texts = dict(read_blobs(place.dataset, dict.fromkeys(oids.values()), POINTER_LIMIT))
    return {path for path, oid in oids.items() if pointer_key(texts.get(oid, b""))}
