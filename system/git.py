"""Plumbing calls of git: no hooks, no filters, no file system monitor, no prompts."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import SpinegateError, ToolError

_SAFE = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=off",
)
_BATCH_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    """One file as git lists it: raw name, mode in octal text, object id."""

    name: bytes
    mode: str
    oid: str


def environment() -> dict[str, str]:
    """Return the environment for git: the repository's place comes from -C alone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def command(repository: Path, *arguments: str) -> list[str]:
    """Return the argv of a git call in a repository."""
    return ["git", *_SAFE, "-C", str(repository), *arguments]


def git(repository: Path, *arguments: str) -> bytes:
    """Run git and return what it printed.

    Raises
    ------
    ToolError
        git is missing or ended with another status than 0.
    """
    argv = command(repository, *arguments)
    try:
        done = subprocess.run(
            argv, capture_output=True, env=environment(), stdin=subprocess.DEVNULL, check=False
        )
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None
    if done.returncode:
        raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout


def find_root(folder: Path) -> Path | None:
    """Return the top of the work tree that holds a folder, None where there is none or no git."""
    if not any((place / ".git").exists() for place in (folder, *folder.parents)):
        return None
    if shutil.which("git") is None:
        return None
    try:
        top = git(folder, "rev-parse", "--show-toplevel")
    except ToolError:
        return None
    return Path(os.fsdecode(top.rstrip(b"\n")))


def list_commit(repository: Path, ref: str) -> list[Blob]:
    """List the files of a commit, submodules left out."""
    if ref.startswith("-"):
        raise SpinegateError(f"{ref!r} is not the name of a commit")
    try:
        listing = git(repository, "ls-tree", "-r", "-z", "--full-tree", f"{ref}^{{tree}}")
    except ToolError as error:
        raise SpinegateError(f"{ref!r} is not a commit of {repository}: {error}") from None
    blobs = []
    for line in listing.split(b"\0")[:-1]:
        head, name = line.split(b"\t", 1)
        mode, kind, oid = head.decode().split(" ")
        if kind == "blob":
            blobs.append(Blob(name, mode, oid))
    return blobs


def list_index(repository: Path) -> list[Blob]:
    """List the files that the index of a work tree holds; of a conflict, one stage."""
    blobs: dict[bytes, Blob] = {}
    for line in git(repository, "ls-files", "-s", "-z").split(b"\0")[:-1]:
        head, name = line.split(b"\t", 1)
        mode, oid, _stage = head.decode().split(" ")
        if mode != "160000":
            blobs[name] = Blob(name, mode, oid)
    return list(blobs.values())


def list_untracked(repository: Path) -> list[bytes]:
    """List the names of files that git neither tracks nor ignores."""
    return git(repository, "ls-files", "-o", "-z", "--exclude-standard").split(b"\0")[:-1]


def read_blobs(repository: Path, oids: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
    """Read many blobs through one process.

    Parameters
    ----------
    repository
        The repository.
    oids
        Object ids, each once.
    limit
        Longest content in bytes that is handed out; of a longer one only limit + 1 bytes come.

    Yields
    ------
    tuple[str, bytes]
        Object id and content, in the order asked for; a missing object is left out.
    """
    wanted = list(oids)
    if not wanted:
        return
    argv = command(repository, "cat-file", "--batch", "--buffer")
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    assert process.stdin is not None
    assert process.stdout is not None
    question, answer = process.stdin, process.stdout

    def ask() -> None:
        try:
            question.write("\n".join(wanted).encode() + b"\n")
            question.close()
        except OSError:  # git ended early: the reader sees the short answer
            pass

    asker = threading.Thread(target=ask, daemon=True)
    asker.start()
    try:
        for oid in wanted:
            head = answer.readline().split()
            if len(head) < 3:
                if not head:
                    raise ToolError(argv, process.wait(), "the answer ended early")
                continue
            left = int(head[2])
            content = answer.read(min(left, limit + 1))
            left -= len(content)
            while left:
                left -= len(answer.read(min(left, _BATCH_LIMIT)))
            answer.read(1)
            yield oid, content
    finally:
        answer.close()
        process.terminate()
        process.wait()
        asker.join(timeout=5)
