"""The comment that started a workflow, as GitHub tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...system.errors import SpinegateError
from ...validator.github.event import dig, load_event
from .order import Order, parse_order

_LOGIN = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_PAGE = re.compile(r"https?://[A-Za-z0-9.:/_#-]+")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request that orders something.

    Attributes
    ----------
    number
        Of the pull request.
    identity
        Of the comment.
    login, user
        Who wrote it: name and number.
    created
        When, by GitHub's clock.
    page
        Its address; "" where it is none.
    """

    number: int
    identity: int
    login: str
    user: int
    created: datetime
    page: str
    order: Order

    @property
    def marker(self) -> str:
        """What our answer begins with."""
        return f"<!-- spinegate: answer to {self.identity} -->"


def read_comment(environment: Mapping[str, str]) -> Comment | None:
    """Read the comment of this workflow run; None where it orders nothing.

    Parameters
    ----------
    environment
        ``GITHUB_EVENT_NAME`` and ``GITHUB_EVENT_PATH`` count.

    Raises
    ------
    SpinegateError
        The event isn't a comment, or isn't what GitHub writes.
    """
    path = environment.get("GITHUB_EVENT_PATH", "")
    if environment.get("GITHUB_EVENT_NAME") != "issue_comment" or not path:
        raise SpinegateError("this works in a workflow that starts on issue_comment")
    told = load_event(Path(path))
    body = dig(told, "comment", "body")
    if told.get("action") != "created" or not isinstance(body, str):
        return None
    order = parse_order(body, datetime.now(UTC).date())
    login, page = dig(told, "comment", "user", "login"), dig(told, "comment", "html_url")
    if (
        order is None
        or not isinstance(dig(told, "issue", "pull_request"), dict)
        or not isinstance(login, str)
        or not _LOGIN.fullmatch(login)  # a robot's name has brackets: nobody takes its orders
    ):
        return None
    numbers = [dig(told, *keys) for keys in (("issue", "number"), ("comment", "id"),
                                             ("comment", "user", "id"))]  # fmt: skip
    created = parse_time(dig(told, "comment", "created_at"))
    if created is None or not all(type(number) is int for number in numbers):
        raise SpinegateError("the event of this workflow is not what GitHub writes")
    number, identity, user = numbers
    page = page if isinstance(page, str) and _PAGE.fullmatch(page) else ""
    return Comment(number, identity, login, user, created, page, order)


def parse_time(text: object) -> datetime | None:
    """Read a time of GitHub's; None where it is none."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None else None
