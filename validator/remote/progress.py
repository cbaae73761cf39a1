"""Says on stderr how many headers have been read: often on a terminal, seldom in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_OFTEN, _SELDOM = 0.2, 10.0  # seconds between two words


class Progress:
    """What `RemoteOptions.progress` may be: call it with what is done, and of how many.

    Parameters
    ----------
    stream
        Where to write; stderr by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._next = time.monotonic() + (_OFTEN if self._live else _SELDOM)

    def __call__(self, done: int, of: int) -> None:
        """Write a line if it is time for one."""
        now = time.monotonic()
        if now < self._next and not (self._live and done == of):
            return
        self._next = now + (_OFTEN if self._live else _SELDOM)
        start, end = ("\r", "\n" if done == of else "") if self._live else ("", "\n")
        try:
            self._stream.write(f"{start}headers read from remotes: {done} of {of}{end}")
            self._stream.flush()
        except OSError:  # nobody listens any more
            self._next = float("inf")
