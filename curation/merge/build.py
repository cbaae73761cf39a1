"""A commit made on top of another from lists of files; no work tree and no index of anybody's."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...system.errors import ToolError
from ...system.git import find_common, git
from ...validator.annex import object_paths
from ...validator.tree import FILE, LINK
from ..git_index import ask
from .fork import Files

Change = tuple[str, str]
"""Mode and object id of a file."""


def write_texts(repository: Path, files: Sequence[Path]) -> list[str]:
    """Put files' bytes into the object store as they are; return their object ids."""
    if not files:
        return []
    question = b"".join(os.fsencode(path) + b"\n" for path in files)
    done = ask(repository, question, "hash-object", "-w", "--no-filters", "--stdin-paths")
    return done.decode().split()


def write_text(repository: Path, content: bytes) -> str:
    """Put bytes into the object store; return the object id."""
    return (
        ask(repository, content, "hash-object", "-w", "--no-filters", "--stdin").decode().strip()
    )


def is_locked(files: Files, keys: Mapping[str, str]) -> bool:
    """Whether a dataset keeps its images locked (as links), as git-annex does by itself."""
    modes = [files[path][0] for path in keys]
    return modes.count(LINK) * 2 >= len(modes)


def write_pointers(
    repository: Path, work: Path, keys: Mapping[str, str], locked: bool
) -> dict[str, Change]:
    """Write what git holds of annexed files; return mode and object id of each."""
    files = []
    for number, (path, key) in enumerate(keys.items()):
        place = object_paths(Path(".git"), key)[0]
        content = (
            "../" * path.count("/") + place.as_posix()
            if locked
            else f"/annex/objects/{place.name}\n"
        )
        files.append(work / f"pointer-{number}")
        files[-1].write_bytes(os.fsencode(content))
    oids = write_texts(repository, files)
    for file in files:
        file.unlink()
    mode = LINK if locked else FILE
    return {path: (mode, oid) for path, oid in zip(keys, oids, strict=True)}


def write_tree(
    repository: Path, work: Path, base: str, changes: Mapping[str, Change | None]
) -> str:
    """Return the tree that differs from a commit's by these files; None takes one out.

    Parameters
    ----------
    work
        A folder for the index, which is made and removed.
    base
        A commit, a tree, or "" to begin with nothing.
    """
    index = work / f"index-{uuid.uuid4().hex}"
    settings = {"GIT_INDEX_FILE": str(index)}
    lines = []
    for path, change in sorted(changes.items(), key=lambda item: item[1] is not None):
        mode, oid = change or ("0", "0" * len(base))
        lines.append(f"{mode} {oid}\t".encode() + os.fsencode(path) + b"\0")
    try:
        ask(repository, b"", "read-tree", *([base] if base else ["--empty"]), settings=settings)
        if lines:
            ask(
                repository,
                b"".join(lines),
                "update-index",
                "-z",
                "--index-info",
                settings=settings,
            )
        return ask(repository, b"", "write-tree", settings=settings).decode().strip()
    finally:
        index.unlink(missing_ok=True)
        index.with_name(f"{index.name}.lock").unlink(missing_ok=True)


def move_ref(repository: Path, ref: str, new: str, old: str = "") -> None:
    """Move a branch from one commit to another; with no old one it must not exist yet.

    Raises
    ------
    ToolError
        It isn't where it was.
    """
    git(
        repository,
        "update-ref",
        "--create-reflog",
        "-m",
        "spinegate curate merge",
        ref,
        new,
        old or "0" * len(new),
    )


def open_scratch(repository: Path, folder: Path) -> Path:
    """Make an empty repository that sees the objects of another and is thrown away."""
    objects = git(repository, "rev-parse", "--git-path", "objects").decode().removesuffix("\n")
    scratch = folder / "scratch.git"
    git(folder, "init", "--quiet", "--bare", "--template=", str(scratch))
    for name in ("user.name", "user.email"):
        value = _setting(repository, name)
        if value:
            git(scratch, "config", name, value)
    info = scratch / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{(repository / objects).resolve()}\n")
    shallow = find_common(repository) / "shallow"
    if shallow.is_file():
        (scratch / "shallow").write_bytes(shallow.read_bytes())
    return scratch


def _setting(repository: Path, name: str) -> str:
    try:
        return git(repository, "config", "--get", name).decode().removesuffix("\n")
    except ToolError:
        return ""


def build_tree_of(repository: Path, work: Path, keys: Mapping[str, str]) -> str:
    """Return a tree of these annexed files and nothing else, for git-annex to go through."""
    return write_tree(repository, work, "", write_pointers(repository, work, keys, locked=False))
