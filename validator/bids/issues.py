"""The official validator's issues as findings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from ...system.errors import ToolError
from ..finding import Finding, Origin, Remedy, Scope
from .output import Issue, OutputError, parse_output

TOOL = "bids-validator-deno"

NEED_CONTENT = frozenset(
    {"NIFTI_HEADER_UNREADABLE", "EMPTY_FILE", "FILE_READ", "INVALID_GZIP", "SYMLINK_BROKEN"}
)
"""What the validator says of a file for the mere reason that its content is not here."""

_NAME_CODES = re.compile(
    r"FILENAME|ENTITY|LOCATION|EXTENSION_MISMATCH|DATATYPE|NOT_INCLUDED|CASE_"
)
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class OfficialReport:
    """The official validator's findings.

    Attributes
    ----------
    findings
        Sorted, each once.
    undetermined
        Code -> how many of its issues were dropped because the content of their file isn't here.
    origin
        Which validator and version, by which version of the schema.
    titles
        Code -> what it means, in a line.
    """

    findings: tuple[Finding, ...]
    undetermined: Mapping[str, int]
    origin: Origin
    titles: Mapping[str, str] = field(default_factory=dict)


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
    blind = Counter(issue.code for issue in issues if _wants_content(issue, absent))
    findings = [
        _finding(issue, output.code_messages, origin)
        for issue in issues
        if not _wants_content(issue, absent)
    ]
    findings.sort(key=lambda one: (one.order, one.message))  # its own order is the disk's
    titles = {code: _plain(text) for code, text in output.code_messages.items()}
    return OfficialReport(tuple(findings), dict(blind), origin, titles)


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
