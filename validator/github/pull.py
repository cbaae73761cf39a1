"""Which pull request a finished run belongs to: by GitHub's event and interface alone.

Nothing that the run itself has left behind is asked: whoever opens a pull request decides over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...system.errors import ConfigError
from .api import Client

_LIMIT = 32 * 2**20  # GitHub's own is 25 MB
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, as the event `workflow_run` describes it.

    Attributes
    ----------
    event
        What started it, such as ``pull_request``.
    head_sha, head_branch, head_repository
        The commit that was checked, its branch, and the repository (a fork, perhaps) that has it;
        the last is empty where the fork is gone.
    numbers
        Pull requests that the event names; none of those from forks.
    url
        Its page.
    """

    event: str
    head_sha: str
    head_branch: str
    head_repository: str
    numbers: tuple[int, ...] = ()
    url: str = ""


def read_run(path: Path) -> Run:
    """Read a run from the event's file.

    Raises
    ------
    ConfigError
        Not readable, or another event.
    """
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_LIMIT))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path)) from None
    except (ValueError, RecursionError):
        raise ConfigError("not the event of a workflow: no JSON", str(path)) from None
    run = _part(data, "workflow_run")
    sha, branch = run.get("head_sha"), run.get("head_branch")
    if not isinstance(sha, str) or not _SHA.fullmatch(sha):
        raise ConfigError(
            "no event of a finished run: call this in a workflow that starts on workflow_run",
            str(path),
        )
    pulls = run.get("pull_requests")
    numbers = [_part(pull, "").get("number") for pull in pulls] if isinstance(pulls, list) else []
    return Run(
        _text(run, "event"),
        sha,
        branch if isinstance(branch, str) else "",
        _text(_part(run, "head_repository"), "full_name"),
        tuple(number for number in numbers if type(number) is int),
        _text(run, "html_url"),
    )


def find_pull(client: Client, run: Run) -> tuple[int | None, str]:
    """Find the open pull request whose newest commit the run has checked.

    Returns
    -------
    tuple[int | None, str]
        Its number; else None, and why there is none.
    """
    if run.event not in ("pull_request", "pull_request_target"):
        return None, f"the run was started by {run.event or 'nothing known'}, not a pull request"
    owner = run.head_repository.partition("/")[0]
    if not owner or not run.head_branch:
        return None, "the fork that the pull request came from is gone"
    head = f"{owner}:{run.head_branch}"
    pulls = [pull for pull in client.pages("/pulls", state="open", head=head) if _is_of(pull, run)]
    same = [pull["number"] for pull in pulls if _part(pull, "head").get("sha") == run.head_sha]
    if same:
        # One branch may stand in several; the event tells them apart where it names one.
        return min(same, key=lambda number: (number not in run.numbers, number)), ""
    if pulls:
        return None, "the pull request has a newer commit, whose own run will comment"
    return None, "no open pull request has this branch"


def _is_of(pull: Mapping[str, Any], run: Run) -> bool:
    head = _part(pull, "head")
    return (
        type(pull.get("number")) is int
        and pull.get("state") == "open"
        and head.get("ref") == run.head_branch
        and _text(_part(head, "repo"), "full_name").casefold() == run.head_repository.casefold()
    )


def _part(data: Any, key: str) -> Mapping[str, Any]:
    part = data.get(key) if key and isinstance(data, dict) else data
    return part if isinstance(part, dict) else {}


def _text(data: Mapping[str, Any], key: str) -> str:
    text = data.get(key)
    return text if isinstance(text, str) else ""
