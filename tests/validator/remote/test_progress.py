"""Progress: on a terminal one line that changes, in a log a line now and then."""

from __future__ import annotations

import io
import time

import pytest

from spinegate.validator.remote import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_terminal_has_one_line(clock: list[float]) -> None:
    stream = Terminal()
    tell = progress.Progress(stream)
    for done in range(1, 5):
        clock[0] += 0.15
        tell(done, 4)
    assert stream.getvalue() == (
        "\rheaders read from remotes: 2 of 4\rheaders read from remotes: 4 of 4\n"
    )


def test_a_log_has_few(clock: list[float]) -> None:
    stream = io.StringIO()
    tell = progress.Progress(stream)
    for done in range(1, 101):
        clock[0] += 0.25
        tell(done, 100)
    assert stream.getvalue() == (
        "headers read from remotes: 40 of 100\nheaders read from remotes: 80 of 100\n"
    )


def test_nobody_need_listen(clock: list[float]) -> None:
    tell = progress.Progress(Closed())
    for done in (1, 2):
        clock[0] += 99
        tell(done, 2)
