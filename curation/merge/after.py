"""What comes after a step: the command of the next one, and what is known of one that is done."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...system.git import git
from .attest import FOLDER
from .fork import files_of

_PREFIX = "contribution/"


def how_to_accept(dataset: Path, options: Mapping[str, str | None]) -> Iterator[str]:
    """Yield the commands that show a merge and do it, with the options that were given."""
    words = ["spinegate", "curate", "merge", *([] if dataset == Path() else [str(dataset)])]
    for option, value in options.items():
        words += [option, value] if value else []
    command = shlex.join(words)
    yield f"See what its merge would do: {command}"
    yield f"Then merge and publish it: {command} --apply"


def find_accepted(repository: Path, main: str, name: str) -> str:
    """Say that a contribution was accepted, and by which commit; "" where none of this name was.

    Parameters
    ----------
    main
        The main branch's commit: it keeps a record of each contribution.
    name
        The contribution's branch; the beginning of its name is enough.
    """
    word = name.removeprefix(_PREFIX)
    known = sorted(path for path in files_of(repository, main) if path.startswith(f"{FOLDER}/"))
    names = {path.removeprefix(f"{FOLDER}/").removesuffix(".yml"): path for path in known}
    alike = [ident for ident in names if ident == word] or [
        ident for ident in names if ident.startswith(word)
    ]
    if not word or len(alike) != 1 or (name == word and _is_branch(repository, name)):
        return ""
    listing = git(
        repository, "log", "--first-parent", "--format=%H", main, "--", names[alike[0]]
    ).split()
    by = f" by the commit {listing[-1].decode()[:12]}" if listing else ""
    return f"{_PREFIX}{alike[0]} was accepted already{by}"


def _is_branch(repository: Path, name: str) -> bool:
    return bool(git(repository, "for-each-ref", f"refs/heads/{name}", f"refs/remotes/*/{name}"))


def how_to_delete(repository: Path, name: str, remote: str) -> str:
    """Return the command that deletes an accepted contribution's branch; "" where it isn't one.

    The main branch holds its commits, so nothing is lost.
    """
    if not remote or not name.startswith(_PREFIX):
        return ""
    if not git(repository, "for-each-ref", f"refs/remotes/{remote}/{name}"):
        return ""
    return shlex.join(["git", "push", remote, "--delete", name])
