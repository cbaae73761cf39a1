"""git's trust in the clone of a workflow run."""

from __future__ import annotations

import os
from pathlib import Path

from ...system.errors import SpinegateError


def trust_clones(temporary: Path) -> None:
    """Let git read a clone that another user owns: a container runs as one, checkout as another.

    It holds for this process and its children; they call git without hooks and filters.

    Parameters
    ----------
    temporary
        A folder that the workflow's end removes; it is made.

    Raises
    ------
    SpinegateError
        It can't be written to.
    """
    settings = temporary / "config" / "git" / "config"
    try:
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[safe]\n\tdirectory = *\n", encoding="ascii")
    except OSError as error:
        raise SpinegateError(f"{settings} can't be written: {error.strerror}") from None
    os.environ["XDG_CONFIG_HOME"] = str(settings.parents[1])
