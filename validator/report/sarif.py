"""SARIF 2.1.0: findings as alerts of GitHub's code scanning, or of any viewer of SARIF.

GitHub refuses a file with more than 25,000 results and shows 5,000 of them, the gravest; it knows
an alert again by its fingerprint, and wants a file with every result. It heeds neither
`suppressions` nor `baselineState`: what is waived or mended is left out before an upload.
Its limits: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any, TextIO
from urllib.parse import quote

from ..finding import Finding, Severity, Status
from ..result import Report
from . import phrases
from .groups import LEVELS, Group, group
from .markdown import escape
from .standing import standing, waiver_text
from .stream import dump
from .visible import visible
from .wording import shorten

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RESULTS = 25_000
_RELATED = 10  # other files of a finding; the json report has all
_TAGS = 20
_LENGTH = 1000  # characters of a message or a name
_DATASET = "dataset_description.json"  # stands for the dataset, where a file must be named
_BASE = "%SRCROOT%"
_LINE = 2**31 - 1
_STATES = {Status.NEW: "new", Status.OLD: "unchanged", Status.FIXED: "absent", None: "new"}
_KNOWN = tuple(level.value for level in LEVELS)


def write_sarif(report: Report, stream: TextIO) -> None:
    """Write one run: what is open, what was there before, what is waived, what was mended."""
    stream.write(dump(_log(report)).replace("\x7f", "\\u007f") + "\n")


def _log(report: Report) -> dict[str, Any]:
    now = standing(report)
    changed = {finding.identity for finding in now.fixed} if report.header.base else set()
    left = {finding.identity for finding in report.findings}
    gone = [finding for finding in now.fixed if finding.identity not in left]
    groups = group(report, [*report.findings, *gone])
    index = {code: at for at, code in enumerate(dict.fromkeys(item.code for item in groups))}
    found = [
        f for part in (now.open, now.old) for level in LEVELS for f in part if f.severity is level
    ]
    found += [*now.waived, *gone]
    run: dict[str, Any] = {
        "tool": {"driver": _driver(report, groups)},
        "columnKind": "unicodeCodePoints",
        "results": [
            {**_result(finding, index), **_state(finding, report, changed)}
            for finding in found[:_RESULTS]
        ],
    }
    if (hidden := len(found) - _RESULTS) > 0:
        run["invocations"] = _invocations(hidden)
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _state(finding: Finding, report: Report, changed: Container[str]) -> dict[str, Any]:
    """Say what became of a finding since the base, and who has accepted it."""
    state: dict[str, Any] = {}
    if report.header.base:
        word = _STATES.get(finding.status, "new")
        state["baselineState"] = (
            "updated" if word == "new" and finding.identity in changed else word
        )
    if finding.severity is Severity.IGNORE:
        why = _text(waiver_text(finding))
        state["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return state


def _level(finding: Finding) -> str:
    """Return the level; of what is waived that of its rule, where it is known."""
    level = finding.severity.value
    if finding.severity is Severity.IGNORE:
        level = (finding.policy or {}).get("severity", "")
    return level if level in _KNOWN else "note"


def _invocations(hidden: int) -> list[dict[str, Any]]:
    text = f"{hidden:,} more findings did not fit; the json report has them all."
    note = {"level": "warning", "message": {"text": text}}
    return [{"executionSuccessful": True, "toolExecutionNotifications": [note]}]


def _driver(report: Report, groups: Sequence[Group]) -> dict[str, Any]:
    first: dict[str, Group] = {}
    for item in groups:
        first.setdefault(item.code, item)
    origin = report.header.origin
    return {
        "name": _text(origin.validator) or "spinegate",
        "version": _text(origin.version) or "0",
        "rules": [_rule(item) for item in first.values()],
    }


def _rule(item: Group) -> dict[str, Any]:
    title = _text(item.rule.title) or _text(item.code)
    why = phrases.why(item)
    ways = phrases.remedies(item)
    plain = [why, *(f"What to do: {way}" for way in ways)]
    marked = [escape(why), *(f"**What to do:** {escape(way)}" for way in ways)]
    rule: dict[str, Any] = {
        "id": _text(item.code),
        "shortDescription": {"text": title},
        "fullDescription": {"text": _text(item.rule.why) or title},
        "defaultConfiguration": {"level": _level(item.findings[0])},
        "help": {
            "text": "\n".join(map(visible, filter(None, plain))) or title,
            "markdown": "\n\n".join(filter(None, marked)) or escape(title),
        },
    }
    tags = list(dict.fromkeys(_text(name) for name in item.concerns))[:_TAGS]
    return {**rule, "properties": {"tags": tags}} if tags else rule


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    message = _text(finding.message) or _text(finding.code)
    advice = _text(finding.suggestion)
    others = len(finding.affects)
    result: dict[str, Any] = {
        "ruleId": _text(finding.code),
        "ruleIndex": index[finding.code],
        "level": _level(finding),
        "message": {"text": "\n".join(filter(None, (message, advice, _typed(finding))))},
        "locations": [_location(finding.location, finding.line)],
        "fingerprints": {"spinegate/v1": finding.identity},
        # The only one that GitHub looks at; it would else be made from the file's lines.
        "partialFingerprints": {"primaryLocationLineHash": finding.identity},
    }
    if others:
        result["relatedLocations"] = _related(finding.affects)
    return result


def _typed(finding: Finding) -> str:
    command = finding.command
    return f"Type: {command}" if command and command == _text(command) else ""


def _related(paths: Iterable[str]) -> list[dict[str, Any]]:
    unique = list(dict.fromkeys(paths))
    return [{"id": at, **_location(path)} for at, path in enumerate(unique[:_RELATED], start=1)]


def _location(path: str, line: int | None = None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(path), "uriBaseId": _BASE}}
    place["region"] = {"startLine": min(max(line or 1, 1), _LINE)}
    return {"physicalLocation": place}


def uri(path: str) -> str:
    """Return a path of the dataset as a relative reference that leads nowhere else.

    >>> uri('sub-01/a b.json'), uri('.'), uri('../../etc/passwd')
    ('sub-01/a%20b.json', 'dataset_description.json', 'etc/passwd')
    """
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    text = "/".join(parts) or _DATASET
    return quote(text.encode("utf-8", "backslashreplace"))


def _text(text: str) -> str:
    return shorten(visible(text), _LENGTH)
