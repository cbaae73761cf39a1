"""The report as JSON and as a stream of typed JSONL records; and back from the stream."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, TextIO

from ..result import Report
from .visible import speaks

_DEPTH = 100
_BEYOND = re.compile(r"[^\x00-\x7f]")


def records(report: Report) -> Iterator[dict[str, Any]]:
    """Yield every record of a report: header, values, findings, rules, summary."""
    uses = [use.to_json() for use in report.variants]
    header = report.header.to_json()
    yield {"type": "header", **header, "sites": dict(report.sites), "variants": uses}
    for value in report.values:
        yield {"type": "value", **value.to_json()}
    for finding in (*report.findings, *report.fixed):
        yield {"type": "finding", **finding.to_json()}
    for rule in report.rules:
        yield {"type": "rule", **rule.to_record()}
    yield {"type": "summary", **report.summary.to_json()}


def write_jsonl(report: Report, stream: TextIO) -> None:
    """Write one record a line; `load_jsonl` reads it back, for any other format."""
    for record in records(report):
        stream.write(_sayable(dump(record), stream) + "\n")


def write_json(report: Report, stream: TextIO) -> None:
    """Write the report as one JSON object."""
    stream.write(_sayable(dump(report.to_json(), indent=True), stream) + "\n")


def dump(value: Any, *, indent: bool = False) -> str:
    """Return a value as JSON, whatever a dataset has put into it.

    Numbers beyond 64 bits, surrogates and values that JSON lacks (NaN) become text; what is nested
    deeper than 100 is cut.
    """
    import orjson

    option = orjson.OPT_INDENT_2 if indent else 0
    return orjson.dumps(plain(value), option=option).decode()


def _sayable(text: str, stream: TextIO) -> str:
    if text.isascii() or speaks(stream.encoding):
        return text
    return _BEYOND.sub(_escape, text)  # only strings of JSON hold such characters


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value that every JSON reader takes."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _text(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else _number(value)
    if kind is float:
        return value if math.isfinite(value) else str(value)
    if depth >= _DEPTH:
        return "..."
    if isinstance(value, dict):
        return {plain(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    return _text(str(value))


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _number(value: int) -> str:
    # Python refuses to write out numbers of thousands of digits in base 10.
    return str(value) if value.bit_length() < 10_000 else hex(value)
