"""A patch made into a commit and pushed, in a bare repository: no file is ever checked out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError, ToolError
from ...system.git import find_commit, git
from ...validator.annex import LINK_LIMIT, link_key
from ...validator.github.fetch import ask_server, server_of
from ...validator.settings import IGNORE, SETTINGS
from ...validator.tree import EXECUTABLE, FILE, LINK
from ..git_index import ask
from .admit import MovedError, Pull

_NONE = "000000"
_TOOLS = ".git", ".datalad", ".lfsconfig"
_BEHIND = re.compile(r"^ ! \[rejected\]", re.MULTILINE)
_REMOTE = re.compile(r"^(?:remote|fatal|error):(?: error:)? *(\S.*?)\.? *$", re.MULTILINE)


class RefusedError(SpinegateError):
    """The branch may not be written to."""


def commit_patch(
    repository: Path, patch: bytes, head: str, message: str, people: Mapping[str, str]
) -> str:
    """Make the commit of a patch.

    Raises
    ------
    SpinegateError
        It doesn't fit onto the head, or touches what no order of a comment may touch.
    """
    index = {"GIT_INDEX_FILE": str(repository / "patch.index")}
    try:
        ask(repository, b"", "read-tree", head, settings=index)
        ask(repository, patch, "apply", "--cached", "--whitespace=nowarn", settings=index)
        tree = ask(repository, b"", "write-tree", settings=index).decode().strip()
    except ToolError as error:
        raise SpinegateError(f"the change doesn't fit onto {head[:10]}: {error}") from None
    _require_modest(repository, head, tree)
    argv = ("commit-tree", tree, "-p", head)
    return ask(repository, message.encode(), *argv, settings=people).decode().strip()


def count_files(repository: Path, commit: str) -> int:
    """Count the files that a commit changes; a renamed one once."""
    argv = ("diff-tree", "-r", "-z", "--no-commit-id", "--name-only", "-M", "-l0", commit)
    return git(repository, *argv).count(b"\0")


def push(
    repository: Path, environment: Mapping[str, str], pull: Pull, commit: str, token: str
) -> None:
    """Push a commit to the branch of a pull request, onto its head and nothing else.

    Raises
    ------
    MovedError
        The branch has other commits by now.
    RefusedError
        It may not be written to.
    """
    if pull.closed:
        raise RefusedError(pull.closed)
    server = server_of(environment)
    address = f"{server}/{pull.repository}"
    branch = f"refs/heads/{pull.branch}"
    target = f"{commit}:{branch}"
    # A branch that was deleted, or set back since, doesn't get again what it had.
    lease = f"--force-with-lease={branch}:{find_commit(repository, f'{commit}^')}"
    try:
        ask_server(repository, server, token, "push", "--no-verify", lease, address, target)
    except ToolError as error:
        if _BEHIND.search(error.stderr):
            raise MovedError(
                "new commits came while this was at work: look at them, then order again in a "
                "new comment"
            ) from None
        told = _REMOTE.search(error.stderr)
        words = f": {told[1]}" if told else ""
        raise RefusedError(f"{pull.repository} refuses it{words}") from None


def _require_modest(repository: Path, head: str, tree: str) -> None:
    """Refuse what the plans of `change` never hold, whoever made the patch.

    Nothing of git, DataLad or GitHub, no settings of the check, no submodule, no link but one
    into the annex.
    """
    records = git(repository, "diff-tree", "-r", "-z", "--no-renames", head, tree).split(b"\0")
    links: dict[str, str] = {}
    former = set()
    for told, raw in zip(records[:-1:2], records[1::2], strict=True):
        before, after, old, oid, _ = told.decode().removeprefix(":").split(" ")
        path = os.fsdecode(raw)
        parts = path.casefold().split("/")
        if any(part.startswith(_TOOLS) for part in parts) or parts[-1] in (SETTINGS, IGNORE):
            raise SpinegateError(
                f"the change touches {path!a}, which only a person may do: make it in a clone, "
                "with spinegate curate"
            )
        if after not in (FILE, EXECUTABLE, LINK, _NONE):
            raise SpinegateError(f"the change makes {path!a} something else than a file")
        if before == LINK:
            former.add(old)
        if after == LINK:
            links[oid] = path
    new = [oid for oid in links if oid not in former]  # others have got another name
    for oid, target in read_blobs(repository, new, LINK_LIMIT):
        if link_key(target or b"") is None:
            raise SpinegateError(f"the change makes {links[oid]!a} a link out of the annex")
