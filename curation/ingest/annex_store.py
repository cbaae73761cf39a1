"""Images go into a repository's annex; each command of git-annex that this takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import find_common, git
from ..place import Place


def find_annex(place: Place) -> str:
    """Return git-annex where the repository has an annex; "" where it has none.

    Raises
    ------
    SpinegateError
        It has one, but git-annex isn't installed, or this clone doesn't use it yet.
    """
    if not place.in_git:
        return ""
    if not (find_common(place.dataset) / "annex").is_dir():
        if git(place.dataset, "for-each-ref", "refs/**/git-annex"):
            raise SpinegateError(
                "the images of this dataset are in git-annex, which this clone doesn't use yet: "
                "git annex init, then again"
            )
        return ""
    places = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    found = shutil.which("git-annex", path=places)
    if found is None:
        raise SpinegateError("the dataset has an annex: pip install 'spinegate[curate]'")
    return found


def store(place: Place, program: str, image: Path) -> str:
    """Move an image into the annex; return its key."""
    key = _annex(place, program, "calckey", str(image))
    _annex(place, program, "setkey", key, str(image))
    return key


def link_to(place: Place, program: str, key: str, path: str) -> str:
    """Return the text of the link that leads from a name in the dataset to a stored image."""
    content = place.dataset / _annex(place, program, "contentlocation", key)
    start = place.dataset / os.path.dirname(path)  # noqa: PTH120
    return os.path.relpath(content, start)


def _annex(place: Place, program: str, *arguments: str) -> str:
    argv: Sequence[str] = [program, *arguments]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    people = {key: value for key, value in os.environ.items() if key.startswith("GIT_AUTHOR_")}
    people |= {key: v for key, v in os.environ.items() if key.startswith("GIT_COMMITTER_")}
    folder = os.path.dirname(program)  # noqa: PTH120
    path = os.pathsep.join([folder, kept.get("PATH", "")])  # it calls itself by its name
    try:
        done = subprocess.run(
            argv,
            cwd=place.dataset,
            env={**kept, **people, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None
    if done.returncode:
        raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
    return os.fsdecode(done.stdout).strip()
