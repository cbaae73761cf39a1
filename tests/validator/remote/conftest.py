"""Servers that end with the test, limits that keep it short."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from spinegate.validator.annex import Key
from spinegate.validator.remote.limits import Limits, Timeouts
from tests.validator.remote.servers import Answer, Server, key_of


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    """Start servers; all end with the test."""
    servers: list[Server] = []

    def start(answer: Answer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def key(nifti: bytes) -> Key:
    """The key of the smallest image."""
    return key_of(nifti)


@pytest.fixture
def quick() -> Limits:
    """Limits for tests: no waiting where it says nothing."""
    timeouts = Timeouts(connect=2.0, read=1.0, whole=2.0)
    return Limits(connections=4, seconds=12.0, timeouts=timeouts, back_off=0.01)
