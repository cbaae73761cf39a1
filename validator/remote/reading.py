"""The location logs of all git-annex branches at hand, read while other things are done."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Thread
from typing import IO

from ...system.errors import SpinegateError, ToolError
from ...system.git import command, environment
from .knowledge import Knowledge, Logs, make_knowledge
from .refs import Refs, find_refs

_LIMIT = 512 * 1024 * 1024
_PAUSE = 0.02
_TOO_LARGE = "the git-annex branch is too large to be read"
_MISSING = "this clone lacks files of the git-annex branch"
_FAILED = "git can't read the repository"


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
    answer: list[Callable[[], Knowledge]] = []
    thread = Thread(target=lambda: answer.append(_read(folder, base)), daemon=True)
    thread.start()

    @cache
    def wait() -> Knowledge:
        thread.join()
        return answer[0]() if answer else Knowledge(reason=_FAILED)

    return wait


@dataclass(frozen=True, slots=True)
class _Printed:
    """Logs as git prints them: what differs from those of another branch, if there is one.

    They are taken apart by who waits for them: of two threads that compute, both are slower.
    """

    names: tuple[bytes, ...]
    content: bytes
    gone: frozenset[bytes] = frozenset()
    first: _Printed | None = None
    _logs: dict[bytes, bytes] = field(default_factory=dict)

    def logs(self) -> Logs:
        """Return the logs by their names."""
        if not self._logs:
            if self.first is not None:
                self._logs.update(self.first.logs())
            for name in self.gone:
                self._logs.pop(name, None)
            self._logs.update(_split(self.content, self.names))
        return self._logs


def _read(folder: Path, base: str | None) -> Callable[[], Knowledge]:
    try:
        refs = find_refs(folder, base)
        printed = dict(_print(folder, refs))
    except (ToolError, OSError):  # no repository, no room for its answer
        return lambda: Knowledge(reason=_FAILED)
    except SpinegateError as error:
        reason = str(error)
        return lambda: Knowledge(reason=reason)
    return lambda: _make(folder, refs, printed)


def _make(folder: Path, refs: Refs, printed: Mapping[str, _Printed]) -> Knowledge:
    """Put together what was printed.

    What can't be read of a branch that isn't trusted is as if there were no such branch: else a
    stranger's could hide what the others say.
    """
    contents: dict[str, Logs] = {}
    for ref, one in printed.items():
        try:
            contents[ref] = one.logs()
        except SpinegateError as error:
            if ref in refs.trusted:
                return Knowledge(reason=str(error))
    return make_knowledge(folder, refs, contents)


def _print(folder: Path, refs: Refs) -> Iterator[tuple[str, _Printed]]:
    """Yield each branch's logs: the first whole, of the others what differs from it."""
    known: dict[str, _Printed] = {}
    for ref in (*refs.trusted, *refs.others):
        tree = refs.trees[ref]
        try:
            if tree not in known:
                known[tree] = _print_tree(folder, tree, known)
        except SpinegateError:
            if ref in refs.trusted:
                raise
            continue
        yield ref, known[tree]


def _print_tree(folder: Path, tree: str, known: Mapping[str, _Printed]) -> _Printed:
    for first, printed in known.items():
        return _differing(folder, printed, first, tree)
    lines = _ask(folder, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")
    # "100644 blob ID", a tab, the path: tens of thousands of them.
    oids = {
        line[line.rfind(b"/") + 1 :]: line[12 : line.index(b"\t")]
        for line in lines
        if line.endswith(b".log") and b"/" in line
    }
    for line in lines:
        if b"/" not in line and line.endswith(b".log"):
            oids[_name(line[line.index(b"\t") + 1 :])] = line[12 : line.index(b"\t")]
    return _Printed(tuple(oids), _read_all(folder, list(oids.values())))


def _differing(folder: Path, printed: _Printed, first: str, tree: str) -> _Printed:
    answer = _ask(folder, "diff-tree", "-r", "-z", "--no-renames", first, tree)
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
    content = _read_all(folder, list(oids.values()))
    return _Printed(tuple(oids), content, frozenset(gone), printed)


def _name(path: bytes) -> bytes:
    """Return a log's own name; those of the whole repository, at the top, get a slash."""
    place = path.rfind(b"/")
    return path[place + 1 :] if place >= 0 else b"/" + path


def _read_all(folder: Path, oids: list[bytes]) -> bytes:
    batch = ("cat-file", "--batch=%(objectsize)", "--buffer")
    if not oids:
        return b""
    try:
        # Of a clone without contents git would try to get each in vain: so one of them first.
        if not _ask(folder, *batch, question=oids[0]).split(b"\n")[0].isdigit():
            raise SpinegateError(_MISSING)
        return _ask(folder, *batch, question=b"\n".join(oids))
    except ToolError:
        raise SpinegateError(_MISSING) from None


def _split(content: bytes, names: tuple[bytes, ...]) -> dict[bytes, bytes]:
    """Take apart what git prints; all must be there, else a key would seem to be unknown."""
    logs: dict[bytes, bytes] = {}
    place, find = 0, content.find
    try:
        for name in names:
            start = find(b"\n", place) + 1
            place = start + int(content[place:start])
            logs[name] = content[start:place]
            place += 1
    except ValueError:
        raise SpinegateError(_MISSING) from None
    return logs


def _ask(folder: Path, *arguments: str, question: bytes = b"") -> bytes:
    """Run git; its answer goes through a file, so that nobody has to wake up for each part."""
    argv = command(folder, *arguments)
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answer:
        asked.write(question + b"\n")
        asked.seek(0)
        try:
            process = subprocess.Popen(
                argv, stdin=asked, stdout=answer, stderr=subprocess.DEVNULL, env=environment()
            )
        except OSError as error:
            raise ToolError(argv, None, str(error)) from None
        with process:
            _wait(process, answer)
        if process.returncode:
            raise ToolError(argv, process.returncode, "")
        answer.seek(0)
        content = answer.read(_LIMIT + 1)
    if len(content) > _LIMIT:
        raise SpinegateError(_TOO_LARGE)
    return content


def _wait(process: subprocess.Popen[bytes], answer: IO[bytes]) -> None:
    """Wait for git, unless it says more than is good for the memory."""
    while True:
        try:
            process.wait(_PAUSE)
            return
        except subprocess.TimeoutExpired:
            if os.fstat(answer.fileno()).st_size > _LIMIT:
                process.kill()
                raise SpinegateError(_TOO_LARGE) from None
