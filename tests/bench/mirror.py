"""A web server for the benchmark: any annex key's first bytes, after a delay; ends with its stdin.

Run by `remote.py` as a process of its own; prints its port.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import struct
import sys

_SIZE = re.compile(rb"-s(\d+)--")
_RANGE = re.compile(rb"\r\nrange: bytes=0-(\d+)", re.IGNORECASE)


def image() -> bytes:
    """Return the gzipped start of an image as long as any first request."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 320, 320, 64, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 4, 16)
    struct.pack_into("<8f", header, 76, 1, 0.8, 0.8, 0.8, 1, 1, 1, 1)
    header[123] = 2
    struct.pack_into("<2h", header, 252, 1, 0)
    header[344:348] = b"n+1\0"
    return gzip.compress(bytes(header) + random.Random(1).randbytes(64 * 1024), mtime=0)


class Mirror(asyncio.Protocol):
    """Answers one request after another on one connection."""

    body = image()

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            request, self._pending = self._pending[:end], self._pending[end + 4 :]
            loop = asyncio.get_running_loop()
            loop.call_later(self._delay, self._transport.write, self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        size, last = _SIZE.search(request), _RANGE.search(request)
        if size is None or last is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        total = int(size[1])
        count = min(int(last[1]) + 1, total)
        head = (
            b"HTTP/1.1 206 Partial Content\r\nContent-Type: application/gzip\r\n"
            b"Content-Range: bytes 0-%d/%d\r\nContent-Length: %d\r\n\r\n"
        ) % (count - 1, total, count)
        return head + self.body[:count]


async def main(delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Mirror(delay), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
