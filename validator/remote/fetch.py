"""Many headers at once over HTTP: tried again where that helps, ended where it doesn't."""

from __future__ import annotations

import queue
import random
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping

from ... import __version__
from ..annex import Key
from ..nifti import FIRST, LIMIT, HeaderError, inflate, parse_header
from ..tree import Unreadable
from .guard import Resolver
from .health import Health
from .limits import Limits
from .places import Address, Places
from .request import Client, Fault, trust

AGENT = f"spinegate/{__version__} (headers of annexed images)"
_GZIP = b"\x1f\x8b"
_STEPS = (4 * FIRST, 16 * FIRST, LIMIT)  # compressed bytes to ask for when the first don't do
_GRACE = 2.0  # seconds for workers that are inside a system call when time is over

Progress = Callable[[int, int], None]


def fetch(
    keys: Iterable[Key],
    places: Places,
    limits: Limits,
    *,
    allow_private: bool = False,
    tls: ssl.SSLContext | None = None,
    progress: Progress | None = None,
    keep: Callable[[str, bytes], None] | None = None,
) -> Mapping[str, bytes | Unreadable]:
    """Read the headers of keys from their remotes.

    Parameters
    ----------
    keys
        Keys, each once.
    places
        Where they lie.
    limits
        How much this may take.
    allow_private
        Whether plain http and private or loopback addresses are allowed.
    tls
        Certificates to trust; the usual ones by default.
    progress
        Called with the number of keys done and of all.
    keep
        Called with each key and header that was read.

    Returns
    -------
    Mapping[str, bytes | Unreadable]
        Key's text -> its header, inflated (348 or 540 bytes), or why it can't be had.
    """
    wanted = list(keys)
    if not wanted:
        return {}
    run = _Run(places, limits, allow_private, keep)
    for key in wanted:
        run.waiting.put(key)
    tls = tls or trust()
    resolver = Resolver(allow_private)
    for _ in range(min(limits.connections, len(wanted))):
        client = Client(resolver, tls, limits.timeouts, allow_private, AGENT)
        run.clients.append(client)
        # daemons: a name server that hangs must not keep the program from ending
        threading.Thread(target=run.work, args=(client,), daemon=True).start()
    try:
        return run.collect(wanted, progress)
    finally:
        run.stop.set()


class _Run:
    """What the workers of one run share."""

    def __init__(
        self,
        places: Places,
        limits: Limits,
        allow_private: bool,
        keep: Callable[[str, bytes], None] | None,
    ) -> None:
        self._places, self._limits, self._keep = places, limits, keep
        self._allow_private = allow_private
        self._until = time.monotonic() + limits.seconds
        self._health = Health()
        self.stop = threading.Event()
        self.waiting: queue.SimpleQueue[Key] = queue.SimpleQueue()
        self.clients: list[Client] = []
        self._done: queue.SimpleQueue[tuple[str, bytes | Unreadable]] = queue.SimpleQueue()

    def collect(
        self, wanted: list[Key], progress: Progress | None
    ) -> dict[str, bytes | Unreadable]:
        """Gather the answers until all are there or time is over."""
        found: dict[str, bytes | Unreadable] = {}
        while len(found) < len(wanted):
            left = self._until + _GRACE - time.monotonic()
            try:
                key, content = self._done.get(timeout=max(0.0, left))
            except queue.Empty:
                break
            found[key] = content
            if progress is not None:
                progress(len(found), len(wanted))
        late = Unreadable(self._over())
        return {key.text: found.get(key.text, late) for key in wanted}

    def work(self, client: Client) -> None:
        """Read one key after another."""
        try:
            while not self.stop.is_set():
                try:
                    key = self.waiting.get_nowait()
                except queue.Empty:
                    return
                self._done.put((key.text, self._read(client, key)))
        finally:
            client.close()

    def _read(self, client: Client, key: Key) -> bytes | Unreadable:
        """Read one key from the first address that gives it."""
        reasons: dict[str, None] = {}
        given_up: set[str] = set()
        try:
            for address in self._places.of(key):
                group = address.group
                if group in given_up or not self._health.fits(group, address.layout):
                    continue
                reason = self._health.closed(group)
                try:
                    if not reason:
                        return self._insist(client, key, address)
                except Fault as fault:
                    reason = fault.reason
                    if not fault.misplaced:
                        given_up.add(group)
                ended = self._ended()
                if reason != ended:
                    reasons[f"{address.name} {reason}"] = None
                if ended:
                    reasons[ended] = None
                    break
        except Exception as error:
            reasons[f"unexpected: {type(error).__name__}: {str(error)[:200]}"] = None
        return Unreadable("; ".join(reasons) or self._places.reason(key))

    def _insist(self, client: Client, key: Key, address: Address) -> bytes:
        """Ask one address again and again, as long as that may help."""
        attempt = 1
        while True:
            try:
                self._pause(self._health.wait(address.group))
                content = self._header(client, address)
            except Fault as fault:
                last = not fault.again or attempt >= self._limits.attempts
                self._health.failed(address.group, fault, last)
                if last or self._ended() or self._health.closed(address.group):
                    raise
                # Retry-After is waited for above, by all who ask this server
                delay = self._limits.back_off * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311
                self._pause(delay)
                attempt += 1
            else:
                self._health.served(address.group, address.layout)
                if self._keep is not None:
                    self._keep(key.text, content)
                return content

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.stop.wait(min(seconds, max(0.0, self._until - time.monotonic())))

    def _header(self, client: Client, address: Address) -> bytes:
        """Ask for as many bytes as the header needs, few at first."""
        for count in (self._limits.first, *_STEPS):
            if ended := self._ended():
                raise Fault(ended)
            content, whole = client.read(address.url, count, address.size, self._until)
            try:
                header = _inflated(content)
                if parse_header(header, complete=whole or count >= LIMIT) is not None:
                    return header
            except HeaderError as error:
                raise Fault(f"holds what is no image there: {error}", misplaced=True) from None
        raise Fault("holds what is no image there", misplaced=True)

    def _ended(self) -> str:
        """Return why no more may be asked, "" where it may."""
        received = sum(client.allowance.received for client in self.clients)
        if received >= self._limits.received:
            return f"stopped after {received} bytes"
        over = self.stop.is_set() or time.monotonic() >= self._until
        return self._over() if over else ""

    def _over(self) -> str:
        return f"stopped after {self._limits.seconds:g} s"


def _inflated(content: bytes) -> bytes:
    """Inflate a header, twice where a server has packed what was packed."""
    data = inflate(content)
    if content[:2] != _GZIP or data[:2] != _GZIP:
        return data
    unpacked = zlib.decompressobj(wbits=31).decompress(content, LIMIT)
    return inflate(unpacked)
