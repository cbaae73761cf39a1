"""The tag of a release, and how an unpublished release is taken back."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import find_commit, git
from ..apply import undo
from ..git_index import ask
from ..place import find_place
from ..stopped import interrupted
from ..transaction import phase_of, read_moves
from .history import head_of, read_commit

TRAILER = "Spinegate-Release"
_SECONDS = 60
_PEOPLE = ("GIT_AUTHOR_", "GIT_COMMITTER_")
_TRAILERS = re.compile(r"\n\n(?:[A-Za-z-]+: [^\n]*\n?)+\Z")


def is_release(folder: Path, commit: str, release: str) -> bool:
    """Whether a commit is the one that a release made."""
    lines = read_commit(folder, commit).splitlines()
    return f"{TRAILER}: {release}" in lines


def made_here(folder: Path) -> str:
    """Return the commit that the last run of a command made: a message alone proves nothing."""
    place = find_place(folder)
    noted = read_moves(place).commit if phase_of(place) == "done" else None
    return noted.new if noted is not None else ""


def tag_of(folder: Path, release: str) -> str:
    """Return the id of the tag of this name; "" where there is none."""
    try:
        name = f"refs/tags/{release}"
        return git(folder, "rev-parse", "--verify", "--quiet", name).decode().strip()
    except ToolError:
        return ""


def put_tag(folder: Path, release: str, commit: str) -> None:
    """Make the annotated tag of a release's commit; it says what the commit says.

    Raises
    ------
    SpinegateError
        There is such a tag, or git can't make it.
    """
    message = _TRAILERS.sub("\n", read_commit(folder, commit).rstrip("\n"))
    body = message.partition("\n\n")[2].strip()
    people = {key: value for key, value in os.environ.items() if key.startswith(_PEOPLE)}
    text = f"Release {release}\n\n{body}\n"
    try:
        ask(
            folder, text.encode(), "-c", "tag.gpgSign=false", "tag", "--annotate",
            "--cleanup=whitespace", "--file=-", release, commit, settings=people,
        )  # fmt: skip
    except ToolError as error:
        raise SpinegateError(
            f"the release is committed, and the tag {release} can't be made: "
            f"{error.stderr.strip()}; the same command again makes it"
        ) from None


def stopped_at(folder: Path, release: str) -> str:
    """Return the commit of a release whose command was stopped half-way; "" where none was."""
    place = find_place(folder)
    if phase_of(place) in ("", "done"):
        return ""
    noted = read_moves(place).commit
    if noted is None or f"{TRAILER}: {release}" not in noted.message.splitlines():
        raise SpinegateError(interrupted(place))
    return noted.new


def take_back(folder: Path, release: str) -> str:
    """Delete a release's tag and commit where nobody has them yet; say what was done.

    Raises
    ------
    SpinegateError
        It was pushed, a remote can't be asked, or other commits followed.
    """
    stopped = stopped_at(folder, release)
    if stopped:
        _require_unpublished(folder, release, stopped)
        undo(folder)
        return _drop(folder, release, stopped)
    head = head_of(folder)
    commit = _release_commit(folder, head, release)
    tagged = tag_of(folder, release)
    if not commit:
        if tagged:
            raise SpinegateError(
                f"other commits came after {release}: nothing is taken back; git tag -d and "
                "git revert are for people who know what follows"
            )
        raise SpinegateError(f"there is no release {release} to take back")
    if tagged and find_commit(folder, f"refs/tags/{release}") != commit:
        raise SpinegateError(f"the tag {release} names another commit: nothing is taken back")
    _require_unpublished(folder, release, commit)
    if head == commit and made_here(folder) != commit:
        raise SpinegateError(
            f"other commands were run since: git tag -d {release}, then git revert {commit[:12]}"
        )
    if tagged:
        git(folder, "update-ref", "-d", f"refs/tags/{release}", tagged)
    if head == commit:
        undo(folder)
    return _drop(folder, release, commit)


def _drop(folder: Path, release: str, commit: str) -> str:
    """Leave out the release and its inverse, if nothing else came after."""
    head, before = head_of(folder), find_commit(folder, f"{commit}^")
    if head == before:
        return f"Nothing is left of {release}."
    same = _tree(folder, head) == _tree(folder, before)
    if not same or find_commit(folder, f"{head}^") != commit:
        return f"The tag {release} is deleted and its commit reverted."
    branch = git(folder, "symbolic-ref", "HEAD").decode().strip()
    note = f"spinegate: release {release} taken back"
    git(folder, "update-ref", "--create-reflog", "-m", note, branch, before, head)
    return f"The tag {release} and its commit are gone; {before[:12]} is checked out again."


def _release_commit(folder: Path, head: str, release: str) -> str:
    """Return the release's commit: the last one, or the one before its inverse."""
    for ref in (head, f"{head}^"):
        try:
            commit = find_commit(folder, ref)
        except SpinegateError:
            return ""
        if is_release(folder, commit, release):
            inverse = f"This reverts commit {commit}." in read_commit(folder, head)
            return commit if ref == head or inverse else ""
    return ""


def published_at(folder: Path, release: str) -> str:
    """Return the git remote that has a release, both its commit and its tag; "" for none.

    A remote that can't be reached counts as one that hasn't got it.
    """
    if not tag_of(folder, release):
        return ""
    commit = find_commit(folder, f"refs/tags/{release}")
    if not is_release(folder, commit, release):
        return ""
    remotes = dict.fromkeys(ref.partition("/")[0] for ref in _pushed(folder, commit))
    return next((remote for remote in remotes if _asked(folder, remote, release)), "")


def _pushed(folder: Path, commit: str) -> list[str]:
    """Return the remotes' branches that hold a commit, as far as is known here."""
    known = git(
        folder, "for-each-ref", "--contains", commit, "--format=%(refname)", "refs/remotes"
    )
    return [ref.removeprefix("refs/remotes/") for ref in known.decode(errors="replace").split()]


def _require_unpublished(folder: Path, release: str, commit: str) -> None:
    if known := _pushed(folder, commit):
        where = known[0]
        raise SpinegateError(
            f"{release} was pushed ({where}) and others may have it: make another release instead"
        )
    for remote in git(folder, "remote").decode(errors="replace").split():
        has = _asked(folder, remote, release)
        if has is None:
            raise SpinegateError(
                f"{remote} doesn't say whether it has {release}, so nothing is taken back: try "
                "again when it can be reached"
            )
        if has:
            raise SpinegateError(
                f"{remote} has the tag {release} and others may have it: make another release "
                "instead"
            )


def _asked(folder: Path, remote: str, release: str) -> bool | None:
    """Ask a remote of git for the tag, None if it can't be; git-annex's special ones have none."""
    try:
        git(folder, "config", "--get", f"remote.{remote}.url")
    except ToolError:
        return False
    argv = ["git", "-C", str(folder), "-c", "core.hooksPath=/dev/null", "ls-remote", "--tags",
            "--", remote, f"refs/tags/{release}"]  # fmt: skip
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or "SSH" in k}
    try:
        done = subprocess.run(
            argv, capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL,
            env={**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        return None
    return bool(done.stdout.strip())


def _tree(folder: Path, commit: str) -> str:
    return git(folder, "rev-parse", f"{commit}^{{tree}}").decode().strip()
