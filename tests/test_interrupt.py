"""Ctrl-C at any moment of the start ends the command without a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

INTERRUPTED = """
import os, runpy, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            os.kill(os.getpid(), signal.SIGINT)

MODULE = sys.argv[1]
sys.meta_path.insert(0, Finder())
sys.argv[:] = ["spinegate", "validate", "."]
runpy.run_module("spinegate", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to oneself")
@pytest.mark.parametrize(
    "module",
    ["click", "spinegate.cli", "spinegate.validator.cli", "spinegate.validator.run", "yaml"],
)
def test_interrupted_while_a_module_is_imported(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")
