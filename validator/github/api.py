"""GitHub's REST interface, as far as comments and issues need it.

Only the standard library is used, and the token goes nowhere but to the server it is for: no
redirection is followed, and a next page on another server is refused.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...system.errors import SpinegateError
from .exchange import Answer, Broken, Exchange, is_loopback

BOT = "github-actions[bot]"
"""Who writes with the token that every workflow job gets."""

_TRIES = 4
_PATIENCE = 120.0  # seconds that a job waits for a limit to pass
_MINUTE = 60.0  # what GitHub asks for where it names no time
_PAGES = 100
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?')
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_TOKEN = re.compile(r"[!-~]+")


class GitHubError(SpinegateError):
    """GitHub refused; `status` is that of its answer, 0 where there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Client:
    """One repository on GitHub.

    Attributes
    ----------
    url
        Address of the interface, without a slash at its end.
    repository
        ``owner/name``.
    needs
        The permission that the job must have, as a workflow writes it.
    pause
        Seconds between two changes; GitHub asks for one.
    """

    url: str
    repository: str
    token: str = field(repr=False)
    needs: str = "issues: write"
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    exchange: Exchange = field(default_factory=Exchange)

    def get(self, path: str, **query: str | int) -> Any:
        """Read one thing of the repository."""
        return _data(self._call("GET", self._address(path, query)))

    def pages(self, path: str, **query: str | int) -> Iterator[dict[str, Any]]:
        """Read a list of things, page by page."""
        url = self._address(path, {"per_page": 100, **query})
        for _ in range(_PAGES):
            answer = self._call("GET", url)
            items = _data(answer)
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise GitHubError("GitHub's answer is no list of objects", answer.status)
            yield from items
            found = _NEXT.search(answer.fields.get("link", ""))
            if found is None:
                return
            url = found[1]
            if not url.startswith(f"{self.url}/"):
                raise GitHubError("GitHub's next page lies on another server: not followed")

    def send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Change something, then leave GitHub the second that it asks for."""
        data = _data(self._call(method, self._address(path, {}), body))
        self.sleep(self.pause)
        return data if isinstance(data, dict) else {}

    def viewer(self) -> str:
        """Return the name under which the token writes."""
        base = os.environ.get("GITHUB_GRAPHQL_URL", "")
        url = base if base and _origin(base) == _origin(self.url) else f"{self.url}/graphql"
        try:
            data = _data(self._call("POST", url, {"query": "query { viewer { login } }"}, True))
            login = data["data"]["viewer"]["login"]
        except (KeyError, TypeError):
            return BOT
        except GitHubError as error:
            if error.status not in (403, 404):
                raise
            return BOT
        return login if isinstance(login, str) else BOT

    def _address(self, path: str, query: dict[str, str | int]) -> str:
        words = f"?{urllib.parse.urlencode(query)}" if query else ""
        return f"{self.url}/repos/{self.repository}{path}{words}"

    def _call(self, method: str, url: str, body: Any = None, again: bool = False) -> Answer:
        """Ask until there is an answer; what could do its work twice is not sent twice."""
        content = None if body is None else json.dumps(body).encode()
        again = again or method != "POST"
        for attempt in range(_TRIES):
            last = attempt == _TRIES - 1
            try:
                answer = self.exchange.ask(method, url, content, self.token)
            except Broken as error:
                if last or not again:
                    raise GitHubError(f"{_origin(self.url)} {error}") from None
                self.sleep(2.0**attempt)
                continue
            if answer.status < 300:
                return answer
            if answer.status >= 500 and again and not last:
                self.sleep(2.0**attempt)
                continue
            wait = _wait(answer)
            if wait is None or last:
                break
            if wait > _PATIENCE:
                raise GitHubError(
                    f"GitHub's rate limit is reached; try again in {wait / 60:.0f} minutes",
                    answer.status,
                )
            self.sleep(wait)
        raise self._refusal(answer, method, url)

    def _refusal(self, answer: Answer, method: str, url: str) -> GitHubError:
        status = answer.status
        what = f"{method} {urllib.parse.urlsplit(url).path}"
        text = f"GitHub answers {status} to {what}: {answer.message or 'no reason given'}"
        if 300 <= status < 400:
            text += f"; was {self.repository} renamed or moved? Name it as it is called today"
        elif status == 401:
            text += "; GITHUB_TOKEN is not valid, or no longer"
        elif status == 403:
            accepted = answer.fields.get("x-accepted-github-permissions", "")
            words = re.sub("[^a-z_=;, ]", "", accepted)[:200].replace("_", "-")
            asked = words.replace("=", ": ").replace(";", " or") or self.needs
            text += f"; the job lacks a permission: under 'permissions:' write '{asked}'"
        elif status == 404:
            text += f"; is there a repository {self.repository}, and may the token see it?"
        elif status == 410:
            text += f"; are issues switched on in {self.repository}?"
        return GitHubError(text.replace(self.token, "***"), status)


def connect(repository: str | None, needs: str) -> Client:
    """Make the client that the environment of a workflow's job describes.

    Parameters
    ----------
    repository
        ``owner/name``; by default GITHUB_REPOSITORY.
    needs
        The permission that the job must have.

    Raises
    ------
    SpinegateError
        No token, no repository, or an address that isn't https.
    """
    name = repository or os.environ.get("GITHUB_REPOSITORY", "")
    if not _NAME.fullmatch(name) or ".." in name:
        raise SpinegateError("name the repository: --repository OWNER/NAME")
    token = os.environ.get("GITHUB_TOKEN", "").strip()
    if not _TOKEN.fullmatch(token):
        what = "is not a token" if token else "is not set"
        raise SpinegateError(
            f"GITHUB_TOKEN {what}; in a workflow: env: {{GITHUB_TOKEN: ${{{{ github.token }}}}}}"
        )
    url = os.environ.get("GITHUB_API_URL", "").rstrip("/") or "https://api.github.com"
    local = is_loopback(url)
    if not local and not url.startswith("https://"):
        raise SpinegateError("GITHUB_API_URL must begin with https://: the token goes there")
    return Client(url, name, token, needs, pause=0.0 if local else 1.0)


def _data(answer: Answer) -> Any:
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise GitHubError("GitHub's answer is not JSON", answer.status) from None


def _wait(answer: Answer) -> float | None:
    """Return how long to leave GitHub alone; None where waiting doesn't help."""
    fields = answer.fields
    spent = fields.get("x-ratelimit-remaining") == "0"
    limited = spent or "retry-after" in fields or "rate limit" in answer.message.lower()
    if answer.status != 429 and not (answer.status == 403 and limited):
        return None
    after, reset = fields.get("retry-after", ""), fields.get("x-ratelimit-reset", "")
    if re.fullmatch("[0-9]{1,9}", after):
        return float(after)
    if spent and re.fullmatch("[0-9]{1,12}", reset):
        return max(1.0, float(reset) - time.time())
    return _MINUTE


def _origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
