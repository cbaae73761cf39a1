"""An ingest plan as a file: written for a person, read back after they changed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...protocol_specs.spec import Spec
from ...rules.spelling import did_you_mean
from ...system.errors import ConfigError
from ...system.files import read_limited
from ...validator.entities import parse
from ...validator.plan_output import put_plan
from ...validator.plan_table import format_rows, parse_rows
from ...validator.plan_yaml import format_records, parse_records
from ...validator.report.visible import visible
from .plan import IngestPlan, Row, Target, change

COLUMNS = (
    *("apply", "op", "path", "contrast", "confidence", "series", "part", "time", "size"),
    *("description", "reason"),
)
_OP = "convert"
_NEEDED = ("path", "series")
_CHOICES = {"yes": True, "no": False, True: True, False: False}  # YAML knows them as words, too
_YAML = (".yaml", ".yml")
_SAFE = re.compile(r"[A-Za-z0-9+_./-]+")
_LIMIT = 16 * 1024 * 1024


def write_ingest_plan(plan: IngestPlan, path: Path) -> None:
    """Write a plan: as YAML where the file's name ends so, else as a table.

    Raises
    ------
    ConfigError
        See `put_plan`.
    """
    records = [_record(row) for row in plan.rows]
    is_yaml = path.suffix.lower() in _YAML
    text = format_records(records) if is_yaml else format_rows(records, COLUMNS)
    put_plan(text, path, 0o600)  # descriptions may name a person


def _record(row: Row) -> dict[str, Any]:
    series, image = row.image.output.series, row.image
    record = {
        "apply": "yes" if row.apply else "no",
        "op": _OP,
        "path": row.path,
        "contrast": row.contrast,
        "confidence": f"{image.confidence:g}" if row.contrast else "",
        "series": series.key,
        "part": image.output.part,
        "time": visible(series.time),
        "size": "x".join(map(str, image.shape)),
        "description": visible(series.description),
        "reason": visible("; ".join(row.reasons)),
    }
    return {key: value for key, value in record.items() if value}


def read_ingest_plan(path: Path, plan: IngestPlan, spec: Spec) -> IngestPlan:
    """Return a plan as a file wants it: which images, under which names.

    Raises
    ------
    ConfigError
        It can't be read, names what the source doesn't hold, or gives a name that can't be.
    """
    name = str(path)
    content = read_limited(path, _LIMIT)
    known = {row.name: row for row in plan.rows}
    edited: dict[tuple[str, str], Row] = {}
    parse = parse_records if path.suffix.lower() in _YAML else parse_rows
    for line, record in parse(content, name):
        row = _changed(record, known, plan.target, spec, (name, line))
        if row.name in edited:
            raise ConfigError("this image stands in the plan twice", name, line)
        edited[row.name] = row
    dropped = ("not in the plan that was given",)
    rows = tuple(
        edited.get(row.name, replace(row, apply=False, reasons=dropped)) for row in plan.rows
    )
    return IngestPlan(plan.target, rows)


def _changed(
    record: Mapping[str, Any],
    known: Mapping[tuple[str, str], Row],
    target: Target,
    spec: Spec,
    where: tuple[str, int],
) -> Row:
    for key, value in record.items():
        if key not in COLUMNS:
            raise ConfigError(f"no column {key!r}{did_you_mean(key, COLUMNS)}", *where)
        if not isinstance(value, str) and not (key == "apply" and isinstance(value, bool)):
            raise ConfigError(f"{key} must be text", *where)
    if record.get("op", _OP) != _OP:
        raise ConfigError(f"op is always {_OP!r} here", *where)
    chosen = record.get("apply", "yes")
    if chosen not in _CHOICES:
        raise ConfigError("apply must be yes or no", *where)
    name = (record.get("series", ""), record.get("part", ""))
    row = known.get(name)
    if row is None:
        shown = " ".join(part for part in name if part) or "(none named)"
        raise ConfigError(f"the source holds no series {shown!r}", *where)
    path = record.get("path", "")
    if not _CHOICES[chosen]:
        return change(row, False, path or row.path, row.contrast, where[1])
    contrast = _check_path(path, target, spec, where)
    return change(row, True, path, contrast, where[1])


def _check_path(path: str, target: Target, spec: Spec, where: tuple[str, int]) -> str:
    """Check a name that a person gave; return the contrast that it says."""
    if not path:
        raise ConfigError("an image that is to enter needs a name in path", *where)
    read = parse(path) if _SAFE.fullmatch(path) else None
    if read is None or read.extension != ".nii.gz" or not read.datatype:
        raise ConfigError(f"{path!r} is not the BIDS name of an image (.nii.gz)", *where)
    parts = path.split("/")
    if parts[:-2] != target.place.split("/"):
        raise ConfigError(f"{path!r} doesn't lie in {target.place}/<datatype>/", *where)
    own = {key: read.entities.get(key, "") for key in ("sub", "ses")}
    if own != {"sub": target.subject, "ses": target.session}:
        raise ConfigError(f"{path!r} names another participant or session", *where)
    return spec.contrast_of(read.entities, read.suffix) or ""
