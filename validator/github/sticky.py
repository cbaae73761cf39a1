"""One comment of ours in a conversation: found, written, updated in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api import Client


def find_own(client: Client, number: int, marker: str, author: str) -> Mapping[str, Any] | None:
    """Return our comment: it begins with the marker, and we wrote it.

    Anybody can write the marker; only we can write it under our name.
    """
    for comment in client.pages(f"/issues/{number}/comments"):
        if is_own(comment, marker, author) and type(comment.get("id")) is int:
            return comment
    return None


def is_own(item: Mapping[str, Any], marker: str, author: str) -> bool:
    """Whether we wrote a comment or an issue, and its text begins with the marker."""
    user, body = item.get("user"), item.get("body")
    return (
        isinstance(user, dict)
        and user.get("login") == author
        and isinstance(body, str)
        and body.startswith(marker)
    )


def write_comment(client: Client, number: int, found: Mapping[str, Any] | None, body: str) -> str:
    """Update the comment, or write it; say what was done."""
    if found is None:
        client.send("POST", f"/issues/{number}/comments", body=body)
        return f"commented on #{number}"
    if str(found["body"]).replace("\r\n", "\n").strip() == body.strip():
        return f"the comment on #{number} says so already"
    client.send("PATCH", f"/issues/comments/{found['id']}", body=body)
    return f"updated the comment on #{number}"
