"""Web servers on loopback that do what they are told, and remotes that lie there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from spinegate.validator.annex import Key, parse_key
from spinegate.validator.remote.branch import Branch, Remote, Whereabouts
from spinegate.validator.remote.places import Places

Answer = Callable[[socket.socket, str, int], None]
DIGEST = "0123456789abcdef" * 4


class Server:
    """Answers each request by a function of the connection, the request and its number."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(60)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.requests: list[str] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(20)
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        pending = b""
        with suppress(OSError), connection:
            while True:
                while b"\r\n\r\n" not in pending:
                    received = connection.recv(65536)
                    if not received:
                        return
                    pending += received
                head, _, pending = pending.partition(b"\r\n\r\n")
                with self._lock:
                    self.requests.append(head.decode("latin-1"))
                    number = len(self.requests)
                self._answer(connection, head.decode("latin-1"), number)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def reply(status: str, body: bytes = b"", **fields: str) -> bytes:
    """Format an answer; its length is said unless `fields` say otherwise."""
    named = {"content_length": str(len(body)), **fields}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


def part(content: bytes, request: str) -> bytes:
    """Answer a range request as it should be."""
    wanted = request.lower().partition("range: bytes=0-")[2].split("\r\n")[0]
    body = content[: int(wanted) + 1]
    span = f"bytes 0-{len(body) - 1}/{len(content)}"
    return reply("206 Partial Content", body, content_range=span)


def key_of(content: bytes, digest: str = DIGEST) -> Key:
    """Make a key of the right size; its hash is nobody's."""
    key = parse_key(f"SHA256E-s{len(content)}--{digest}.nii.gz")
    assert key is not None
    return key


def places_at(url: str, *keys: Key, **settings: str) -> Places:
    """Return places that have all keys in a bucket mirrored at an address."""
    mirror = {"type": "httpalso", "url": url, "name": "mirror", **settings}
    remotes = {
        "bucket": Remote("bucket", {"type": "S3", "name": "bucket"}, "bucket"),
        "mirror": Remote("bucket", mirror, "mirror"),
    }
    return Places(make_branch(remotes), Whereabouts({key.text: ("bucket",) for key in keys}))


def make_branch(remotes: dict[str, Remote]) -> Branch:
    """Return a branch that knows some remotes and nothing else."""
    nobody: frozenset[str] = frozenset()
    return Branch(Path(), remotes, {}, nobody, nobody, None, None, {}, {})
