"""New names from findings: of this run, or of a report that was saved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...system.errors import ConfigError
from ...system.files import read_limited
from ...validator.finding import Finding
from ...validator.operation import Rename, from_mapping

_LIMIT = 512 * 1024 * 1024


class Wish(NamedTuple):
    """A new name, and the identity of the finding that asks for it."""

    old: str
    new: str
    identity: str


def from_findings(findings: Iterable[Finding]) -> Iterator[Wish]:
    """Yield the new names that findings propose."""
    for finding in findings:
        yield from _wish(finding.fix, finding.identity)


def from_report(path: Path) -> Iterator[Wish]:
    """Yield the new names that a report in JSON or JSONL proposes.

    Raises
    ------
    ConfigError
        No such report.
    """
    for record in _records(read_limited(path, _LIMIT), str(path)):
        fix, identity = record.get("fix"), record.get("identity")
        if isinstance(fix, dict):
            yield from _wish(fix, identity if isinstance(identity, str) else "")


def _records(content: bytes, name: str) -> Iterator[Mapping[str, Any]]:
    try:
        report = json.loads(content)
        found = report["findings"] if isinstance(report, dict) and "findings" in report else None
        if found is None:
            found = [report]
    except (ValueError, RecursionError):
        found = list(_lines(content, name))
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise ConfigError("is not a report of spinegate validate --format json or jsonl", name)
    yield from found


def _lines(content: bytes, name: str) -> Iterator[Any]:
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            record = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError):
            raise ConfigError("is not a report in JSON or JSONL", name, number) from None
        yield record


def _wish(fix: Mapping[str, Any] | None, identity: str) -> Iterator[Wish]:
    try:
        operation = from_mapping(fix or {})
    except (ValueError, TypeError):
        return
    if isinstance(operation, Rename):
        yield Wish(operation.path, operation.to, identity)
