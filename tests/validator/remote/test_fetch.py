"""Many keys at once: tried again, given up, ended; never a crash, never a hang."""

from __future__ import annotations

import gzip
import random
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.validator.annex import Key
from spinegate.validator.nifti import inflate
from spinegate.validator.remote.branch import Remote, Whereabouts
from spinegate.validator.remote.fetch import fetch
from spinegate.validator.remote.limits import Limits
from spinegate.validator.remote.places import Places
from spinegate.validator.tree import Unreadable
from tests.validator.remote.servers import (
    Answer,
    Server,
    key_of,
    make_branch,
    part,
    places_at,
    reply,
)

Serve = Callable[[Answer], Server]
pack = partial(gzip.compress, mtime=0)  # the time would stand in names of tests


def keys_of(content: bytes, count: int) -> list[Key]:
    return [key_of(content, f"{number:064x}") for number in range(count)]


def good(content: bytes) -> Answer:
    return lambda connection, request, _number: connection.sendall(part(content, request))


def one(key: Key, url: str, limits: Limits) -> bytes | Unreadable:
    return fetch([key], places_at(url, key), limits, allow_private=True)[key.text]


def reason(key: Key, url: str, limits: Limits) -> str:
    found = one(key, url, limits)
    assert isinstance(found, Unreadable)
    return found.reason


def test_headers_come_inflated(serve: Serve, nifti: bytes, key: Key, quick: Limits) -> None:
    server = serve(good(nifti))
    assert one(key, server.url, quick) == inflate(nifti)
    assert server.requests[0].startswith(f"GET /{key.text} ")


def test_only_the_first_bytes_are_asked_for(serve: Serve, nifti: bytes, quick: Limits) -> None:
    header = gzip.decompress(nifti)
    image = gzip.compress(header + random.Random(0).randbytes(200_000))
    keys = keys_of(image, 20)
    server = serve(good(image))
    found = fetch(keys, places_at(server.url, *keys), quick, allow_private=True)
    assert set(found.values()) == {inflate(image)}
    assert len(server.requests) == 20
    assert all("range: bytes=0-1023" in request.lower() for request in server.requests)


def test_more_is_asked_for_only_when_it_must(serve: Serve, nifti: bytes, quick: Limits) -> None:
    header = gzip.decompress(nifti)
    name = b"f" * 3000  # gzip may hold the file's name before the data
    packed = gzip.compress(header)
    image = packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]
    key = key_of(image)
    server = serve(good(image))
    assert one(key, server.url, quick) == header[:540]
    asked = [r.lower().partition("bytes=0-")[2].split("\r\n")[0] for r in server.requests]
    assert asked == ["1023", "4095"]


def test_a_file_packed_twice_is_read(serve: Serve, nifti: bytes, key: Key, quick: Limits) -> None:
    twice = gzip.compress(nifti)

    def encode(connection: socket.socket, _request: str, _number: int) -> None:
        connection.sendall(reply("200 OK", twice, content_encoding="gzip"))

    assert one(key, serve(encode).url, quick) == inflate(nifti)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html>" + b" " * 5000, "no NIfTI"),
        (b"\x1f\x8b" + b"\xff" * 5000, "corrupt gzip"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\xff" * 5000, "corrupt gzip"),
        (pack(b"\0" * 10**7), "no NIfTI"),
        (pack(pack(pack(b"\0" * 10**6))), "image|gzip|NIfTI"),
        (pack(b"\x5c\1\0\0"), "inside its header"),
        (b"\x5c\1\0\0", "inside its header"),
    ],
)
def test_what_is_no_image(body: bytes, words: str, serve: Serve, quick: Limits) -> None:
    key = key_of(body)
    found = fetch([key], places_at(serve(good(body)).url, key), quick, allow_private=True)
    answer = found[key.text]
    assert isinstance(answer, Unreadable)
    assert "mirror holds what is no image there" in answer.reason
    assert re.search(words, answer.reason)


def test_a_file_of_another_size_is_another_file(serve: Serve, nifti: bytes, quick: Limits) -> None:
    key = key_of(nifti + b"more")
    assert f"a file of {len(nifti)} bytes" in reason(key, serve(good(nifti)).url, quick)


def test_passing_faults_are_tried_again(
    serve: Serve, nifti: bytes, key: Key, quick: Limits
) -> None:
    def act(connection: socket.socket, request: str, number: int) -> None:
        if number == 1:
            connection.sendall(reply("503 Slow Down"))
        elif number == 2:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nx")
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(part(nifti, request))

    server = serve(act)
    assert one(key, server.url, quick) == inflate(nifti)
    assert len(server.requests) == 3


def test_attempts_end(serve: Serve, key: Key, quick: Limits) -> None:
    server = serve(lambda connection, *_: connection.sendall(reply("500 Oh")))
    found = places_at(server.url, key)
    answer = fetch([key], found, replace(quick, attempts=3), allow_private=True)[key.text]
    assert isinstance(answer, Unreadable)
    assert answer.reason == "mirror answers with status 500"
    assert len(server.requests) == 3


def test_retry_after_holds_all_workers_back(serve: Serve, nifti: bytes, quick: Limits) -> None:
    times: list[float] = []

    def act(connection: socket.socket, request: str, number: int) -> None:
        times.append(time.monotonic())
        limited = reply("429 Too Many Requests", retry_after="1")
        connection.sendall(limited if number == 1 else part(nifti, request))

    keys = keys_of(nifti, 3)
    server = serve(act)
    limits = replace(quick, connections=1)
    found = fetch(keys, places_at(server.url, *keys), limits, allow_private=True)
    assert set(found.values()) == {inflate(nifti)}
    assert times[1] - times[0] > 0.9


def test_a_remote_that_is_gone_is_soon_left_alone(
    serve: Serve, nifti: bytes, quick: Limits
) -> None:
    keys = keys_of(nifti, 400)
    server = serve(lambda connection, *_: connection.close())
    start = time.monotonic()
    found = fetch(keys, places_at(server.url, *keys), quick, allow_private=True)
    assert time.monotonic() - start < quick.seconds
    assert len(found) == 400
    assert len(server.requests) < 80
    assert set(map(str, found.values())) == {
        str(Unreadable("mirror broke off, or doesn't speak HTTP"))
    }


def test_a_burst_of_refusals_is_outlived(serve: Serve, nifti: bytes, quick: Limits) -> None:
    keys = keys_of(nifti, 60)

    def throttle(connection: socket.socket, request: str, number: int) -> None:
        connection.sendall(reply("503 Slow Down") if number <= 40 else part(nifti, request))

    limits = replace(quick, connections=32, back_off=0.05)
    places = places_at(serve(throttle).url, *keys)
    found = fetch(keys, places, limits, allow_private=True)
    assert set(found.values()) == {inflate(nifti)}


def test_a_remote_that_wants_an_hour_is_not_waited_for(
    serve: Serve, nifti: bytes, quick: Limits
) -> None:
    keys = keys_of(nifti, 20)
    busy = reply("429 Too Many Requests", retry_after="3600")
    server = serve(lambda connection, *_: connection.sendall(busy))
    start = time.monotonic()
    found = fetch(keys, places_at(server.url, *keys), quick, allow_private=True)
    assert time.monotonic() - start < 5
    assert len(server.requests) <= quick.connections
    last = found[keys[-1].text]
    assert isinstance(last, Unreadable)
    assert "left alone for 3600 s" in last.reason


def test_another_remote_steps_in(serve: Serve, nifti: bytes, key: Key, quick: Limits) -> None:
    bad = serve(lambda connection, *_: connection.sendall(reply("403 Forbidden")))
    fine = serve(good(nifti))
    remotes = {
        name: Remote(name, {"type": "S3", "bucket": "b", "publicurl": url, "name": name}, name)
        for name, url in (("bad", bad.url), ("fine", fine.url))
    }
    places = Places(make_branch(remotes), Whereabouts({key.text: ("bad", "fine")}))
    assert fetch([key], places, quick, allow_private=True)[key.text] == inflate(nifti)
    assert len(bad.requests) == 1


def test_the_layout_is_learned(serve: Serve, nifti: bytes, quick: Limits) -> None:
    keys = keys_of(nifti, 10)

    def nested(connection: socket.socket, request: str, _number: int) -> None:
        path = request.split()[1].split("/")
        fits = len(path) == 5 and len(path[1]) == 3 and path[3] == path[4]
        connection.sendall(part(nifti, request) if fits else reply("404 Not Found"))

    server = serve(nested)
    limits = replace(quick, connections=1)
    found = fetch(keys, places_at(server.url, *keys), limits, allow_private=True)
    assert set(found.values()) == {inflate(nifti)}
    assert len(server.requests) == 1 + 10  # one in the wrong place, for the first key alone


def test_a_missing_file_is_no_fault_of_the_remote(
    serve: Serve, nifti: bytes, quick: Limits
) -> None:
    keys = keys_of(nifti, 200)
    here = {key.text for key in keys[::4]}

    def some(connection: socket.socket, request: str, _number: int) -> None:
        found = request.split()[1].rpartition("/")[2] in here
        connection.sendall(part(nifti, request) if found else reply("404 Not Found"))

    server = serve(some)
    found = fetch(keys, places_at(server.url, *keys), quick, allow_private=True)
    assert {text for text, content in found.items() if isinstance(content, bytes)} == here


def test_time_is_limited(serve: Serve, nifti: bytes, quick: Limits) -> None:
    keys = keys_of(nifti, 50)
    server = serve(lambda *_: time.sleep(1))
    limits = replace(quick, seconds=0.5, timeouts=replace(quick.timeouts, read=9.0, whole=9.0))
    start = time.monotonic()
    found = fetch(keys, places_at(server.url, *keys), limits, allow_private=True)
    assert time.monotonic() - start < 4
    last = found[keys[-1].text]
    assert isinstance(last, Unreadable)
    assert "stopped after 0.5 s" in last.reason


def test_a_name_server_that_hangs_is_not_waited_for(
    key: Key, quick: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_arguments: object, **_more: object) -> list[object]:
        released.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    start = time.monotonic()
    assert reason(key, "http://slow.example", replace(quick, seconds=0.3)) == "stopped after 0.3 s"
    assert time.monotonic() - start < 4
    released.set()


def test_bytes_are_limited(serve: Serve, nifti: bytes, quick: Limits) -> None:
    image = gzip.compress(gzip.decompress(nifti) + random.Random(0).randbytes(9000))
    keys = keys_of(image, 100)
    server = serve(good(image))
    limits = replace(quick, received=20_000)
    found = fetch(keys, places_at(server.url, *keys), limits, allow_private=True)
    assert 0 < sum(isinstance(content, bytes) for content in found.values()) < 30
    last = found[keys[-1].text]
    assert isinstance(last, Unreadable)
    assert "bytes" in last.reason


def test_connections_are_limited(serve: Serve, nifti: bytes, quick: Limits) -> None:
    open_now: list[int] = []
    most: list[int] = []

    def count(connection: socket.socket, request: str, _number: int) -> None:
        open_now.append(1)
        most.append(len(open_now))
        time.sleep(0.01)
        open_now.pop()
        connection.sendall(part(nifti, request))

    keys = keys_of(nifti, 60)
    server = serve(count)
    limits = replace(quick, connections=3)
    found = fetch(keys, places_at(server.url, *keys), limits, allow_private=True)
    assert set(found.values()) == {inflate(nifti)}
    assert 1 < max(most) <= 3


def test_progress_and_what_to_keep_are_told(serve: Serve, nifti: bytes, quick: Limits) -> None:
    keys = keys_of(nifti, 5)
    server = serve(good(nifti))
    told: list[tuple[int, int]] = []
    kept: dict[str, bytes] = {}
    found = fetch(
        keys,
        places_at(server.url, *keys),
        quick,
        allow_private=True,
        progress=lambda done, of: told.append((done, of)),
        keep=kept.__setitem__,
    )
    assert told == [(number, 5) for number in range(1, 6)]
    assert kept == found


def test_private_addresses_are_not_asked(
    serve: Serve, nifti: bytes, key: Key, quick: Limits
) -> None:
    server = serve(good(nifti))
    for url in (
        server.url,
        f"https://127.0.0.1:{server.port}",
        f"https://localhost:{server.port}",
    ):
        answer = fetch([key], places_at(url, key), quick)[key.text]
        assert isinstance(answer, Unreadable)
        assert "not https" in answer.reason or "not a public address" in answer.reason
    assert server.requests == []


def test_nothing_asked_for_is_nothing_done(quick: Limits) -> None:
    assert fetch([], places_at("https://example.org"), quick) == {}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answer=st.binary(max_size=600), framed=st.booleans())
def test_no_answer_crashes(
    answer: bytes, framed: bool, serve: Serve, key: Key, quick: Limits
) -> None:
    def act(connection: socket.socket, request: str, _number: int) -> None:
        total = key.size or 0
        span = f"bytes 0-{total - 1}/{total}"
        body = answer[:total].ljust(total, b"\0")
        connection.sendall(reply("206 P", body, content_range=span) if framed else answer)
        connection.shutdown(socket.SHUT_RDWR)

    found = one(key, serve(act).url, replace(quick, attempts=1))
    assert isinstance(found, Unreadable)
    assert "unexpected" not in found.reason
