"""How much a run may take of time, bytes and connections."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..nifti import FIRST


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for a connection, for the next bytes of an answer, for the whole request."""

    connect: float = 5.0
    read: float = 15.0
    whole: float = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may take.

    Attributes
    ----------
    connections
        Open at the same time.
    attempts
        For each address, where trying again may help.
    first
        Compressed bytes to ask for at first.
    received
        Bytes to receive in all, HTTP's own included.
    seconds
        For the whole run.
    timeouts
        For one request.
    back_off
        Seconds before the second attempt; doubled for each further one, with jitter.
    """

    connections: int = 32
    attempts: int = 4
    first: int = FIRST
    received: int = 256 * 1024 * 1024
    seconds: float = 600.0
    timeouts: Timeouts = field(default_factory=Timeouts)
    back_off: float = 0.4
