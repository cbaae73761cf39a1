"""Plumbing calls of git: no hooks, no filters, no file system monitor, no prompts."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from .errors import SpinegateError, ToolError

_SAFE = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=off",
)
_SUBMODULE = "160000"
_MERGED = ord("0")
# A clone that lacks objects would fetch them, by a command that the repository's settings name.
_SETTINGS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}


class Blob(NamedTuple):
    """One file as git lists it: raw name, mode in octal text, object id."""

    name: bytes
    mode: str
    oid: str


def environment() -> dict[str, str]:
    """Return the environment for git: the repository's place comes from -C alone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, **_SETTINGS}


def command(repository: Path, *arguments: str) -> list[str]:
    """Return the argv of a git call in a repository."""
    return ["git", *_SAFE, "-C", str(repository), *arguments]


def start(repository: Path, *arguments: str, ask: bool = False) -> subprocess.Popen[bytes]:
    """Start git; its answer comes through a pipe, and so do questions if it is to be asked.

    Raises
    ------
    ToolError
        git is missing.
    """
    argv = command(repository, *arguments)
    question = subprocess.PIPE if ask else subprocess.DEVNULL
    errors = subprocess.DEVNULL if ask else subprocess.PIPE
    try:
        return subprocess.Popen(
            argv, stdin=question, stdout=subprocess.PIPE, stderr=errors, env=environment()
        )
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None


def finish(process: subprocess.Popen[bytes]) -> bytes:
    """Return what git prints.

    Raises
    ------
    ToolError
        It ended with another status than 0.
    """
    with process:
        answer, errors = process.communicate()
    if process.returncode:
        assert isinstance(process.args, list)
        raise ToolError(process.args, process.returncode, errors.decode(errors="replace"))
    return answer


def git(repository: Path, *arguments: str) -> bytes:
    """Run git and return what it printed.

    Raises
    ------
    ToolError
        git is missing or ended with another status than 0.
    """
    return finish(start(repository, *arguments))


def find_root(folder: Path) -> Path | None:
    """Return the top of the work tree that holds a folder, None where there is none or no git."""
    real = folder.resolve()
    for place in (real, *real.parents):
        if os.path.lexists(place / ".git"):
            return place if shutil.which("git") else None
    return None


def find_common(folder: Path) -> Path:
    """Return the .git folder of a repository, the common one where it has several work trees.

    Raises
    ------
    ToolError
        Not a repository.
    """
    common = git(folder, "rev-parse", "--git-common-dir").removesuffix(b"\n")
    return (folder / os.fsdecode(common)).resolve()


def find_commit(folder: Path, ref: str) -> str:
    """Return the id of a commit.

    Raises
    ------
    SpinegateError
        No such commit.
    """
    if ref.startswith("-"):
        raise SpinegateError(f"{ref!r} is not the name of a commit")
    try:
        return (
            git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
        )
    except ToolError as error:
        raise _missing(folder, ref, error) from None


def _missing(folder: Path, ref: str, error: ToolError) -> SpinegateError:
    """Say in words why a commit can't be read: these are the names that people mistype."""
    if error.code is None or "dubious ownership" in str(error):
        return SpinegateError(f"{ref!r} can't be read from {folder}: {error}")
    if find_root(folder) is None and "not a git repository" in str(error):
        return SpinegateError(f"{folder} is not a git repository, so it has no {ref!r}")
    hint = "git branch --all lists what there is, git fetch brings what is new"
    with contextlib.suppress(ToolError):
        if git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true":
            hint = "this clone has the latest history only; git fetch --unshallow brings all"
    return SpinegateError(f"{ref!r} is not a commit of {folder}, nor a branch or tag: {hint}")


def find_merge_base(folder: Path, one: str, other: str) -> str | None:
    """Return the commit from which two commits went apart, None where they share no history."""
    try:
        return git(folder, "merge-base", one, other).decode().strip() or None
    except ToolError as error:
        if error.code == 1:
            return None
        raise


def list_commit(folder: Path, ref: str) -> list[Blob]:
    """List the files of a commit that lie in a folder, submodules left out.

    Names are relative to the folder, which may be the top of a work tree, a folder in it, or a
    bare repository.

    Raises
    ------
    SpinegateError
        No such commit.
    """
    if ref.startswith("-"):
        raise SpinegateError(f"{ref!r} is not the name of a commit")
    try:
        listing = git(folder, "ls-tree", "-r", "-z", f"{ref}^{{tree}}")
    except ToolError as error:
        raise _missing(folder, ref, error) from None
    blobs = []
    for line in listing.split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        mode, kind, oid = head.decode().split(" ")
        if kind == "blob":
            blobs.append(Blob(name, mode, oid))
    return blobs


def start_index(folder: Path) -> subprocess.Popen[bytes]:
    """Ask git for the index of a work tree; `read_index` takes the answer."""
    return start(folder, "ls-files", "-s", "-z")


def read_index(process: subprocess.Popen[bytes]) -> list[Blob]:
    """List the files of the index that lie in the folder asked for, by names relative to it.

    Submodules are left out; of a conflict one stage is listed.

    Raises
    ------
    ToolError
        Not a work tree, or one that git doesn't trust.
    """
    blobs: list[Blob] = []
    modes: dict[bytes, str] = {}
    for line in finish(process).split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        raw = head[:6]
        mode = modes.get(raw) or modes.setdefault(raw, raw.decode())
        if mode == _SUBMODULE:
            continue
        if head[-1] != _MERGED and blobs and blobs[-1].name == name:
            blobs.pop()
        blobs.append(Blob(name, mode, head[7:-2].decode()))
    return blobs


def list_untracked(folder: Path) -> list[bytes]:
    """List the files of a folder that git neither tracks nor ignores, by names relative to it."""
    return git(folder, "ls-files", "-o", "-z", "--exclude-standard").split(b"\0")[:-1]
