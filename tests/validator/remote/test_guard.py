"""What may be asked: nothing private, by whatever name."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.annex import Key
from spinegate.validator.nifti import inflate
from spinegate.validator.remote import guard
from spinegate.validator.remote.fetch import fetch
from spinegate.validator.remote.guard import Forbidden, Resolver, Unresolved, is_public, parse_url
from spinegate.validator.remote.limits import Limits
from spinegate.validator.tree import Unreadable
from tests.validator.remote.servers import part, places_at


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "localhost",
        "",
        "1",
    ],
)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "52.95.1.1", "2600:1f00::1", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_no_public_address_is_special(address: ipaddress.IPv4Address) -> None:
    special = address.is_private or address.is_loopback or address.is_link_local
    assert not (is_public(str(address)) and (special or address.is_multicast))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "https:///x",
        "https://",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://[::1/",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://" + "a" * 70 + ".org/",
        "example.org/x",
        "",
        "//example.org",
        "javascript:alert(1)",
    ],
)
def test_forbidden_urls(url: str) -> None:
    with pytest.raises(Forbidden):
        parse_url(url, allow_private=False)


def test_urls_are_escaped_once() -> None:
    url = parse_url("https://exämple.org:8443/a b/%20&+ü?x=1&y=a b#part", allow_private=False)
    assert url.host == b"xn--exmple-cua.org"
    assert url.port == 8443
    assert url.target == b"/a%20b/%20&+%C3%BC?x=1&y=a%20b"


@given(st.text(max_size=60))
def test_no_url_crashes(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        with suppress(Forbidden):
            parsed = parse_url(url, allow_private=False)
            assert b"\r" not in parsed.target
            assert b"\n" not in parsed.target
            assert b" " not in parsed.target


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("10.0.0.1", "::1"))
    with pytest.raises(Forbidden, match="is not a public address"):
        Resolver().addresses("inside.example", 443)


def test_of_a_mixed_answer_only_public_addresses_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("10.0.0.1", "8.8.8.8", "8.8.8.8"))
    assert Resolver().addresses("mixed.example", 443) == ["8.8.8.8"]


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a second answer (DNS rebinding) can't lead elsewhere than the one checked."""
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8"))
    resolver.addresses("rebinding.example", 443)
    monkeypatch.setattr(socket, "getaddrinfo", answers("127.0.0.1"))
    assert resolver.addresses("rebinding.example", 443) == ["8.8.8.8"]


@pytest.mark.parametrize(("code", "tries"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 2)])
def test_a_name_without_address_is_not_looked_up_for_every_key(
    code: int, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fail(host: str, *_kind: object, **_more: object) -> None:
        asked.append(host)
        raise socket.gaierror(code, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(guard, "_ANOTHER_TRY", 0.0)
    resolver = Resolver()
    for _ in range(3):
        with pytest.raises(Unresolved, match="example can't be resolved"):
            resolver.addresses("no.example", 443)
    assert len(asked) == tries


def test_the_connection_goes_to_the_checked_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def connect(address: object, *_arguments: object, **_more: object) -> socket.socket:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "127.0.0.1", "8.8.4.4"))
    monkeypatch.setattr(socket, "create_connection", connect)
    backend = guard.GuardedBackend(Resolver(), guard.Allowance())
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("some.example", 443)
    assert asked == [("8.8.8.8", 443), ("8.8.4.4", 443)]


def answers(*addresses: str) -> object:
    def resolve(host: str, port: int, *_kind: int, **_more: int) -> list[tuple[object, ...]]:
        found = (host,) if host.replace(".", "").isdigit() else addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    return resolve


class Authority:
    """A certificate authority of our own, and servers that it vouches for."""

    def __init__(self, folder: Path) -> None:
        trustme = pytest.importorskip("trustme")
        self._authority = trustme.CA()
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))

    def serve(self, name: str, content: bytes) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(10)

        def answer() -> None:
            with suppress(OSError), listener:
                plain, _ = listener.accept()
                plain.settimeout(10)
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.sendall(part(content, connection.recv(65536).decode()))

        threading.Thread(target=answer, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port


def test_certificates_are_those_of_the_name(
    tmp_path: Path, nifti: bytes, key: Key, quick: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("127.0.0.1"))
    authority = Authority(tmp_path)
    for name, ours in (("data.example", True), ("other.example", True), ("data.example", False)):
        port = authority.serve(name, nifti)
        found = fetch(
            [key],
            places_at(f"https://data.example:{port}", key),
            quick,
            allow_private=True,
            tls=authority.client() if ours else None,
        )[key.text]
        if name == "data.example" and ours:
            assert found == inflate(nifti)
        else:
            assert found == Unreadable("mirror has no valid certificate")
