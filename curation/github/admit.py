"""Who may order, and on what: asked of GitHub, never taken from the event or the pull request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...system.errors import SpinegateError
from ...validator.github.api import BOT, Client, GitHubError, connect
from ...validator.github.event import check_repository, dig
from .comment import Comment, parse_time, read_comment

_MANAGERS = ("admin", "maintain", "write")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = re.compile(r"[^\s:~^?*\[\\\x00-\x1f\x7f]{1,250}")


class MovedError(SpinegateError):
    """The pull request isn't what the manager has seen."""


@dataclass(frozen=True, slots=True)
class Pull:
    """An open pull request.

    Attributes
    ----------
    head, branch, repository
        Its newest commit, the branch that has it, and the branch's repository: ours, or a fork.
    base
        The branch that it goes into.
    pushed
        When anything was last pushed to the repository, by GitHub's clock; None: not known.
    closed
        Why its branch can't be written to; "" where nothing is known against it.
    """

    number: int
    head: str
    branch: str
    repository: str
    base: str
    pushed: datetime | None = None
    closed: str = ""


def find_order(environment: Mapping[str, str], needs: str) -> tuple[Client, Comment] | str:
    """Return what a manager has ordered in the comment of this workflow run, or why it is nothing.

    Parameters
    ----------
    needs
        The permission that the job must have.

    Raises
    ------
    SpinegateError
        The event can't be read, or GitHub doesn't answer.
    """
    comment = read_comment(environment)
    if comment is None:
        return "the comment orders nothing"
    client = connect(None, needs)
    if not is_manager(client, comment):
        return f"{comment.login} may not write to {client.repository}: no answer"
    return client, comment


def is_manager(client: Client, comment: Comment) -> bool:
    """Whether the comment's author may write to the repository, by GitHub's word of now."""
    try:
        told = client.get(f"/collaborators/{comment.login}/permission")
    except GitHubError as error:
        if error.status == 404:
            return False
        raise
    # a name may have gone to somebody else since
    return dig(told, "permission") in _MANAGERS and dig(told, "user", "id") == comment.user


def read_pull(client: Client, comment: Comment) -> Pull:
    """Return the pull request that is commented on.

    Raises
    ------
    SpinegateError
        It is closed, its fork is gone, or GitHub doesn't tell.
    """
    told = client.get(f"/pulls/{comment.number}")
    if dig(told, "state") != "open":
        raise SpinegateError("this pull request is closed: open it again, then order again")
    head, branch = dig(told, "head", "sha"), dig(told, "head", "ref")
    repository, base = dig(told, "head", "repo", "full_name"), dig(told, "base", "ref")
    if not isinstance(repository, str):
        raise SpinegateError("the fork that this pull request came from is gone")
    if not all(
        isinstance(text, str) and pattern.fullmatch(text)
        for text, pattern in ((head, _COMMIT), (branch, _BRANCH), (base, _BRANCH))
    ):
        raise SpinegateError("GitHub's answer doesn't describe a pull request")
    closed = ""
    if repository.casefold() != client.repository.casefold():
        if dig(told, "maintainer_can_modify") is not True:
            closed = "the fork's owner doesn't let maintainers edit it"
    elif branch in (dig(told, "head", "repo", "default_branch"), "git-annex"):
        closed = f"{branch} is no branch for one change"
    pushed = parse_time(dig(told, "head", "repo", "pushed_at"))
    repository = check_repository(repository)
    return Pull(comment.number, head, branch, repository, base, pushed, closed)


def require_unmoved(client: Client, pull: Pull, comment: Comment) -> None:
    """Refuse a branch that was pushed to since the comment: its author hasn't seen that.

    Commits name any time that their author likes. So GitHub's own counts: that of the last push
    to the repository, and where that is newer, of the last one to this branch.

    Raises
    ------
    MovedError
        It was, or that can't be known.
    """
    if pull.pushed is not None and pull.pushed < comment.created:
        return
    try:
        last = _last_push(client, pull)
    except GitHubError as error:
        raise MovedError(
            f"it can't be known whether {pull.branch} has changed since the comment: {error}"
        ) from None
    pushed = parse_time(dig(last, "timestamp"))
    if pushed is None or pushed >= comment.created or dig(last, "after") != pull.head:
        raise MovedError(
            f"the branch {pull.branch} has got new commits since the comment was written: look at "
            "them, then order again in a new comment"
        )


def is_pushed_by(client: Client, pull: Pull, login: str) -> bool:
    """Whether it was this account of ours that pushed the head, by GitHub's word.

    In a fork the account of all workflows is that of the fork's own ones, too.
    """
    if login == BOT and pull.repository.casefold() != client.repository.casefold():
        return False
    try:
        last = _last_push(client, pull)
    except GitHubError:
        return False
    return bool(dig(last, "after") == pull.head and dig(last, "actor", "login") == login)


def _last_push(client: Client, pull: Pull) -> Any:
    owner = replace(client, repository=pull.repository)
    listed = owner.get("/activity", ref=f"refs/heads/{pull.branch}", per_page=1)
    return listed[0] if isinstance(listed, list) and listed else None
