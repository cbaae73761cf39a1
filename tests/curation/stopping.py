"""Runs that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

_KILLED = """
import os, signal, sys
from pathlib import Path
from spinegate.curation import transaction
from spinegate.curation.commit import apply_and_commit
from spinegate.validator.operation import *
put = transaction._set
def stop(place, state):
    put(place, state)
    if state.phase == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
transaction._set = stop
operations = [Rename("lower.txt", "Lower.txt"), Set("edited.json", "A", 2), Write("n/n.txt", "n")]
apply_and_commit(operations, Path(sys.argv[1]), "x")
"""


def stop_at(folder: Path, phase: str) -> None:
    """Begin to rename, edit and write a file each, and be killed as a phase begins."""
    argv = [sys.executable, "-c", _KILLED, str(folder), phase]
    done = subprocess.run(argv, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def unlock(repository: Path) -> None:
    """Take away the locks that a killed git has left, as git tells its users to."""
    for lock in [
        *(repository / ".git").glob("*.lock"),
        *(repository / ".git/refs").rglob("*.lock"),
    ]:
        lock.unlink()
