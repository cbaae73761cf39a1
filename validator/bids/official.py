"""Run the official BIDS validator (`--bids full`) and turn its issues into findings.

Where its wheel lies beside the running Python it runs without network, without git and without
write access, and may read the dataset alone: a stranger's annex could otherwise name addresses.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Container
from pathlib import Path

from ...system.errors import ToolError
from .issues import TOOL, OfficialReport, read_report

__all__ = ["OfficialReport", "find_command", "run_official"]

TIMEOUT = 900.0
"""Seconds; 24,000 files take 5."""

_HINT = "it is not installed; install it with: pip install bids-validator-deno"
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT", "USERPROFILE", "TEMP", "TMP")


def run_official(
    dataset: Path, absent: Container[str] = frozenset(), timeout: float = TIMEOUT
) -> OfficialReport:
    """Validate a dataset's folder with the official validator.

    Parameters
    ----------
    dataset
        The folder.
    absent
        Paths, relative to it, of the annexed files whose content is not here.
    timeout
        Seconds after which the validator is stopped.

    Raises
    ------
    ToolError
        Where it is not installed, crashes, takes too long, or prints what can't be understood.
    """
    folder = dataset.resolve()
    command = find_command(folder)
    text = _run([*command, str(folder), "--format", "json"], timeout)
    version = _run([*command, "--version"], timeout).split()[-1:]
    return read_report(text, absent, version[0] if version else "")


def find_command(folder: Path) -> list[str]:
    """Find the validator beside the running Python, then on PATH.

    Raises
    ------
    ToolError
        Where there is none; the message says how to install it.
    """
    beside = Path(sys.executable).parent
    suffix = ".exe" if os.name == "nt" else ""
    deno = beside / f"deno{suffix}"
    bundle = Path(sysconfig.get_path("purelib"), "bids_validator_deno", "bids-validator.js")
    if deno.is_file() and bundle.is_file():
        limits = ["--no-prompt", "--allow-env", f"--allow-read={folder}"]
        # A comma would end the path within the list of permissions.
        if "," not in str(folder):
            return [str(deno), "run", *limits, str(bundle)]
    script = beside / f"{TOOL}{suffix}"
    found = str(script) if script.is_file() else shutil.which(TOOL)
    if not found:
        raise ToolError([TOOL], None, _HINT)
    return [found]


def _run(command: list[str], timeout: float) -> str:
    """Run the validator; it exits with 16 where it finds errors."""
    environment = {key: os.environ[key] for key in _ENVIRONMENT if key in os.environ}
    environment |= {"NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise ToolError([TOOL], None, f"stopped after {timeout:g} s") from None
    except OSError as error:
        raise ToolError([TOOL], None, str(error)) from error
    if done.returncode not in (0, 16):
        raise ToolError([TOOL], done.returncode, done.stderr.decode("utf-8", "backslashreplace"))
    text = done.stdout.decode("utf-8", "backslashreplace")
    return re.sub(r"\x1b\[[0-9;]*m", "", text) if "--version" in command else text
