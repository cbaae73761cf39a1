"""A small GitHub on loopback: the endpoints that comments and issues need, as documented."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_secretsecretsecret"
BOT = "github-actions[bot]"
REPOSITORY = "lab/dataset"
_LONGEST = 65_536


@dataclass
class Fault:
    """What the server answers instead, once; a request that doesn't match passes."""

    status: int = 500
    body: bytes = b'{"message": "broken"}'
    fields: dict[str, str] = field(default_factory=dict)
    matches: str = ""
    cut: int = 0  # bytes that are promised and never come
    delay: float = 0.0


class GitHub:
    """The state of one repository, and a server that shows and changes it."""

    def __init__(self) -> None:
        self.pulls: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.labels: set[str] = set()
        self.allowed = {"issues", "pull_requests"}
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.viewer: Any = {"data": {"viewer": {"login": BOT}}}
        self.page = 100
        self._ids = iter(range(1000, 100_000))
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"github": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/v3"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def changes(self) -> list[str]:
        """The requests that change something."""
        return [r for r in self.requests if not r.startswith("GET") and "graphql" not in r]

    def add_pull(self, number: int, sha: str, **more: Any) -> None:
        head = {"ref": "fix", "sha": sha, "repo": {"full_name": "someone/dataset"}}
        self.pulls.append({"number": number, "state": "open", "head": {**head, **more}})

    def add_comment(self, number: int, body: str, login: str = BOT) -> dict[str, Any]:
        comment = {"id": next(self._ids), "body": body, "user": {"login": login}}
        self.comments.setdefault(number, []).append(comment)
        return comment

    def add_issue(self, body: str, login: str = BOT, **more: Any) -> dict[str, Any]:
        issue = {
            "number": len(self.issues) + 1,
            "title": "",
            "body": body,
            "state": "open",
            "state_reason": None,
            "user": {"login": login},
            "labels": [{"name": "spinegate"}],
            **more,
        }
        self.issues.append(issue)
        return issue

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Do what one request asks."""
        if path == "/graphql":
            return 200, self.viewer
        prefix = f"/repos/{REPOSITORY}"
        if not path.startswith(prefix):
            return 404, {"message": "Not Found"}
        for pattern, act in _ROUTES:
            found = re.fullmatch(pattern, f"{method} {path.removeprefix(prefix)}")
            if found:
                answer: tuple[int, Any] = act(self, query, body, *map(int, found.groups()))
                return answer
        if path == f"{prefix}/labels/spinegate" and "spinegate" in self.labels:
            return 200, {"name": "spinegate"}
        return 404, {"message": "Not Found"}

    def list_pulls(self, query: dict[str, str], body: Any) -> tuple[int, Any]:
        owner, _, branch = query.get("head", "").partition(":")
        return 200, [
            pull
            for pull in self.pulls
            if pull["state"] == query.get("state", "open")
            and pull["head"]["ref"] == branch
            and ((pull["head"]["repo"] or {}).get("full_name", owner)).startswith(owner)
        ]

    def list_comments(self, query: dict[str, str], body: Any, number: int) -> tuple[int, Any]:
        return 200, self.comments.get(number, [])

    def write_comment(self, query: dict[str, str], body: Any, number: int) -> tuple[int, Any]:
        if len(body["body"]) > _LONGEST:
            return 422, _too_long()
        return 201, self.add_comment(number, body["body"])

    def edit_comment(self, query: dict[str, str], body: Any, found: int) -> tuple[int, Any]:
        for comment in (one for some in self.comments.values() for one in some):
            if comment["id"] == found:
                comment["body"] = body["body"]
                return 200, comment
        return 404, {"message": "Not Found"}

    def list_issues(self, query: dict[str, str], body: Any) -> tuple[int, Any]:
        wanted = query.get("state", "open")
        return 200, [
            issue
            for issue in self.issues
            if wanted in ("all", issue["state"])
            and query.get("labels", "") in [label["name"] for label in issue["labels"]]
        ]

    def open_issue(self, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if len(body["body"]) > _LONGEST or not body["title"] or len(body["title"]) > 256:
            return 422, _too_long()
        self.labels.update(body["labels"])
        labels = [{"name": name} for name in body["labels"]]
        return 201, self.add_issue(body["body"], title=body["title"], labels=labels)

    def edit_issue(self, query: dict[str, str], body: Any, number: int) -> tuple[int, Any]:
        self.issues[number - 1].update(body)
        return 200, self.issues[number - 1]

    def write_label(self, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.labels.add(body["name"])
        return 201, body


_ROUTES: tuple[tuple[str, Any], ...] = (
    (r"GET /pulls", GitHub.list_pulls),
    (r"GET /issues/(\d+)/comments", GitHub.list_comments),
    (r"POST /issues/(\d+)/comments", GitHub.write_comment),
    (r"PATCH /issues/comments/(\d+)", GitHub.edit_comment),
    (r"GET /issues", GitHub.list_issues),
    (r"POST /issues", GitHub.open_issue),
    (r"PATCH /issues/(\d+)", GitHub.edit_issue),
    (r"POST /labels", GitHub.write_label),
)


def _too_long() -> dict[str, Any]:
    text = "body is too long (maximum is 65536 characters)"
    return {"message": "Validation Failed", "errors": [{"message": text}]}


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.github.lock:
            self.github.requests.append(f"{self.command} {self.path}")
            fault = self._fault()
            if fault is None:
                self._answer(parts.path.removeprefix("/api/v3"), parts.query, body)
                return
        time.sleep(fault.delay)
        self._send(fault.status, fault.body, fault.fields, fault.cut)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815

    def _fault(self) -> Fault | None:
        for fault in self.github.faults:
            if re.search(fault.matches, f"{self.command} {self.path}"):
                self.github.faults.remove(fault)
                return fault
        return None

    def _answer(self, path: str, query: str, body: bytes) -> None:
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._json(401, {"message": "Bad credentials"})
            return
        needed = "pull_requests" if "/pulls" in path else "issues"
        if needed not in self.github.allowed and path != "/graphql":
            words = "issues=write; pull_requests=write" if needed == "issues" else ""
            fields = {"X-Accepted-GitHub-Permissions": words} if words else {}
            self._json(403, {"message": "Resource not accessible by integration"}, fields)
            return
        status, data = self.github.answer(
            self.command, path, asked, json.loads(body) if body else None
        )
        fields = {}
        if isinstance(data, list):
            size = min(int(asked.get("per_page", 30)), self.github.page)
            start = (int(asked.get("page", 1)) - 1) * size
            if start + size < len(data):
                rest = "&".join(f"{k}={v}" for k, v in asked.items() if k != "page")
                page = int(asked.get("page", 1)) + 1
                url = f"{self.github.url}{path}?{rest}&page={page}"
                fields["Link"] = f'<{url}>; rel="next", <{url}9>; rel="last"'
            data = data[start : start + size]
        self._json(status, data, fields)

    def _json(self, status: int, data: Any, fields: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(data).encode(), fields or {}, 0)

    def _send(self, status: int, body: bytes, fields: dict[str, str], cut: int) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + cut))
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the client had no patience
            return
        if cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
