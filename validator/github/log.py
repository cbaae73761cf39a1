"""The log of a workflow step: GitHub takes lines in it for commands, so what others say is fenced.

A line that starts with ``::``, or holds ``##[``, is a command to the runner. While commands are
stopped by a token that nobody can guess, text from a dataset can't be one.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..report.visible import visible


@contextmanager
def quoted() -> Iterator[None]:
    """Let everything that is printed inside be text, never a command."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        print(f"::{token}::", flush=True)


def annotate(level: str, text: str) -> None:
    """Print an annotation: level is ``error``, ``warning`` or ``notice``."""
    body = visible(text).replace("%", "%25")
    print(f"::{level} title=spinegate::{body}", flush=True)
