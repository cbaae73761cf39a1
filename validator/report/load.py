"""Reads a saved stream of records; it may come from a stranger, so nothing in it is believed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from ...system.errors import ConfigError
from ..finding import Finding, Origin, Outcome, Remedy, Scope, Severity, Status
from ..result import Header, Report, RuleCount, Summary, Tally, Value, VariantUse

_LINE = 64 * 2**20  # bytes; the longest record, the header, holds 100 bytes a participant
T = TypeVar("T")
E = TypeVar("E", bound=Enum)


def load_jsonl(path: Path) -> Report:
    """Read a report that `write_jsonl` has written.

    Raises
    ------
    ConfigError
        Not readable, not such a stream, or cut off; it names the line.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in _READERS}
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(_LINE + 1):
                number += 1
                kind, record = _record(line)
                if (kind == "header") != (number == 1) or found["summary"]:
                    raise _RecordError(
                        "the header comes first and once, the summary last and once"
                    )
                found[kind].append(_READERS[kind](record))
    except _RecordError as error:
        raise ConfigError(str(error), str(path), number) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path)) from None
    if not found["summary"]:
        raise ConfigError("no summary at its end: the report is cut off", str(path), number or 1)
    header, sites, variants = found["header"][0]
    return Report(
        header=header,
        findings=tuple(f for f in found["finding"] if f.status is not Status.FIXED),
        fixed=tuple(f for f in found["finding"] if f.status is Status.FIXED),
        rules=tuple(found["rule"]),
        values=tuple(found["value"]),
        variants=variants,
        sites=sites,
        summary=found["summary"][0],
    )


class _RecordError(Exception):
    """What is wrong with a record; the caller knows the line."""


def _record(line: bytes) -> tuple[str, Mapping[str, Any]]:
    import orjson

    if len(line) > _LINE:
        raise _RecordError(f"a record longer than {_LINE >> 20} MiB")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _RecordError(f"not JSON: {error}") from None
    if not isinstance(record, dict) or record.get("type") not in list(_READERS):
        raise _RecordError(
            f"a record must be an object whose type is one of: {', '.join(_READERS)}"
        )
    return record["type"], record


def _get(record: Mapping[str, Any], key: str, kind: type[T]) -> T:
    value = record.get(key)
    if kind is float and type(value) is int:
        with contextlib.suppress(OverflowError):
            value = float(value)
    if type(value) is not kind:
        raise _RecordError(f"{key}: {kind.__name__} expected, found {type(value).__name__}")
    return value


def _count(record: Mapping[str, Any], key: str) -> int:
    value = _get(record, key, int)
    if value < 0:
        raise _RecordError(f"{key}: a count below zero")
    return value


def _enum(record: Mapping[str, Any], key: str, kind: type[E]) -> E:
    try:
        return kind(record.get(key))
    except ValueError:
        known = ", ".join(str(item.value) for item in kind)
        raise _RecordError(f"{key}: one of {known} expected") from None


def _items(record: Mapping[str, Any], key: str, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    items = _get(record, key, list)
    if not all(isinstance(item, dict) for item in items):
        raise _RecordError(f"{key}: a list of objects expected")
    return [read(item) for item in items]


def _texts(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    items = _get(record, key, list)
    if not all(isinstance(item, str) for item in items):
        raise _RecordError(f"{key}: a list of texts expected")
    return tuple(items)


def _words(record: Mapping[str, Any], key: str) -> dict[str, str]:
    mapping = _get(record, key, dict)
    return {str(name): _get(mapping, name, str) for name in mapping}


def _counts(record: Mapping[str, Any], key: str) -> dict[str, int]:
    mapping = _get(record, key, dict)
    return {str(name): _count(mapping, name) for name in mapping}


def _origin(record: Mapping[str, Any]) -> Origin:
    origin = _get(record, "origin", dict)
    keys = ("validator", "version", "standard", "standardVersion")
    return Origin(*(_get(origin, key, str) for key in keys))


def _header(record: Mapping[str, Any]) -> tuple[Header, dict[str, int], tuple[VariantUse, ...]]:
    header = Header(
        _get(record, "dataset", str),
        _origin(record),
        _get(record, "protocol", str),
        _get(record, "profile", str),
        _get(record, "options", dict),
        _get(record, "base", str),
    )
    return header, _counts(record, "sites"), tuple(_items(record, "variants", _variant))


def _variant(record: Mapping[str, Any]) -> VariantUse:
    keys = ("participant", "site", "variant", "why")
    return VariantUse(*(_get(record, key, str) for key in keys))


def _value(record: Mapping[str, Any]) -> Value:
    return Value(
        _get(record, "path", str),
        _get(record, "parameter", str),
        record.get("observed"),
        record.get("target"),
        _get(record, "tolerance", str),
        _enum(record, "outcome", Outcome),
        site=_get(record, "site", str),
        contrast=_get(record, "contrast", str),
        variant=_get(record, "variant", str),
        unit=_get(record, "unit", str),
        low=_end(record, "low"),
        high=_end(record, "high"),
        excused=_get(record, "excused", bool),
    )


def _end(record: Mapping[str, Any], key: str) -> float | None:
    return None if record.get(key) is None else _get(record, key, float)


def _finding(record: Mapping[str, Any]) -> Finding:
    return Finding(
        code=_get(record, "code", str),
        severity=_enum(record, "severity", Severity),
        location=_get(record, "location", str),
        message=_get(record, "issueMessage", str),
        origin=_origin(record),
        scope=_enum(record, "scope", Scope),
        sub_code=_get(record, "subCode", str),
        observed=record.get("observed"),
        expected=record.get("expected"),
        suggestion=_get(record, "suggestion", str),
        fix=None if record.get("fix") is None else _get(record, "fix", dict),
        remedy=None if record.get("remedy") is None else _enum(record, "remedy", Remedy),
        rule=_get(record, "rule", str),
        affects=_texts(record, "affects"),
        line=None if record.get("line") is None else _count(record, "line"),
        site=_get(record, "site", str),
        contrast=_get(record, "contrast", str),
        concerns=_texts(record, "concerns"),
        status=None if record.get("status") is None else _enum(record, "status", Status),
        policy=None if record.get("policy") is None else _words(record, "policy"),
        command=_get(record, "command", str),
    )


def _tally(record: Mapping[str, Any]) -> Tally:
    return Tally(*(_count(record, key) for key in Tally._fields))


def _row(record: Mapping[str, Any]) -> tuple[tuple[str, str], Tally]:
    return (_get(record, "site", str), _get(record, "contrast", str)), _tally(record)


def _rule(record: Mapping[str, Any]) -> RuleCount:
    return RuleCount(
        _get(record, "code", str),
        *_tally(record),
        concerns=_texts(record, "concerns"),
        title=_get(record, "title", str),
        why=_get(record, "why", str),
        breakdown=dict(_items(record, "breakdown", _row)),
        reasons=_counts(record, "reasons"),
        source=_get(record, "source", str),
    )


def _summary(record: Mapping[str, Any]) -> Summary:
    counts = {
        key: _count(record, key)
        for key in ("errors", "warnings", "waived", "files", "scans", "old", "fixed")
    }
    return Summary(**counts, seconds=_get(record, "seconds", float))


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "header": _header,
    "value": _value,
    "finding": _finding,
    "rule": _rule,
    "summary": _summary,
}
