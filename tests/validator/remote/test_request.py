"""One request to servers that err, lie, drip and break off."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from spinegate.validator.remote.guard import Resolver
from spinegate.validator.remote.limits import Limits
from spinegate.validator.remote.request import Client, Fault, trust
from tests.validator.remote.servers import Answer, Server, part, reply

Serve = Callable[[Answer], Server]
BODY = bytes(range(256)) * 64


@pytest.fixture
def client(quick: Limits) -> Iterator[Client]:
    made = Client(Resolver(allow_private=True), trust(), quick.timeouts, True, "tests")
    yield made
    made.close()


def send(content: bytes) -> Answer:
    return lambda connection, _request, _number: connection.sendall(content)


def soon() -> float:
    return time.monotonic() + 9


def test_a_part_is_asked_for_and_kept(serve: Serve, client: Client) -> None:
    server = serve(lambda connection, request, _: connection.sendall(part(BODY, request)))
    for _ in range(3):
        assert client.read(server.url, 1024, len(BODY), soon()) == (BODY[:1024], False)
    assert "range: bytes=0-1023" in server.requests[0].lower()
    assert "accept-encoding: identity" in server.requests[0].lower()


def test_a_file_shorter_than_asked_for_is_whole(serve: Serve, client: Client) -> None:
    server = serve(lambda connection, request, _: connection.sendall(part(b"short", request)))
    assert client.read(server.url, 1024, 5, soon()) == (b"short", True)


def test_a_server_without_ranges_sends_no_more_than_is_read(serve: Serve, client: Client) -> None:
    sent: list[int] = []

    def flood(connection: socket.socket, _request: str, _number: int) -> None:
        connection.sendall(reply("200 OK", content_length=str(10**12)))
        sent.append(0)
        while True:
            sent[0] += connection.send(BODY)

    server = serve(flood)
    assert client.read(server.url, 1024, 10**12, soon()) == (BODY[:1024], False)
    deadline = time.monotonic() + 5
    before = -1
    while sent[0] != before and time.monotonic() < deadline:  # until the closed pipe is full
        before = sent[0]
        time.sleep(0.1)
    assert sent[0] < 64 * 1024 * 1024
    assert client.allowance.received < 256 * 1024


def test_a_body_that_stalls_after_what_is_needed_is_no_fault(serve: Serve, client: Client) -> None:
    server = serve(send(reply("200 OK", BODY[:1024], content_length="99999")))
    start = time.monotonic()
    assert client.read(server.url, 1024, 99999, soon())[0] == BODY[:1024]
    assert time.monotonic() - start < 0.9


@pytest.mark.parametrize(
    ("answer", "words", "again"),
    [
        (reply("206 Partial Content", b"x" * 9, content_range="bytes 5-13/900"), "another", False),
        (reply("206 Partial Content", b"x" * 9, content_range="bytes 0-8/900"), "another", False),
        (reply("206 Partial Content", b"x" * 9, content_range="bytes x-y/z"), "which", False),
        (reply("206 Partial Content", b"x" * 9), "which", False),
        (
            reply("206 OK", b"x", content_type="multipart/byteranges; boundary=x"),
            "which",
            False,
        ),
        (reply("200 OK", b"<html>"), "a file of 6 bytes", False),
        (reply("200 OK", b"x" * 9, content_length="16384"), "broke off", True),
        (
            reply("206 P", b"x" * 9, content_range="bytes 0-1023/16384", content_length="1024"),
            "broke off",
            True,
        ),
        (
            reply("206 P", b"x" * 9, content_range="bytes 0-1023/16384"),
            "sent 9 of 1024",
            True,
        ),
        (reply("200 OK", BODY, content_encoding="br"), "sends it as br", False),
        (reply("404 Not Found", b"gone"), "no such file", False),
        (reply("403 Forbidden", b"no"), "doesn't let everybody", False),
        (reply("416 Range Not Satisfiable"), "status 416", False),
        (reply("500 Internal Server Error"), "status 500", True),
        (reply("301 Moved"), "status 301", False),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "HTTP", True),
        (b"", "broke off", True),
        (b"HTTP/1.1 20", "broke off", True),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, "HTTP", True),
    ],
)
def test_faults_have_a_reason(
    answer: bytes, words: str, again: bool, serve: Serve, client: Client
) -> None:
    def act(connection: socket.socket, _request: str, _number: int) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    with pytest.raises(Fault, match=words) as raised:
        client.read(serve(act).url, 1024, len(BODY), soon())
    assert raised.value.again is again


def test_a_silent_server_costs_one_timeout(serve: Serve, client: Client) -> None:
    server = serve(lambda *_: time.sleep(8))
    start = time.monotonic()
    with pytest.raises(Fault, match="too slow"):
        client.read(server.url, 1024, None, soon())
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n"])
def test_a_dripping_server_is_left_at_the_deadline(
    head: bytes, serve: Serve, client: Client
) -> None:
    def drip(connection: socket.socket, _request: str, _number: int) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    start = time.monotonic()
    with pytest.raises(Fault, match="too slow"):
        client.read(serve(drip).url, 1024, None, soon())
    assert time.monotonic() - start < 5


def test_a_reset_connection_may_be_tried_again(serve: Serve, client: Client) -> None:
    def reset(connection: socket.socket, _request: str, _number: int) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    with pytest.raises(Fault, match=r"dropped|broke off") as raised:
        client.read(serve(reset).url, 1024, None, soon())
    assert raised.value.again


def test_a_server_that_is_gone(serve: Serve, client: Client) -> None:
    server = serve(send(b""))
    server.close()
    with pytest.raises(Fault, match="can't be reached") as raised:
        client.read(server.url, 1024, None, soon())
    assert raised.value.again


def test_content_encoding_leaves_the_bytes_as_they_lie(serve: Serve, client: Client) -> None:
    packed = gzip.compress(BODY)
    server = serve(send(reply("200 OK", packed, content_encoding="gzip")))
    assert client.read(server.url, 64, len(BODY), soon()) == (packed[:64], False)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_followed(code: int, serve: Serve, client: Client) -> None:
    def move(connection: socket.socket, request: str, number: int) -> None:
        moved = reply(f"{code} Moved", b"there", location="../b%20c?x=1")
        connection.sendall(moved if number == 1 else part(BODY, request))

    server = serve(move)
    assert client.read(f"{server.url}/a/a", 16, None, soon()) == (BODY[:16], False)
    assert server.requests[1].startswith("GET /b%20c?x=1 ")


def test_redirects_in_a_circle_end(serve: Serve, client: Client) -> None:
    server = serve(send(reply("302 Found", location="/")))
    with pytest.raises(Fault, match="without end"):
        client.read(server.url, 16, None, soon())
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "//[::1",
        "https://user:secret@example.org/",
        "gopher://example.org",
    ],
)
def test_redirects_to_forbidden_places_are_not_followed(
    location: str, serve: Serve, quick: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lenient(url: str, allow_private: bool) -> object:
        return real(url, allow_private or url.startswith(server.url))

    from spinegate.validator.remote import guard, request

    server = serve(send(reply("302 Found", location=location)))
    real = guard.parse_url
    monkeypatch.setattr(request, "parse_url", lenient)
    client = Client(Resolver(allow_private=True), trust(), quick.timeouts, False, "tests")
    with pytest.raises(Fault, match="its address"):
        client.read(server.url, 16, None, soon())
    client.close()


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("7", 7, 7),
        ("", 0, 0),
        ("soon", 0, 0),
        ("-3", 0, 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 10**8, 10**10),
        ("9" * 30, 0, 0),
    ],
)
def test_retry_after(field: str, low: int, high: int, serve: Serve, client: Client) -> None:
    server = serve(send(reply("429 Too Many Requests", retry_after=field)))
    with pytest.raises(Fault) as raised:
        client.read(server.url, 16, None, soon())
    assert raised.value.again
    assert low <= raised.value.after <= high
