"""What may reach the user: a message that names the file and what to do, never a traceback."""

from __future__ import annotations

from collections.abc import Sequence


class SpinegateError(Exception):
    """A fault that the user can understand and mend; the command line exits with status 2."""


class ConfigError(SpinegateError):
    """A specification, a rule or a setting that is not valid.

    Parameters
    ----------
    message
        What is wrong and what to do.
    file
        The file that holds the fault, as the user knows it.
    line
        Its line, counted from 1.
    """

    def __init__(self, message: str, file: str = "", line: int | None = None) -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + message)
        self.message, self.file, self.line = message, file, line


class ToolError(SpinegateError):
    """An external program that is missing or has failed."""

    def __init__(self, cmd: Sequence[str], code: int | None, stderr: str) -> None:
        state = "could not be started" if code is None else f"failed with exit status {code}"
        super().__init__(f"{cmd[0]} {state}: {stderr.strip()[-2000:]}")
        self.cmd, self.code, self.stderr = tuple(cmd), code, stderr
