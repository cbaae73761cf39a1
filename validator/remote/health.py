"""What is learned about each remote during a run: how it lays out its files, whether it lives."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from .request import Fault

_PATIENCE = 12  # keys in a row for which all attempts failed: then a remote is left alone
_LONGEST_PAUSE = 60.0  # seconds that a server may keep us waiting by Retry-After


@dataclass(slots=True)
class _State:
    failures: int = 0
    served: bool = False
    layout: str = ""
    pause: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class Health:
    """Shared by all workers; `group` is what answers and fails together."""

    _states: dict[str, _State] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def _of(self, group: str) -> _State:
        return self._states.setdefault(group, _State())

    def closed(self, group: str) -> str:
        """Return why a remote is left alone, "" where it isn't."""
        with self._lock:
            return self._of(group).reason

    def fits(self, group: str, layout: str) -> bool:
        """Whether a remote may lay out its files so: any layout, until one has been found."""
        with self._lock:
            learned = self._of(group).layout
        return not learned or not layout or layout == learned

    def wait(self, group: str) -> float:
        """Return the seconds for which a remote wants to be left alone."""
        with self._lock:
            return max(0.0, self._of(group).pause - time.monotonic())

    def served(self, group: str, layout: str) -> None:
        """Note that a remote gave what was asked for."""
        with self._lock:
            state = self._of(group)
            state.failures, state.served = 0, True
            state.layout = layout

    def failed(self, group: str, fault: Fault, last: bool) -> None:
        """Note that it didn't; a file that isn't there says nothing of a remote that served.

        Parameters
        ----------
        group
            The remote.
        fault
            What it did.
        last
            Whether it won't be asked for this key again. A burst of refusals that pass ("slow
            down") is no failure.
        """
        with self._lock:
            state = self._of(group)
            if fault.after > _LONGEST_PAUSE:
                state.reason = f"{fault.reason} and asks to be left alone for {fault.after:.0f} s"
            elif fault.after:
                state.pause = max(state.pause, time.monotonic() + fault.after)
            if not last or (fault.misplaced and state.served):
                return
            state.failures += 1
            patience = _PATIENCE * 8 if fault.misplaced else _PATIENCE
            if state.failures >= patience and not state.reason:
                state.reason = fault.reason  # the same for all keys, so that a report groups them
