"""git-annex, asked for single contents: their keys, where they are, and to move them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..system.errors import SpinegateError, ToolError
from ..system.git import environment, find_common, git
from ..validator.annex import object_paths

_SETTINGS = (
    # A fork's branch, if somebody fetched it, must not be believed.
    "-c", "annex.merge-annex-branches=false",
    "-c", "annex.alwayscommit=true",
    "-c", "annex.verify=true",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
)  # fmt: skip
_SHOWN = 5
_TRIES = 3
_PAUSE = 1.0  # s
T = TypeVar("T")


def find_program() -> str:
    """Return git-annex, that beside the running Python first.

    Raises
    ------
    SpinegateError
        It isn't installed.
    """
    found = shutil.which("git-annex", path=str(Path(sys.executable).parent)) or shutil.which(
        "git-annex"
    )
    if found is None:
        raise SpinegateError("git-annex is needed: pip install 'spinegate[curate]'")
    return found


def is_annex(repository: Path) -> bool:
    """Whether git-annex has been set up in this clone."""
    try:
        return bool(git(repository, "config", "--get", "annex.uuid").strip())
    except ToolError:
        return False


def run(
    repository: Path, *arguments: str, question: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run one command of git-annex, whatever its exit status."""
    program = find_program()
    folders = os.pathsep.join((str(Path(program).parent), os.environ.get("PATH", os.defpath)))
    env = {**environment(), "PATH": folders}
    for name in ("GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH"):
        env.pop(name)
    env.update(
        {k: v for k, v in os.environ.items() if k.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))}
    )
    argv = ["git", "-C", str(repository), *_SETTINGS, "annex", *arguments]
    try:
        return subprocess.run(argv, input=question, capture_output=True, check=False, env=env)
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None


def key_of_files(repository: Path, files: Sequence[Path]) -> list[str]:
    """Return the keys that files would have in this repository; "" where one can't be read."""
    if not files:
        return []
    question = b"".join(os.fsencode(path.resolve() if not path.is_symlink() else path.absolute())
                        + b"\0" for path in files)  # fmt: skip
    done = run(repository, "calckey", "--batch", "-z", question=question)
    lines = done.stdout.decode().replace("\0", "\n").split("\n")
    if len(lines) < len(files):
        raise ToolError(["git-annex", "calckey"], done.returncode, _words(done))
    return [line.strip() for line in lines[: len(files)]]


def find_here(repository: Path, keys: Iterable[str]) -> set[str]:
    """Return those of some keys whose contents are in this clone's annex."""
    store = find_common(repository)
    return {key for key in keys if any(path.is_file() for path in object_paths(store, key))}


def inject(repository: Path, files: Iterable[Path]) -> None:
    """Move files that are named as their keys into the annex; each is checked against its name.

    Raises
    ------
    SpinegateError
        A content isn't what its key says.
    """
    paths = [str(path) for path in files]
    for part in _portions(paths):
        done = run(repository, "reinject", "--guesskeys", "--json", "--json-error-messages", *part)
        _require(done, part, "git-annex can't take the contents")


def take_from(repository: Path, remote: str, keys: Iterable[str]) -> None:
    """Fetch contents from a git remote; each is checked against its key.

    Raises
    ------
    SpinegateError
        The remote hasn't got one.
    """
    for key in keys:
        done = run(repository, "transferkey", key, "--from", remote)
        if done.returncode or not find_here(repository, [key]):
            raise SpinegateError(f"{remote} doesn't give the content {key}: {_words(done)}")
        uuid = git(repository, "config", "--get", "annex.uuid").decode().strip()
        run(repository, "setpresentkey", key, uuid, "1")


def send(repository: Path, store: str, keys: Sequence[str]) -> None:
    """Copy contents to a remote; what it has already isn't sent again.

    Raises
    ------
    SpinegateError
        It doesn't take one: those that it took stay there, so a second try goes on.
    """
    if keys:
        question = "".join(f"{key}\n" for key in keys).encode()
        done = run(repository, "copy", "--to", store, "--batch-keys", "--json",
                   "--json-error-messages", question=question)  # fmt: skip
        _require(done, keys, f"{store} doesn't take the contents")


def patiently(ask: Callable[[], T]) -> T:
    """Ask a server again that refuses, a few times: it may be short of breath.

    Raises
    ------
    SpinegateError
        As it refuses the last time.
    """
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except SpinegateError:
            time.sleep(_PAUSE)
    return ask()


def check_presence(repository: Path, store: str, keys: Sequence[str]) -> list[str]:
    """Ask a remote for contents; return the keys of those that it hasn't got.

    Raises
    ------
    SpinegateError
        It doesn't answer.
    """
    if not keys:
        return []
    question = "".join(f"{key}\n" for key in keys).encode()
    done = run(repository, "checkpresentkey", "--batch", store, question=question)
    answers = done.stdout.decode().split()
    if len(answers) != len(keys) or set(answers) - {"0", "1"}:
        raise SpinegateError(f"{store} doesn't answer: {_words(done)}")
    if "0" in answers and _words(done):
        raise SpinegateError(f"{store} doesn't answer: {_words(done)}")
    return [key for key, answer in zip(keys, answers, strict=True) if answer == "0"]


def verify(repository: Path, store: str, tree: str, count: int) -> None:
    """Read back from a remote the contents of all files of a tree and compare their hashes.

    git-annex removes from the remote what it reads back damaged: have the contents here too.

    Raises
    ------
    SpinegateError
        One is missing or damaged there.
    """
    options = ("--numcopies=1", "--mincopies=1", "--json", "--json-error-messages")
    done = run(repository, "fsck", "--from", store, "--branch", tree, *options)
    _require(done, [""] * count, f"{store} doesn't give back what it was given")


def note_presence(repository: Path, keys: Iterable[str], uuid: str) -> None:
    """Note in the git-annex branch that a remote has contents, which it was just asked for."""
    question = "".join(f"{key} {uuid} 1\n" for key in keys).encode()
    if question:
        done = run(repository, "setpresentkey", "--batch", question=question)
        if done.returncode:
            raise ToolError(["git-annex", "setpresentkey"], done.returncode, _words(done))


def _require(done: subprocess.CompletedProcess[bytes], asked: Sequence[str], what: str) -> None:
    """Refuse where one of the things asked for wasn't done, or not even tried."""
    records = list(_records(done.stdout))
    failed = [record for record in records if not record.get("success")]
    if not failed and not done.returncode and len(records) >= len(asked):
        return
    tried = (
        f"of {len(asked):,} only {len(records):,} were tried" if len(records) < len(asked) else ""
    )
    told = [*_grouped(failed), *([tried] if tried else [])]
    raise SpinegateError(f"{what}: {'; '.join(told[:_SHOWN]) or _words(done)}")


def _grouped(failed: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say each reason once, with the first file or key that it is about."""
    reasons: dict[str, list[str]] = {}
    for record in failed:
        said = record.get("error-messages") or [record.get("note", "")]
        what = str(record.get("file") or record.get("key") or record.get("input"))
        words = " ".join(" ".join(map(str, said)).replace(what, "it").split())
        reasons.setdefault(words.removeprefix("it: "), []).append(what)
    for words, names in reasons.items():
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        yield f"{words} ({names[0]}{more})"


def _records(answer: bytes) -> Iterator[Mapping[str, Any]]:
    for line in answer.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "success" in record:
            yield record


def _portions(paths: list[str], size: int = 200) -> Iterator[list[str]]:
    for start in range(0, len(paths), size):
        yield paths[start : start + size]


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join(done.stderr.decode(errors="replace").split())[-600:]
