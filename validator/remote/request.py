"""The first bytes of one file over HTTP, from a server that may do anything."""

from __future__ import annotations

import email.utils
import os
import re
import ssl
import time
from collections.abc import Iterable

import certifi
import httpcore

from .guard import Allowance, Forbidden, GuardedBackend, Resolver, Unresolved, follow, parse_url
from .limits import Timeouts

_RANGE = re.compile(r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_REDIRECTS = (301, 302, 303, 307, 308)
_HOPS = 5
_IDLE = 10.0  # seconds for which a connection waits for the next request
_DRAINED = 16 * 1024  # of an answer that is of no use, so that its connection can serve again
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.ConnectTimeout, "can't be reached in time"),
    (httpcore.TimeoutException, "is too slow"),
    (httpcore.ConnectError, "can't be reached"),
    (httpcore.ProtocolError, "broke off, or doesn't speak HTTP"),
    (httpcore.NetworkError, "dropped the connection"),
    (ssl.SSLError, "has no valid certificate"),
    (OSError, "can't be reached"),
)


class Fault(Exception):  # noqa: N818
    """Why a server didn't give what it was asked for.

    Attributes
    ----------
    again
        Whether it may help to ask again.
    after
        Seconds that the server wants to be left alone.
    misplaced
        What was asked for isn't at this address, or not for us; it may be at another one of
        the same server.
    """

    def __init__(
        self, reason: str, *, again: bool = False, after: float = 0.0, misplaced: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.again, self.after, self.misplaced = reason, again, after, misplaced


def trust() -> ssl.SSLContext:
    """Return the usual certificates: SSL_CERT_FILE or certifi's, and the system's own."""
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    context.load_default_certs()
    return context


class Client:
    """One worker's connection: used by one thread, one request at a time."""

    def __init__(
        self,
        resolver: Resolver,
        tls: ssl.SSLContext,
        timeouts: Timeouts,
        allow_private: bool,
        agent: str,
    ) -> None:
        self.allowance = Allowance()
        self._allow_private = allow_private
        self._timeouts = timeouts
        self._agent = agent.encode()
        self._tls = tls
        self._backend = GuardedBackend(resolver, self.allowance)
        self._connection: httpcore.HTTPConnection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        """Return the open connection if it leads there and still lives, else a new one."""
        found = self._connection
        if found is None or not found.can_handle_request(origin) or not _is_usable(found):
            self.close()
            found = self._connection = httpcore.HTTPConnection(
                origin,
                ssl_context=self._tls,
                keepalive_expiry=_IDLE,
                network_backend=self._backend,
            )
        return found

    def read(self, url: str, count: int, size: int | None, until: float) -> tuple[bytes, bool]:
        """Read the first bytes of a file.

        Parameters
        ----------
        url
            Its address.
        count
            How many bytes; never more are kept.
        size
            Bytes of the whole file, where that is known: another size is another file.
        until
            Moment (of the monotonic clock) at which all ends.

        Returns
        -------
        tuple[bytes, bool]
            The bytes, and whether these are the whole file.

        Raises
        ------
        Fault
            They can't be had.
        """
        self.allowance.until = min(until, time.monotonic() + self._timeouts.whole)
        try:
            for _ in range(_HOPS + 1):
                found = self._ask(url, count, size)
                if isinstance(found, tuple):
                    return found
                url = found
        except (Forbidden, Unresolved) as error:
            raise Fault(str(error)) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            if _distrusted(error):
                raise Fault("has no valid certificate") from None
            raise Fault(_words(error), again=True) from None
        except (httpcore.UnsupportedProtocol, OSError, ValueError) as error:
            raise Fault(_words(error), again=isinstance(error, OSError)) from None
        raise Fault("leads from one address to the next without end")

    def _ask(self, url: str, count: int, size: int | None) -> tuple[bytes, bool] | str:
        """Send one request: its bytes, or the address it leads to."""
        headers = [
            (b"Range", b"bytes=0-%d" % (count - 1)),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", self._agent),
        ]
        times = {
            "connect": self._timeouts.connect,
            "read": self._timeouts.read,
            "write": self._timeouts.read,
            "pool": self._timeouts.whole,
        }
        target = parse_url(url, self._allow_private)
        connection = self._connect(target.origin)
        with connection.stream("GET", target, headers=headers, extensions={"timeout": times}) as r:
            fields = {name.lower(): value for name, value in reversed(r.headers)}
            if r.status in (200, 206):
                return _read_body(r, fields, count, size)
            length = _length(fields)
            if length is not None and length <= _DRAINED:
                _take(r.iter_stream(), length, ends=True)
            if r.status in _REDIRECTS and b"location" in fields:
                return follow(url, fields[b"location"].decode("latin-1"))
            raise _refusal(r.status, fields)


def _is_usable(connection: httpcore.HTTPConnection) -> bool:
    return connection.is_available() and not connection.has_expired()


def _read_body(
    response: httpcore.Response, fields: dict[bytes, bytes], count: int, size: int | None
) -> tuple[bytes, bool]:
    encoding = fields.get(b"content-encoding", b"").strip().lower()
    if encoding not in (b"", b"identity", b"gzip", b"x-gzip"):
        raise Fault(f"sends it as {encoding.decode('latin-1')[:40]}")
    total = _total(fields, count) if response.status == 206 else _length(fields)
    if encoding in (b"gzip", b"x-gzip"):
        size = None  # what is counted is what was packed, perhaps a second time
    if None not in (total, size) and total != size:
        raise Fault(f"has a file of {total} bytes there, not of {size}", misplaced=True)
    wanted = count if total is None else min(count, total)
    body = _take(response.iter_stream(), wanted, ends=_length(fields) == wanted)
    if len(body) < wanted and total is not None:
        raise Fault(f"sent {len(body)} of {wanted} bytes", again=True)
    return body, wanted == total or len(body) < wanted


def _length(fields: dict[bytes, bytes]) -> int | None:
    text = fields.get(b"content-length", b"")
    return int(text) if text.isdigit() and len(text) < 19 else None


def _total(fields: dict[bytes, bytes], count: int) -> int | None:
    """Return the size of the whole file from a part's Content-Range."""
    text = fields.get(b"content-range", b"").decode("latin-1").strip()
    match = _RANGE.fullmatch(text)
    if match is None:
        raise Fault("sent a part of the file without saying which")
    first, last, total = match.groups()
    known = total != "*"
    if int(first) or (known and int(last) < min(count, int(total)) - 1):
        raise Fault(f"sent another part of the file than asked for ({text[:60]})")
    return int(total) if known else None


def _take(chunks: Iterable[bytes], count: int, *, ends: bool) -> bytes:
    """Read `count` bytes; if the answer `ends` there, its end too, so its connection lives on."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > count or (len(body) == count and not ends):
            break
    return bytes(body[:count])


def _refusal(status: int, fields: dict[bytes, bytes]) -> Fault:
    if status in (401, 403, 404, 410):
        words = "has no such file" if status in (404, 410) else "doesn't let everybody read it"
        return Fault(f"{words} (status {status})", misplaced=True)
    again = status in (408, 425, 429) or status >= 500
    after = _retry_after(fields.get(b"retry-after", b"").decode("latin-1")) if again else 0.0
    return Fault(f"answers with status {status}", again=again, after=after)


def _retry_after(text: str) -> float:
    """Return the seconds of a Retry-After field: a number or a date."""
    text = text.strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0


def _distrusted(error: BaseException | None) -> bool:
    """Whether a certificate that wasn't valid lies behind an error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def _words(error: Exception) -> str:
    return next((words for kind, words in _FAULTS if isinstance(error, kind)), "can't be read")
