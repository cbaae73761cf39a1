"""The event that started a workflow, as GitHub tells it: whose commits, which repository."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.errors import ConfigError, SpinegateError

_LONGEST = 32 * 1024 * 1024
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_REPOSITORY = re.compile(r"[A-Za-z0-9-]{1,39}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}\Z")


@dataclass(frozen=True, slots=True)
class Event:
    """What a workflow run is about.

    Attributes
    ----------
    name
        ``pull_request``, ``push``, ``schedule``...; "" outside GitHub.
    base
        The commit that GitHub compares with; "" where there is none.
    head
        The last commit of the pull request; "" for other events.
    fork
        The repository (owner/name) that a pull request comes from, where it is another one.
    """

    name: str = ""
    base: str = ""
    head: str = ""
    fork: str = ""


def read_event(environment: Mapping[str, str]) -> Event:
    """Read the event of this workflow run.

    Parameters
    ----------
    environment
        ``GITHUB_EVENT_NAME``, ``GITHUB_EVENT_PATH`` and ``GITHUB_REPOSITORY`` count.

    Raises
    ------
    SpinegateError
        The file is missing or isn't what GitHub writes.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not name or not path:
        return Event(name)
    told = load_event(Path(path))
    if name in {"pull_request", "pull_request_target"}:
        head = _repository(told, "pull_request", "head", "repo", "full_name")
        own = environment.get("GITHUB_REPOSITORY", "")
        return Event(
            name,
            _commit(told, "pull_request", "base", "sha"),
            _commit(told, "pull_request", "head", "sha"),
            head if head.lower() != own.lower() else "",
        )
    if name == "merge_group":
        return Event(name, _commit(told, "merge_group", "base_sha"))
    if name == "push":
        return Event(name, _commit(told, "before"))
    return Event(name)


def check_repository(name: str) -> str:
    """Return the name of a repository (owner/name) if it is one.

    Raises
    ------
    ConfigError
        It could mean something else in an address.
    """
    if not _REPOSITORY.match(name):
        raise ConfigError(f"{name!r} is not the name of a repository (owner/name)")
    return name


def load_event(path: Path) -> dict[str, Any]:
    """Read an event's file.

    Raises
    ------
    SpinegateError
        It is missing or isn't what GitHub writes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
        told = json.loads(content) if len(content) <= _LONGEST else None
    except (OSError, ValueError, RecursionError) as error:
        raise SpinegateError(f"the event of this workflow can't be read: {error}") from None
    if not isinstance(told, dict):
        raise SpinegateError("the event of this workflow is not what GitHub writes")
    return told


def dig(told: Any, *keys: str) -> Any:
    """Return what lies below these keys; None where there is nothing."""
    for key in keys:
        told = told.get(key) if isinstance(told, dict) else None
    return told


def _text(told: Any, keys: tuple[str, ...]) -> str:
    found = dig(told, *keys)
    return found if isinstance(found, str) else ""


def _commit(told: dict[str, Any], *keys: str) -> str:
    """Return a commit id; a push that makes a branch comes from commit 000..., which is none."""
    found = _text(told, keys)
    return found if _COMMIT.match(found) and set(found) != {"0"} else ""


def _repository(told: dict[str, Any], *keys: str) -> str:
    found = _text(told, keys)
    return found if _REPOSITORY.match(found) else ""
