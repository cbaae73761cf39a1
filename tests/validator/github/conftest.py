"""A GitHub on loopback, and the environment of a job there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from spinegate.cli import COMMANDS, run
from tests.validator.github.server import REPOSITORY, TOKEN, GitHub

Call = Callable[..., int]


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A server that knows one repository; the environment leads there."""
    server = GitHub()
    for name in ("GITHUB_GRAPHQL_URL", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_API_URL", server.url)
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    yield server
    server.close()


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run ``spinegate github ...`` and return its exit status."""
    monkeypatch.setitem(COMMANDS, "github", ("spinegate.validator.github.cli", ""))
    return lambda *words: run(["github", *map(str, words)])
