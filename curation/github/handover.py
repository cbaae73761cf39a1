"""What the job that prepares hands to the job that may write: text, and a patch as text.

The first job reads a stranger's files, so what it leaves is taken for a stranger's: bounded, and
of the types that it must be.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from ...system.errors import ConfigError, SpinegateError

_WORDS, _PATCH = "answer.json", "change.patch"
_LARGEST = {_WORDS: 2**20, _PATCH: 64 * 2**20}  # bytes
_LINES = 400
_LINE = 500


@dataclass(frozen=True, slots=True)
class Handover:
    """What was prepared.

    Attributes
    ----------
    head
        The commit that the patch goes onto; "" where there is no patch.
    said
        What there is to say, a paragraph each.
    listed
        What the patch does, line by line.
    """

    said: tuple[str, ...]
    listed: tuple[str, ...] = ()
    head: str = ""
    patch: bytes = b""


def refusal(error: SpinegateError) -> str:
    """Return an error as a paragraph."""
    return f"Nothing was changed: {' '.join(str(error).split())}."


def write_handover(handover: Handover, folder: Path) -> None:
    """Write it into a folder, which is made.

    Raises
    ------
    SpinegateError
        The patch is larger than one can be.
    """
    if len(handover.patch) > _LARGEST[_PATCH]:
        raise SpinegateError(
            f"the change is larger than {_LARGEST[_PATCH] >> 20} MiB: make it in a clone, with "
            "spinegate curate"
        )
    told = asdict(handover)
    del told["patch"]
    for key in ("said", "listed"):
        lines = [_short(line) for line in told[key]]
        more = [f"and {len(lines) - _LINES:,} more lines"] if len(lines) > _LINES else []
        told[key] = lines[:_LINES] + more
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _WORDS).write_text(json.dumps(told), encoding="utf-8")
    if handover.patch:
        (folder / _PATCH).write_bytes(handover.patch)


def read_handover(folder: Path) -> Handover:
    """Read what another job has left.

    Raises
    ------
    ConfigError
        It is missing, too large, or something else.
    """
    try:
        told = json.loads(_read(folder / _WORDS))
        handover = Handover(tuple(told["said"]), tuple(told["listed"]), told["head"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError("not what spinegate writes", str(folder / _WORDS)) from None
    texts = (*handover.said, *handover.listed, handover.head)
    if not all(isinstance(text, str) and len(text) <= _LINE + 1 for text in texts):
        raise ConfigError("not what spinegate writes", str(folder / _WORDS))
    if not handover.head:
        return handover
    patch = _read(folder / _PATCH)
    return Handover(handover.said, handover.listed, handover.head, patch)


def _read(path: Path) -> bytes:
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST[path.name]:
            raise ConfigError("not what spinegate writes", str(path))
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path)) from None


def _short(text: str) -> str:
    return text if len(text) <= _LINE else f"{text[:_LINE]}…"
