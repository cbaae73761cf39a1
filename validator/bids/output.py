"""The JSON that the official validator prints, as strict types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..finding import Severity


class OutputError(Exception):
    """The validator's output is not of the form that its version 2 and 3 write."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue; a key that is not there is empty.

    `location` and `affects` are relative to the dataset, without the slash in front.
    """

    code: str
    severity: Severity
    sub_code: str = ""
    location: str = ""
    message: str = ""
    suggestion: str = ""
    rule: str = ""
    affects: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """All issues in their order, what each code means, and the schema that was used."""

    issues: tuple[Issue, ...]
    code_messages: Mapping[str, str]
    schema_version: str


def parse_output(text: str | bytes) -> Output:
    """Read the output of ``bids-validator-deno --format json``.

    Raises
    ------
    OutputError
        Where a part is missing or of another type; it names the part.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OutputError(f"no JSON: {error}") from None
    block = _get(_typed(data, dict, "output"), "issues", dict, {})
    messages = _get(block, "codeMessages", dict, {})
    summary = _get(data, "summary", dict, {})
    if "issues" not in block:
        raise OutputError("'issues.issues' is missing")
    return Output(
        tuple(map(_issue, _get(block, "issues", list, []))),
        {code: _typed(message, str, "codeMessages") for code, message in messages.items()},
        _get(summary, "schemaVersion", str, ""),
    )


def _issue(row: Any) -> Issue:
    _typed(row, dict, "issue")
    if not row.get("code"):
        raise OutputError("an issue has no 'code'")
    word = _get(row, "severity", str, "error")
    try:
        severity = Severity(word)
    except ValueError:
        raise OutputError(f"unknown severity {word!r}") from None
    affects = _get(row, "affects", list, [])
    return Issue(
        code=_get(row, "code", str, ""),
        severity=severity,
        sub_code=_get(row, "subCode", str, ""),
        location=_get(row, "location", str, "").lstrip("/"),
        message=_get(row, "issueMessage", str, ""),
        suggestion=_get(row, "suggestion", str, ""),
        rule=_get(row, "rule", str, ""),
        affects=tuple(_typed(path, str, "affects").lstrip("/") for path in affects),
        line=_get(row, "line", int, None),
    )


def _get(row: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = row.get(key)
    return default if value is None else _typed(value, kind, key)


def _typed(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise OutputError(f"{name!r} is {type(value).__name__}, not {kind.__name__}")
    return value
