"""Checks a spec's text against the JSON Schema, before anything is built from it."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..system.errors import ConfigError
from ..system.yaml import Document

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMA = Path(__file__).resolve().parent / "schema.json"


@lru_cache(maxsize=1)
def _validator() -> Any:
    # 87 ms to import: only a user's own spec pays for it.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_bytes()))


def schema_errors(document: Document) -> list[ConfigError]:
    """Return everything that is wrong with a spec's shape, in the order of its lines."""
    errors = [_explain(document, error) for error in _validator().iter_errors(document.value)]
    return sorted(errors, key=lambda error: (error.line or 0, error.message))


def check_document(document: Document) -> None:
    """Refuse a document that isn't shaped like a spec.

    Raises
    ------
    ConfigError
        The first fault, with file, line and key.
    """
    for error in schema_errors(document):
        raise error


def _explain(document: Document, error: ValidationError) -> ConfigError:
    error = _deepest(error)
    path = [*error.absolute_path]
    if "propertyNames" in error.absolute_schema_path:  # the fault is the key itself
        path.append(str(error.instance))
    schema: Any = error.schema
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        unknown = [key for key in error.instance if key not in schema.get("properties", {})]
        allowed = ", ".join(schema.get("properties", {}))
        return document.error(f"there is no such key; known are {allowed}", *path, *unknown[:1])
    if error.validator == "required":
        return document.error(error.message.replace("'", '"'), *path)
    hint = schema.get("description", "") if isinstance(schema, dict) else ""
    return document.error(f"{error.message}{hint and f' ({hint})'}", *path)


def _deepest(error: ValidationError) -> ValidationError:
    """Follow alternatives down to the one that came furthest: its message is the useful one."""
    while error.context:
        typed = [e for e in error.context if e.validator != "type"] or list(error.context)
        error = max(typed, key=lambda e: len(e.absolute_path))
    return error
