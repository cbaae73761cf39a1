"""A report from strangers as text that a bot may post: bounded, and nobody is called by it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from ...system.errors import ConfigError
from ..finding import Finding
from ..report.load import load_jsonl
from ..report.markdown import write_markdown
from ..report.visible import visible
from ..result import Header, Report, RuleCount, make_report
from .typed import is_plain

T = TypeVar("T", Finding, Header, RuleCount)

LIMIT = 65_000
"""Bytes of a body. GitHub says 65,536 characters; bytes are the most of any unit."""

_SIZE = 64 * 2**20  # bytes of a report; that of 267 participants takes 6 MiB
_TEXT = 2000  # characters of one text in it
_PATHS = 1000  # of one finding
OPEN, CLOSE = "<details", "</details>"
# Mentions, references and addresses; a joiner of no width keeps GitHub from acting on them.
_PAIRED_COLON = re.compile(":(?=:)")
_CALL = re.compile(
    r"@(?=[A-Za-z0-9])|#(?=[0-9])|\bGH-(?=[0-9])|\bwww(?=\.)|:(?=//)|!(?=\[)", re.IGNORECASE
)


def load_untrusted(path: Path) -> Report:
    """Load a report that a stranger may have written.

    Its texts are shortened, its sums made again, and commands that aren't plain are left out.

    Raises
    ------
    ConfigError
        No file, too large, not a report, or cut off.
    """
    try:
        found = os.lstat(path)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path)) from None
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError("not an ordinary file", str(path))
    if found.st_size > _SIZE:
        raise ConfigError(f"larger than {_SIZE >> 20} MiB: no report of ours", str(path))
    report = load_jsonl(path)
    summary = report.summary
    return make_report(
        _shortened(report.header, _HEADER),
        [_tame(finding) for finding in report.findings],
        [replace(_shortened(rule, _RULE), reasons=_reasons(rule)) for rule in report.rules],
        fixed=[_tame(finding) for finding in report.fixed],
        values=report.values,
        variants=report.variants,
        sites=report.sites,
        files=summary.files,
        scans=summary.scans,
        seconds=summary.seconds,
    )


_HEADER = ("dataset", "protocol", "profile", "base")
_RULE = ("code", "title", "why")
_FINDING = ("code", "sub_code", "location", "message", "suggestion", "site", "contrast", "rule")


def _tame(finding: Finding) -> Finding:
    return replace(
        _shortened(finding, _FINDING),
        affects=tuple(map(_short, finding.affects[:_PATHS])),
        command=finding.command if is_plain(finding.command) else "",
    )


def _reasons(rule: RuleCount) -> dict[str, int]:
    return {_short(reason): count for reason, count in rule.reasons.items()}


def _shortened(value: T, keys: Iterable[str]) -> T:
    texts: dict[str, Any] = {key: _short(getattr(value, key)) for key in keys}
    return replace(value, **texts)


def _short(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"


def write_body(report: Report, marker: str, footer: str) -> str:
    """Write the body of a comment: our marker, the report as Markdown, our footer."""
    page = StringIO()
    write_markdown(report, page, room(marker, footer))
    return fit(marker, page.getvalue(), footer)


def room(marker: str, footer: str) -> int:
    """Return how many bytes a body has left for its middle."""
    return LIMIT - len(f"{marker}\n\n\n{footer}\n".encode())


def fit(marker: str, text: str, footer: str) -> str:
    """Put a body together: its middle quiet, and cut where it is too long."""
    return f"{marker}\n{cut(quiet(text), room(marker, footer))}\n\n{footer}\n"


def quiet(text: str) -> str:
    """Return Markdown in which nothing calls a person, an issue or another server.

    The writer's escapes see to it for text; this sees to what stands in HTML and in code as well.
    """
    return _CALL.sub("\\g<0>\u2060", text)


def cut(text: str, limit: int, rest: str = "the report has it all") -> str:
    """Return as much as fits into so many bytes, in whole blocks: no open list or HTML remains.

    Parameters
    ----------
    rest
        Says where to find what doesn't fit.
    """
    text = text.strip("\n")
    if len(text.encode("utf-8", "backslashreplace")) <= limit:
        return text
    note = f"\n\nThe rest does not fit here; {rest}."
    left = limit - len(note.encode())
    size = depth = safe = 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        size += len(line.encode("utf-8", "backslashreplace")) + 1
        if size > left:
            break
        depth += line.startswith(OPEN) - line.startswith(CLOSE)
        if depth == 0 and not line:
            safe = number
    return "\n".join(lines[:safe]) + note


def plain(text: str, limit: int = 120) -> str:
    """Return text of a dataset for a title or a log: one line, no call, no workflow command."""
    text = visible(text)
    text = text if len(text) <= limit else f"{text[:limit]}…"
    return _PAIRED_COLON.sub(": ", quiet(text).replace("##[", "# #["))
