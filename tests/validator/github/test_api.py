from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator.github.api import BOT, Client, GitHubError, connect
from spinegate.validator.github.exchange import Exchange, is_loopback
from tests.validator.github.server import TOKEN, Fault, GitHub


@pytest.fixture
def waits() -> list[float]:
    """How long the client would have waited."""
    return []


@pytest.fixture
def client(github: GitHub, waits: list[float]) -> Client:
    return replace(connect(None, "issues: write"), sleep=waits.append)


def test_pages_are_followed_to_the_last(github: GitHub, client: Client) -> None:
    for number in range(7):
        github.add_comment(1, str(number))
    github.page = 3
    found = [one["body"] for one in client.pages("/issues/1/comments")]
    assert found == [str(number) for number in range(7)]
    assert len(github.requests) == 3


def test_a_next_page_on_another_server_is_refused(github: GitHub, client: Client) -> None:
    link = {"Link": '<https://example.org/api/v3/x?page=2>; rel="next"'}
    github.faults = [Fault(200, b"[]", link)]
    with pytest.raises(GitHubError, match="another server"):
        list(client.pages("/issues"))
    assert len(github.requests) == 1


def test_a_redirection_is_not_followed(github: GitHub, client: Client) -> None:
    github.faults = [Fault(301, b'{"message": "Moved"}', {"Location": f"{github.url}/x"})]
    with pytest.raises(GitHubError, match="renamed or moved"):
        client.get("/labels/spinegate")
    assert len(github.requests) == 1


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(429, fields={"Retry-After": "7"}), 7),
        (Fault(403, b'{"message": "You have exceeded a secondary rate limit"}'), 60),
        (Fault(502), 1),
        (Fault(200, b"[", cut=9), 1),
    ],
)
def test_it_tries_again(
    github: GitHub, client: Client, waits: list[float], fault: Fault, wait: float
) -> None:
    github.faults = [fault]
    assert list(client.pages("/issues")) == []
    assert waits == [wait]


def test_a_spent_limit_is_waited_for(github: GitHub, client: Client, waits: list[float]) -> None:
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 50)}
    github.faults = [Fault(403, fields=reset)]
    assert list(client.pages("/issues")) == []
    assert 0 < waits[0] <= 50


def test_a_limit_that_lasts_too_long(github: GitHub, client: Client, waits: list[float]) -> None:
    github.faults = [Fault(429, fields={"Retry-After": "3000"})]
    with pytest.raises(GitHubError, match="try again in 50 minutes"):
        client.get("/issues")
    assert waits == []


def test_a_server_that_stays_broken(github: GitHub, client: Client, waits: list[float]) -> None:
    github.faults = [Fault(503) for _ in range(9)]
    with pytest.raises(GitHubError, match="answers 503 to GET /api/v3/repos/lab/dataset/issues"):
        client.get("/issues")
    assert waits == [1, 2, 4]


@pytest.mark.parametrize("fault", [Fault(502), Fault(201, b"{", cut=5)])
def test_what_may_have_been_written_is_not_written_again(
    github: GitHub, client: Client, fault: Fault
) -> None:
    github.faults = [fault]
    with pytest.raises(GitHubError):
        client.send("POST", "/issues/1/comments", body="x")
    assert len(github.requests) == 1


def test_a_refused_change_is_tried_again(
    github: GitHub, client: Client, waits: list[float]
) -> None:
    github.faults = [Fault(429, fields={"Retry-After": "2"})]
    client.send("POST", "/issues/1/comments", body="x")
    assert [one["body"] for one in github.comments[1]] == ["x"]
    assert waits[0] == 2


def test_a_server_that_is_slow(github: GitHub, client: Client) -> None:
    github.faults = [Fault(200, delay=0.5)]
    hasty = replace(client, exchange=Exchange(silence=0.05))
    with pytest.raises(GitHubError, match="is too slow"):
        hasty.send("POST", "/issues/1/comments", body="x")


def test_a_server_that_is_not_there(client: Client, waits: list[float]) -> None:
    away = replace(client, url="http://127.0.0.1:9/api/v3")
    with pytest.raises(GitHubError, match=r"http://127\.0\.0\.1:9 can't be reached"):
        away.get("/issues")
    assert waits == [1, 2, 4]


@pytest.mark.parametrize(
    "body", [b"<html>", b"\xff", b"[" * 100_000, b'{"a": 1}', b"[1, 2]", b"null", b"3"]
)
def test_a_body_that_is_not_what_was_asked_for(
    github: GitHub, client: Client, body: bytes
) -> None:
    github.faults = [Fault(200, body)]
    with pytest.raises(GitHubError, match="GitHub's answer is no"):
        list(client.pages("/issues"))


def test_a_missing_permission_is_named_as_github_names_it(github: GitHub, client: Client) -> None:
    github.allowed = set()
    with pytest.raises(GitHubError, match="write 'issues: write or pull-requests: write'"):
        client.get("/issues/1/comments")


def test_a_missing_permission_that_github_does_not_name(github: GitHub, client: Client) -> None:
    github.allowed = set()
    with pytest.raises(GitHubError, match="lacks a permission: under 'permissions:'") as caught:
        client.get("/pulls")
    assert "'issues: write'" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "no longer"), (404, "is there a repository lab/dataset"), (410, "switched on")],
)
def test_other_refusals(github: GitHub, client: Client, status: int, words: str) -> None:
    github.faults = [Fault(status, b'{"message": "no\\n::error::x"}')]
    with pytest.raises(GitHubError, match=words) as caught:
        client.get("/issues")
    assert caught.value.status == status
    assert "\n" not in str(caught.value)


def test_a_refusal_tells_what_was_wrong(github: GitHub, client: Client) -> None:
    with pytest.raises(GitHubError, match="Validation Failed; body is too long"):
        client.send("POST", "/issues/1/comments", body="x" * 65_537)


@pytest.mark.parametrize(
    ("answer", "login"),
    [
        ({"data": {"viewer": {"login": "our-app[bot]"}}}, "our-app[bot]"),
        ({"errors": [{"message": "no"}]}, BOT),
        ({"data": {"viewer": None}}, BOT),
        ({"data": {"viewer": {"login": 3}}}, BOT),
        ([], BOT),
    ],
)
def test_who_writes(github: GitHub, client: Client, answer: object, login: str) -> None:
    github.viewer = answer
    assert client.viewer() == login


def test_who_writes_is_not_guessed_while_github_is_broken(github: GitHub, client: Client) -> None:
    github.faults = [Fault(500) for _ in range(9)]
    with pytest.raises(GitHubError, match="500"):
        client.viewer()


def test_the_name_is_asked_of_the_same_server_only(
    github: GitHub, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_GRAPHQL_URL", "https://example.org/graphql")
    assert client.viewer() == BOT
    assert github.requests == ["POST /api/v3/graphql"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GITHUB_TOKEN", "", "GITHUB_TOKEN is not set"),
        ("GITHUB_TOKEN", f"{TOKEN}\r\nX-Evil: 1", "GITHUB_TOKEN is not a token"),
        ("GITHUB_TOKEN", "é" + TOKEN, "GITHUB_TOKEN is not a token"),
        ("GITHUB_REPOSITORY", "dataset", "--repository OWNER/NAME"),
        ("GITHUB_REPOSITORY", "a/b/../../c", "--repository OWNER/NAME"),
        ("GITHUB_REPOSITORY", "../x", "--repository OWNER/NAME"),
        ("GITHUB_API_URL", "http://example.org", "https://"),
        ("GITHUB_API_URL", "http://localhost.example.org", "https://"),
        ("GITHUB_API_URL", "file:///etc/passwd", "https://"),
    ],
)
def test_an_environment_that_will_not_do(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SpinegateError, match=words) as caught:
        connect(None, "issues: write")
    assert TOKEN not in str(caught.value)


def test_the_address_is_githubs_own_by_default(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_API_URL")
    client = connect("a/b", "issues: write")
    assert (client.url, client.repository, client.pause) == ("https://api.github.com", "a/b", 1)


@pytest.mark.parametrize("asking", [str, repr])
def test_the_token_is_never_shown(
    github: GitHub, client: Client, asking: Callable[[object], str]
) -> None:
    assert TOKEN not in asking(client)
    github.faults = [Fault(400, f'{{"message": "got {TOKEN}"}}'.encode())]
    with pytest.raises(GitHubError) as caught:
        client.get("/issues")
    assert TOKEN not in asking(caught.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/api", True),
        ("http://[::1]/", True),
        ("http://127.0.0.1.example.org", False),
        ("http://127.0.0.1@example.org", False),
        ("ftp://127.0.0.1", False),
        ("http://[", False),
    ],
)
def test_loopback(url: str, local: bool) -> None:
    assert is_loopback(url) is local
