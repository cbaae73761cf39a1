"""git over the network: fetch and push, by the protocols that move data and no others."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import command, environment, git

_PROTOCOLS = "file:git:http:https:ssh"


def remotes_of(repository: Path) -> tuple[str, ...]:
    """Return the names of a repository's git remotes: those that have an address."""
    try:
        listing = git(
            repository, "config", "--null", "--name-only", "--get-regexp", r"^remote\..*\.url$"
        )
    except ToolError:
        return ()
    names = (name.removeprefix("remote.").removesuffix(".url")
             for name in listing.decode(errors="replace").split("\0") if name)  # fmt: skip
    return tuple(dict.fromkeys(names))


def fetch(repository: Path, remote: str, *specs: str) -> None:
    """Fetch these refs and nothing else.

    Raises
    ------
    SpinegateError
        The remote can't be reached, or hasn't got them.
    """
    quiet = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    done = talk(repository, "fetch", *quiet, remote, *specs)
    if done.returncode:
        raise SpinegateError(f"{remote} gave nothing: {_words(done)}")


def push(repository: Path, remote: str, *specs: str) -> str:
    """Push; return why the remote refuses, "" where it took all."""
    done = talk(repository, "push", "--quiet", "--no-verify", remote, *specs)
    return (_words(done) or "no reason given") if done.returncode else ""


def talk(repository: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git with the network."""
    argv = command(repository, *arguments)
    env = {**environment(), "GIT_ALLOW_PROTOCOL": _PROTOCOLS}
    try:
        return subprocess.run(argv, capture_output=True, check=False, env=env,
                              stdin=subprocess.DEVNULL)  # fmt: skip
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace").strip()[-1000:]
