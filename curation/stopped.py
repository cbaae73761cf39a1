"""What to do about a run that was stopped half-way, whichever command's it was."""

from __future__ import annotations

import shlex

from ..system.errors import SpinegateError
from .place import Place


def ways_on(place: Place) -> str:
    """Say which commands finish a run that was stopped, or take it back."""
    where = shlex.quote(str(place.dataset))
    return f"spinegate curate fix --resume {where} finishes it, --undo {where} takes it back"


def interrupted(place: Place) -> str:
    """Say what an earlier run that was stopped asks for; "" where there is none."""
    phase = place.state.phase
    if phase in ("", "done"):
        return ""
    if phase.startswith("undo-"):
        where = shlex.quote(str(place.dataset))
        return (
            "an earlier run was being undone when it was stopped: "
            f"spinegate curate fix --undo {where} goes on"
        )
    return f"an earlier run was stopped half-way: {ways_on(place)}"


def require_settled(place: Place) -> None:
    """Refuse to begin where an earlier run was stopped and neither finished nor undone.

    Raises
    ------
    SpinegateError
        It says what to do.
    """
    if told := interrupted(place):
        raise SpinegateError(told)
