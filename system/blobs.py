"""Many objects of a git repository, read through one process or a few."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from .errors import ToolError
from .git import start

_PIPED = 4 * 1024 * 1024  # of a longer rest it is cheaper to start git anew
_FAILURES = 20


def read_blobs(repository: Path, oids: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
    """Read many objects.

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
        Object id and content, in the order asked for; a missing or corrupt object is left out.

    Raises
    ------
    ToolError
        git is missing, or fails again and again.
    """
    rest = list(oids)
    failures = 0
    while rest:
        done = 0
        for oid, content in _read_batch(repository, rest, limit):
            done += 1
            if content is not None:
                yield oid, content
        if not done:  # git gave up at a corrupt object
            failures += 1
            if failures > _FAILURES:
                raise ToolError(["git", "cat-file"], 128, f"{rest[0]} and others are corrupt")
        rest = rest[max(done, 1) :]


def _read_batch(
    repository: Path, wanted: list[str], limit: int
) -> Iterator[tuple[str, bytes | None]]:
    """Yield contents until git ends, or until a large one would have to be read to its end."""
    process = start(repository, "cat-file", "--batch", "--buffer", ask=True)
    assert process.stdin is not None
    assert process.stdout is not None
    question, answer = process.stdin, process.stdout

    def ask() -> None:
        with suppress(OSError), question:  # git ended early: the reader sees the short answer
            question.write("\n".join(wanted).encode() + b"\n")

    asker = threading.Thread(target=ask, daemon=True)
    asker.start()
    try:
        for oid in wanted:
            head = answer.readline().split()
            if not head:
                return
            if len(head) < 3:
                yield oid, None
                continue
            size = int(head[2])
            content = answer.read(min(size, limit + 1))
            if len(content) < min(size, limit + 1):
                return
            yield oid, content
            if size - len(content) > _PIPED:
                return
            answer.read(size - len(content) + 1)
    finally:
        answer.close()
        process.terminate()
        process.wait()
        asker.join(timeout=5)
