"""A baseline as text that people review: one record per finding, one path a line, sorted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..rules.records import ABOUT, ANYTHING, Record
from ..system.errors import ConfigError, SpinegateError
from ..system.yaml import parse_yaml
from ..system.yaml_text import quoted, scalar
from .settings import BASELINE_LIMIT, parse_baseline

HEAD = """\
# Findings of spinegate validate that are accepted for now: one record each, all of it literal.
# spinegate baseline writes this file anew and keeps reasons, names, dates and these first lines.
# Further comments are lost: say what there is to say in `reason`.
"""
About = Mapping[str, str | None]


def read_text(text: bytes, name: str) -> tuple[tuple[Record, ...], About, str]:
    """Return the records of a baseline, its defaults, and the comment at its head.

    Raises
    ------
    ConfigError
        It isn't a baseline.
    """
    if len(text) > BASELINE_LIMIT:
        raise ConfigError(f"is larger than {BASELINE_LIMIT >> 20} MiB", name)
    records, defaults = parse_baseline(parse_yaml(text, name))
    lines = text.decode("utf-8", "replace").splitlines(keepends=True)
    head = []
    for line in lines:
        if not line.startswith("#"):
            break
        head.append(line.rstrip("\r\n") + "\n")
    about = {key: _told(value) for key, value in defaults.items()}
    return records, about, "".join(head)


def write_text(records: Sequence[Record], defaults: About | None = None, head: str = HEAD) -> str:
    """Write a baseline.

    Parameters
    ----------
    records
        Exact ones.
    defaults
        What is said once, at the head of the file, if any record says so; else what most say.

    Raises
    ------
    SpinegateError
        There is more than a baseline can hold.
    """
    ordered = sorted(records, key=order)
    shared = _shared(ordered, defaults)
    text = "".join([head or HEAD, *_lines(ordered, shared)])
    if len(text.encode()) > BASELINE_LIMIT:
        raise SpinegateError(
            f"these findings make a baseline of more than {BASELINE_LIMIT >> 20} MiB: mend what "
            "they have in common first, or accept a part of them by --code or --site"
        )
    return text


def order(record: Record) -> tuple[Any, ...]:
    """Return the key by which records are sorted."""
    told = json.dumps(None if record.observed is ANYTHING else record.observed, sort_keys=True)
    return record.code, record.site, record.location, record.parameter, told


def about_of(record: Record) -> dict[str, str | None]:
    """Return reason, by, issue and until of a record as they are written; None for nothing."""
    return {key: _told(getattr(record, key)) for key in ABOUT}


def _told(value: Any) -> str | None:
    return str(value) if value else None


def _shared(records: Sequence[Record], defaults: About | None) -> dict[str, str | None]:
    said = Counter(tuple(about_of(record).items()) for record in records)
    given = tuple({key: (defaults or {}).get(key) for key in ABOUT}.items())
    if given in said:
        return dict(given)
    most = min(said, key=lambda about: (-said[about], str(about)), default=())
    return dict(most) if most and said[most] > 1 else {}


def _lines(records: Sequence[Record], shared: Mapping[str, str | None]) -> Iterator[str]:
    told = [(key, value) for key, value in shared.items() if value is not None]
    if told:
        yield "defaults:\n"
        for key, value in told:
            yield f"  {key}: {_said(key, value)}\n"
    yield "accepted:\n" if records else "accepted: []\n"
    for record in records:
        yield "\n"
        yield from _record(record, shared)


def _record(record: Record, shared: Mapping[str, str | None]) -> Iterator[str]:
    yield f"- code: {scalar(record.code[0])}\n"
    for key in ("group", "parameter", "site"):
        if any(getattr(record, key)):
            yield f"  {key}: {scalar(getattr(record, key)[0])}\n"
    if record.observed is not None:
        yield f"  observed: {_flow(record.observed)}\n"
    if record.severity != "ignore":
        yield f"  severity: {record.severity}\n"
    for key, value in about_of(record).items():
        if value != shared.get(key):
            yield f"  {key}: {_said(key, value)}\n"
    if len(record.location) == 1:
        yield f"  location: {scalar(record.location[0])}\n"
        return
    yield "  location:\n"
    for path in record.location:
        yield f"  - {scalar(path)}\n"


def _said(key: str, value: str | None) -> str:
    if value is None:
        return "null"
    return value if key == "until" else scalar(value)


def _flow(value: Any, depth: int = 0) -> str:
    """Write a value in one line; within brackets more signs have a meaning."""
    if isinstance(value, str):
        return quoted(value) if depth else scalar(value)
    if isinstance(value, dict):
        inner = (f"{quoted(key)}: {_flow(item, 1)}" for key, item in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item, 1) for item in value) + "]"
    return json.dumps(value)
