"""Images go into a repository's annex, all at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import find_common, git
from ...validator.annex import object_paths
from ..annex import find_here, find_program, inject, key_of_files, run
from ..place import Place


def uses_annex(place: Place) -> bool:
    """Whether the repository has an annex.

    Raises
    ------
    SpinegateError
        It has one, but git-annex isn't installed, or this clone doesn't use it yet.
    """
    if not place.in_git:
        return False
    if not (find_common(place.dataset) / "annex").is_dir():
        if git(place.dataset, "for-each-ref", "refs/**/git-annex"):
            raise SpinegateError(
                "the images of this dataset are in git-annex, which this clone doesn't use yet: "
                "git annex init, then again"
            )
        return False
    find_program()
    return True


def store(place: Place, images: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Move images into the annex.

    Parameters
    ----------
    images
        Some name -> the file; an image that the annex has already stays where it is.
    folder
        An empty folder, on whose disk the annex lies.

    Returns
    -------
    dict
        The same name -> the file in the annex, which is named as git's pointer to it.

    Raises
    ------
    SpinegateError
        git-annex refuses.
    """
    if not images:
        return {}
    repository = place.dataset
    keys = dict(zip(images, key_of_files(repository, list(images.values())), strict=True))
    unread = [name for name, key in keys.items() if not key]
    if unread:
        raise SpinegateError(f"git-annex can't take {unread[0]}")
    here = find_here(repository, keys.values())
    common = find_common(repository)
    moved = {}
    for name, key in keys.items():
        if key not in here:
            moved[key] = folder / object_paths(common, key)[0].name
            shutil.move(images[name], moved[key])
    if moved:
        inject(repository, moved.values())
    places = _locate(repository, list(dict.fromkeys(keys.values())))
    return {name: places[key] for name, key in keys.items()}


def link_to(content: Path, file: Path) -> str:
    """Return the text of the link that leads from a file of the dataset into the annex."""
    return os.path.relpath(content, file.parent)


def _locate(repository: Path, keys: list[str]) -> dict[str, Path]:
    question = "".join(f"{key}\n" for key in keys).encode()
    done = run(repository, "contentlocation", "--batch", question=question)
    lines = os.fsdecode(done.stdout).splitlines()
    if len(lines) != len(keys) or not all(lines):
        raise ToolError(
            ["git-annex", "contentlocation"], done.returncode, os.fsdecode(done.stderr)
        )
    return {key: repository / line for key, line in zip(keys, lines, strict=True)}
