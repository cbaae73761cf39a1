"""The two sides of a pull request in a folder of our own, its files exactly as git has them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ...system.errors import SpinegateError
from ...system.git import find_commit, git
from ...validator.github.fetch import ask_server, fetch_branch, server_of
from .admit import MovedError, Pull

_OWN = "refs/spinegate/head"
# Of all attributes files this one has the last word: no filter is run, no line end changed.
_ATTRIBUTES = "* -filter -text -ident -working-tree-encoding -eol\n"
_QUIET = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")


def clone_pull(
    folder: Path, environment: Mapping[str, str], repository: str, pull: Pull, token: str
) -> str:
    """Fetch base and head of a pull request, and check the head out.

    No hook, filter or submodule takes part, and nothing that is checked out is run.

    Parameters
    ----------
    folder
        It is made, with the branch ``spinegate`` at the head.
    environment
        ``GITHUB_SERVER_URL`` says where repositories are.
    repository
        The one that has the pull request.
    token
        Reads it, should it be private.

    Returns
    -------
    str
        The tip of the base.

    Raises
    ------
    MovedError
        The head is another one by now.
    SpinegateError
        The server can't be reached, or the files can't be written.
    """
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--template=")
    (folder / ".git" / "info").mkdir()
    (folder / ".git" / "info" / "attributes").write_text(_ATTRIBUTES, encoding="ascii")
    base = f"refs/remotes/origin/{pull.base}"
    fetch_head(folder, environment, repository, pull, token, f"+refs/heads/{pull.base}:{base}")
    for name, remote, secret in ((repository, "origin", token), (pull.repository, "fork", "")):
        if remote == "origin" or name != repository:
            with suppress(SpinegateError):  # the report says then that the branch is missing
                fetch_branch(folder, environment, name, remote, secret)
    git(folder, "checkout", "--quiet", "--no-recurse-submodules", "-B", "spinegate", pull.head)
    return find_commit(folder, base)


def fetch_head(
    folder: Path,
    environment: Mapping[str, str],
    repository: str,
    pull: Pull,
    token: str,
    *more: str,
) -> None:
    """Fetch the head of a pull request, from where GitHub keeps it.

    Parameters
    ----------
    more
        What else is fetched, and options of the fetch.

    Raises
    ------
    MovedError
        It is another commit by now.
    """
    server = server_of(environment)
    head = f"+refs/pull/{pull.number}/head:{_OWN}"
    address = f"{server}/{repository}"
    ask_server(folder, server, token, "fetch", *_QUIET, address, head, *more)
    if find_commit(folder, _OWN) != pull.head:
        raise MovedError("new commits came while this was at work: look at them, then order again")
