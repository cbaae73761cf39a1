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
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import ToolError
from ..finding import Finding, Origin, Remedy, Scope
from .output import Issue, OutputError, parse_output

TOOL = "bids-validator-deno"
TIMEOUT = 900.0
"""Seconds; 24,000 files take 5."""

NEED_CONTENT = frozenset(
    {"NIFTI_HEADER_UNREADABLE", "EMPTY_FILE", "FILE_READ", "INVALID_GZIP", "SYMLINK_BROKEN"}
)
"""What the validator says of a file for the mere reason that its content is not here."""

_HINT = "it is not installed; install it with: pip install 'spinegate[bids]'"
_NAME_CODES = re.compile(
    r"FILENAME|ENTITY|LOCATION|EXTENSION_MISMATCH|DATATYPE|NOT_INCLUDED|CASE_"
)
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT", "USERPROFILE", "TEMP", "TMP")


@dataclass(frozen=True, slots=True)
class OfficialReport:
    """The official validator's findings.

    Attributes
    ----------
    findings
        In their own order, each once.
    undetermined
        How many issues were dropped because the content of their file is not here.
    origin
        Which validator and version, by which version of the schema.
    """

    findings: tuple[Finding, ...]
    undetermined: int
    origin: Origin


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


def read_report(
    text: str, absent: Container[str] = frozenset(), version: str = ""
) -> OfficialReport:
    """Turn the validator's JSON output into findings; see `run_official`."""
    try:
        output = parse_output(text)
    except OutputError as error:
        raise ToolError([TOOL], 0, f"unexpected output, {error}") from error
    origin = Origin(TOOL, version, "BIDS", output.schema_version)
    issues = dict.fromkeys(output.issues)
    kept = [issue for issue in issues if not _wants_content(issue, absent)]
    findings = tuple(_finding(issue, output.code_messages, origin) for issue in kept)
    return OfficialReport(findings, len(issues) - len(kept), origin)


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


def _wants_content(issue: Issue, absent: Container[str]) -> bool:
    return issue.code in NEED_CONTENT and issue.location in absent


def _finding(issue: Issue, messages: Mapping[str, str], origin: Origin) -> Finding:
    location = issue.location or (issue.affects[0] if issue.affects else ".")
    general = _plain(messages.get(issue.code, ""))
    own = _plain(issue.message)
    subject = f"{issue.sub_code}: " if issue.sub_code else ""
    return Finding(
        code=issue.code,
        severity=issue.severity,
        location=location,
        message=" ".join(part for part in (f"{subject}{general}", own) if part) or issue.code,
        origin=origin,
        scope=Scope.FILE if "/" in location else Scope.DATASET,
        sub_code=issue.sub_code,
        suggestion=issue.suggestion,
        remedy=_remedy(issue.code),
        rule=issue.rule,
        affects=tuple(path for path in issue.affects if path != location),
        line=issue.line,
    )


def _remedy(code: str) -> Remedy | None:
    if is_about_name(code):
        return Remedy.RENAME
    if code.startswith(("JSON", "SIDECAR", "TSV", "PARTICIPANT", "INVALID_JSON")):
        return Remedy.EDIT
    return Remedy.RECONVERT if code.startswith(("NIFTI", "EMPTY_FILE", "INVALID_GZIP")) else None


def is_about_name(code: str) -> bool:
    """Whether one of the official codes is about a file's name or place."""
    return bool(_NAME_CODES.search(code))


def _plain(text: str) -> str:
    """One line without Markdown links; the schema's descriptions run over many."""
    line = " ".join(_LINK.sub(r"\1", text).split())
    return line if len(line) <= 300 else f"{line[:297].rstrip()}..."
