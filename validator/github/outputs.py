"""The files through which a step talks to GitHub: its outputs and the summary of the job."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

_LARGEST = 1024 * 1024  # bytes that GitHub takes for the summary of one step


def write_outputs(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Add outputs of this step; outside GitHub nothing happens.

    Each value stands between lines of a mark that nobody can guess: a value with line ends can't
    make outputs of its own.

    Raises
    ------
    OSError
        The file can't be written.
    """
    path = environment.get("GITHUB_OUTPUT")
    if not path:
        return
    mark = f"end-{secrets.token_hex(16)}"
    text = "".join(f"{name}<<{mark}\n{value}\n{mark}\n" for name, value in outputs.items())
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)


def append_summary(environment: Mapping[str, str], report: Path) -> None:
    """Add a report in Markdown to the summary of the job; outside GitHub nothing happens.

    Raises
    ------
    OSError
        A file can't be read or written.
    """
    path = environment.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    content = report.read_bytes()
    if len(content) >= _LARGEST:  # GitHub would refuse it, and show nothing
        content = b"The report is too long to be shown here; it is among the artifacts.\n"
    with Path(path).open("ab") as file:
        file.write(content + b"\n")
