"""A release that was made, pushed: the git-annex branch first, then branch and tag at once."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from ...system.errors import SpinegateError, ToolError
from ...system.git import find_commit, git
from ..merge.accept import holds
from ..merge.place import find_remote, find_repository, refresh_main, workshop
from ..merge.talk import push, remotes_of
from ..merge.whereabouts import BRANCH, publish_whereabouts
from .tag import is_release, tag_of


def publish(dataset: Path, release: str, remote: str | None) -> str:
    """Push a release; say what was done.

    Nobody ever sees a tag without its branch, or files before what says where their contents lie.
    What is there already isn't pushed again, so a run that was stopped is simply run again.

    Raises
    ------
    SpinegateError
        There is no such release here, the remote has commits that it lacks, or refuses it.
    """
    folder = find_repository(dataset)
    branch = branch_of(folder)
    commit = _released(folder, release, branch)
    place = find_remote(folder, remote)
    if not place:
        raise SpinegateError("there is no git remote to publish at: git remote add origin ADDRESS")
    base = refresh_main(folder, place, branch)
    if not holds(folder, commit, base) and not holds(folder, base, commit):
        raise SpinegateError(
            f"{place} has commits on {branch} that {release} lacks, so it isn't published: take "
            f"it back by --undo, git pull, and make it again"
        )
    with workshop(folder, alone=True) as work:
        if has_annex(folder):
            publish_whereabouts(folder, work, place)
    tag = f"refs/tags/{release}"
    moved = [f"{commit}:refs/heads/{branch}"] if holds(folder, commit, base) else []
    refusal = push(folder, place, "--atomic", *moved, tag)
    if refusal:
        raise SpinegateError(f"{place} doesn't take {release}, neither branch nor tag: {refusal}")
    return f"Published at {place}: {branch} with {release}, and its tag."


def how_to_publish(dataset: Path, release: str) -> str:
    """Say what publishes a release, by this program and by hand."""
    where = "" if dataset == Path() else f" {quote(str(dataset))}"
    known = remotes_of(dataset)
    place = "origin" if "origin" in known or not known else known[0]
    first = f"git push {place} git-annex && " if has_annex(dataset) else ""
    return (
        f"Nothing is pushed yet. spinegate curate release {release}{where} --publish does it; by "
        f"hand: {first}git push --atomic {place} {branch_of(dataset)} {release}. Before that, "
        "--undo takes it back."
    )


def branch_of(folder: Path) -> str:
    """Return the name of the branch that is checked out.

    Raises
    ------
    SpinegateError
        None is.
    """
    try:
        return git(folder, "symbolic-ref", "--quiet", "--short", "HEAD").decode().strip()
    except ToolError:
        raise SpinegateError("no branch is checked out: git switch to the main one") from None


def has_annex(folder: Path) -> bool:
    """Whether there is a git-annex branch here."""
    return bool(git(folder, "for-each-ref", BRANCH))


def _released(folder: Path, release: str, branch: str) -> str:
    if not tag_of(folder, release):
        raise SpinegateError(f"there is no release {release} here yet: --apply makes it")
    commit = find_commit(folder, f"refs/tags/{release}")
    if not is_release(folder, commit, release):
        raise SpinegateError(f"the tag {release} is none that spinegate made: push it yourself")
    if not holds(folder, find_commit(folder, "HEAD"), commit):
        raise SpinegateError(f"{release} isn't on {branch}, which is checked out: git switch")
    return commit
