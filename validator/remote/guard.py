"""Which addresses may be asked, and connections that can't outlive their time.

An address comes from a branch that somebody else wrote: it must not make this machine, or the
CI runner's network, answer. What counts is the address that is connected to, so names are
resolved here, once, and the connection goes to an address that was checked.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from threading import Lock
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_ANOTHER_TRY = 0.5  # seconds after which a name server that didn't answer is asked again
_SAFE = "/%:@!$&'()*+,;=~-._"


class Forbidden(Exception):  # noqa: N818
    """An address that must not be asked; the text says why."""


class Unresolved(Exception):  # noqa: N818
    """A host whose address can't be found out."""


def is_public(address: str) -> bool:
    """Whether an IP address is one that everybody can reach, also by what it wraps."""
    try:
        ip: _Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def parse_url(url: str, allow_private: bool) -> httpcore.URL:
    """Turn an address into what the HTTP client takes.

    Raises
    ------
    Forbidden
        Another scheme than https (http, too, where private addresses are allowed), a password in
        it, or no address at all.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        raise Forbidden("its address is malformed") from None
    scheme = parts.scheme.lower()
    if scheme not in (("https", "http") if allow_private else ("https",)):
        raise Forbidden(f"its address is not https but {scheme or 'nothing'}")
    if "@" in parts.netloc:
        raise Forbidden("its address holds a user or a password")
    if not host:
        raise Forbidden("its address names no host")
    target = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE + "?")
    return httpcore.URL(scheme=scheme, host=host, port=port, target=target)


def follow(url: str, location: str) -> str:
    """Return the address that a redirect leads to."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


class Resolver:
    """Resolves each name once, and hands out only addresses that may be asked."""

    def __init__(self, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._known: dict[str, list[str] | Forbidden | Unresolved] = {}

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host.

        Raises
        ------
        Forbidden
            It has none but private, loopback or otherwise special ones.
        Unresolved
            It has none, or name servers don't answer: also remembered, since each try can take
            many seconds.
        """
        with self._lock:
            lock = self._locks.setdefault(host, Lock())
        with lock:
            if host not in self._known:
                self._known[host] = self._resolve(host, port)
            found = self._known[host]
        if isinstance(found, list):
            return list(found)
        raise type(found)(*found.args)

    def _resolve(self, host: str, port: int) -> list[str] | Forbidden | Unresolved:
        try:
            infos = _look_up(host, port)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            return Unresolved(f"can't be reached: {host} can't be resolved ({why})")
        every = dict.fromkeys(str(info[4][0]) for info in infos)
        allowed = [a for a in every if self._allow_private or is_public(a)]
        return allowed or Forbidden(f"can't be asked: {host} is not a public address")


def _look_up(host: str, port: int) -> list[Any]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno != socket.EAI_AGAIN:
            raise
    time.sleep(_ANOTHER_TRY)
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Allowance:
    """What a worker's connections may take.

    Attributes
    ----------
    until
        Moment of the monotonic clock that they must not outlive.
    received
        Bytes that came so far.
    """

    def __init__(self) -> None:
        self.until = float("inf")
        self.received = 0

    def left(self, timeout: float | None) -> float:
        """Return the seconds that an operation may take, at most `timeout`.

        Raises
        ------
        httpcore.ReadTimeout
            None are left.
        """
        rest = self.until - time.monotonic()
        if rest <= 0:
            raise httpcore.ReadTimeout("no time left")
        return rest if timeout is None else min(rest, timeout)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and to nothing for longer than allowed."""

    def __init__(self, resolver: Resolver, allowance: Allowance) -> None:
        self._resolver, self._allowance = resolver, allowance
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers."""
        addresses = self._resolver.addresses(host, port)
        for place, address in enumerate(addresses, start=1):
            try:
                stream = self._backend.connect_tcp(
                    address, port, self._allowance.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                return _Stream(stream, self._allowance)
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing, however slowly it drips, takes longer than allowed."""

    def __init__(self, stream: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._stream, self._allowance = stream, allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        received = self._stream.read(max_bytes, self._allowance.left(timeout))
        self._allowance.received += len(received)
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._allowance.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._allowance.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._allowance)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
