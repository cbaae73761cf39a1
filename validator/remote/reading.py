"""The location logs of all git-annex branches at hand, read while other things are done."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import IO

from ...system.errors import SpinegateError, ToolError
from ...system.git import command, environment, start
from .knowledge import Knowledge, Logs, make_knowledge
from .refs import Refs, find_refs

_LIMIT = 512 * 1024 * 1024
_TOO_LARGE = "the git-annex branch is too large to be read"
_MISSING = "this clone lacks files of the git-annex branch"


def read_knowledge(folder: Path, base: str | None = None) -> Knowledge:
    """Read what the git-annex branches of a repository know; see `start_reading`."""
    return start_reading(folder, base)()


def start_reading(folder: Path, base: str | None = None) -> Callable[[], Knowledge]:
    """Begin to read what the git-annex branches of a repository know.

    Parameters
    ----------
    folder
        A folder of the repository, or its .git folder; there may be none.
    base
        What a change is compared with; see `find_refs`.

    Returns
    -------
    Callable[[], Knowledge]
        Waits for the answer, and gives it as often as it is asked for.
    """
    answer: list[Knowledge] = []
    thread = Thread(target=lambda: answer.append(_read(folder, base)), daemon=True)
    thread.start()

    def wait() -> Knowledge:
        thread.join()
        return answer[0] if answer else Knowledge(reason="the git-annex branch can't be read")

    return wait


def _read(folder: Path, base: str | None) -> Knowledge:
    try:
        refs = find_refs(folder, base)
        return make_knowledge(folder, refs, dict(_contents(folder, refs)))
    except ToolError:
        return Knowledge(reason="git can't read the repository")
    except SpinegateError as error:
        return Knowledge(reason=str(error))


def _contents(folder: Path, refs: Refs) -> Iterator[tuple[str, Logs]]:
    """Yield each branch's logs: the first whole, of the others what differs from it.

    What can't be read of a branch that isn't trusted is as if there were no such branch: else a
    stranger's could hide what the others say.
    """
    known: dict[str, Logs] = {}
    for ref in (*refs.trusted, *refs.others):
        tree = refs.trees[ref]
        try:
            if tree not in known:
                known[tree] = _logs(folder, tree, known)
        except SpinegateError:
            if ref in refs.trusted:
                raise
            continue
        yield ref, known[tree]


def _logs(folder: Path, tree: str, known: Mapping[str, Logs]) -> Logs:
    for first, logs in known.items():
        return _differing(folder, logs, first, tree)
    return _whole(folder, tree)


def _whole(folder: Path, tree: str) -> Logs:
    listing = _ask(folder, "ls-tree", "-r", "-z", tree)
    oids: dict[bytes, bytes] = {}
    for line in listing.split(b"\0"):
        if line.endswith(b".log"):
            head, _, path = line.partition(b"\t")
            oids[_name(path)] = head[12:]  # after "100644 blob "
    return _read_all(folder, oids)


def _differing(folder: Path, first: Logs, one: str, other: str) -> Logs:
    answer = _ask(folder, "diff-tree", "-r", "-z", "--no-renames", one, other)
    words = answer.split(b"\0")
    oids: dict[bytes, bytes] = {}
    gone: set[bytes] = set()
    for head, path in zip(words[0::2], words[1::2], strict=False):
        if path.endswith(b".log"):
            facts = head.split(b" ")
            if facts[-1] == b"D":
                gone.add(_name(path))
            else:
                oids[_name(path)] = facts[3]
    changed = _read_all(folder, oids)
    return {k: v for k, v in {**first, **changed}.items() if k not in gone or k in changed}


def _name(path: bytes) -> bytes:
    """Return a log's own name; those of the whole repository, at the top, keep a slash."""
    folder, slash, name = path.rpartition(b"/")
    return name if folder else b"/" + name if not slash else path


def _read_all(folder: Path, oids: Mapping[bytes, bytes]) -> Logs:
    """Read logs; all of them must be there, else a key would seem to be unknown."""
    if not oids:
        return {}
    with tempfile.TemporaryFile() as question:
        question.write(b"\n".join(oids.values()) + b"\n")
        question.seek(0)
        process = _start_batch(folder, question)
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first.strip().isdigit():  # a clone without contents, where git tries each in vain
            process.kill()
        answer = first + _take(process)
    found = dict(_split(answer, oids))
    if len(found) < len(oids):
        raise SpinegateError(_MISSING)
    return found


def _start_batch(folder: Path, question: IO[bytes]) -> subprocess.Popen[bytes]:
    argv = command(folder, "cat-file", "--batch=%(objectsize)", "--buffer")
    try:
        return subprocess.Popen(
            argv,
            stdin=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None


def _split(answer: bytes, names: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    place, find = 0, answer.find
    for name in names:
        end = find(b"\n", place)
        head = answer[place:end]
        if not head.isdigit():
            return
        place = end + 1
        after = place + int(head)
        if after >= len(answer):
            return
        yield name, answer[place:after]
        place = after + 1


def _ask(folder: Path, *arguments: str) -> bytes:
    process = start(folder, *arguments)
    answer = _take(process)
    if process.returncode:
        raise ToolError(["git", *arguments], process.returncode, "")
    return answer


def _take(process: subprocess.Popen[bytes]) -> bytes:
    """Read all that a process prints, unless that is more than is good for the memory."""
    assert process.stdout is not None
    with process:
        content = process.stdout.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            process.kill()
    if len(content) > _LIMIT:
        raise SpinegateError(_TOO_LARGE)
    return content
