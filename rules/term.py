"""One name of the vocabulary, and how it is read from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..system.errors import ConfigError
from ..system.yaml import Document
from .spelling import did_you_mean

TYPES = frozenset(
    ("string", "number", "integer", "boolean", "array", "object", "parameter", "any")
)
VENDORS = frozenset(("Siemens", "GE", "Philips"))
_KEYS = frozenset(
    ("type", "unit", "vendors", "description", "source", "fields", "open", "items", "values")
)


@dataclass(frozen=True, slots=True)
class Term:
    """One name.

    Attributes
    ----------
    path
        Its full name, ``sidecar.EchoTime``.
    types
        What its value may be, besides null.
    unit
        Unit of a number, empty where it has none.
    vendors
        Whose sidecars hold it; empty where that is no question.
    source
        Where it is defined: BIDS, dcm2niix, a DICOM tag, spinegate.
    fields, open
        What it holds, and whether it may hold other names too.
    items
        What its elements are, if it is an array.
    values
        The only words that it may be compared with; empty for any.
    """

    path: str
    types: tuple[str, ...]
    unit: str = ""
    vendors: tuple[str, ...] = ()
    description: str = ""
    source: str = ""
    fields: Mapping[str, Term] = field(default_factory=dict)
    open: bool = False
    items: Term | None = None
    values: tuple[str, ...] = ()

    def at(self, name: str, column: int) -> Term | None:
        """Return a field; None where any name is allowed.

        Raises
        ------
        ConfigError
            The term has no such field.
        """
        found = self.fields.get(name)
        if found is not None:
            return found
        if self.open or "any" in self.types:
            return None
        if not self.fields:
            what = " or ".join(self.types)
            raise ConfigError(f"{self.path} is {what}: it has no field {name!r} (column {column})")
        hint = did_you_mean(name, self.fields)
        raise ConfigError(f"no name {name!r} in {self.path} (column {column}){hint}")


def read_fields(
    document: Document, value: Any, prefix: str, path: tuple[str | int, ...]
) -> dict[str, Term]:
    """Read a mapping from names to terms; ConfigError where it isn't one."""
    if not isinstance(value, dict):
        raise document.error("must be a mapping of names", *path)
    return {
        name: _term(document, each, f"{prefix}.{name}" if prefix else name, (*path, name))
        for name, each in value.items()
    }


def _term(document: Document, value: Any, name: str, path: tuple[str | int, ...]) -> Term:
    if not isinstance(value, dict):
        raise document.error("must be a mapping with type and description", *path)
    unknown = value.keys() - _KEYS
    if unknown:
        key = min(unknown)
        raise document.error(f"no such key{did_you_mean(key, _KEYS)}", *path, key)
    kinds = tuple(str(value.get("type", "")).split(" or "))
    if not TYPES.issuperset(kinds):
        raise document.error(f"must be one of {', '.join(sorted(TYPES))}", *path, "type")
    vendors = value.get("vendors", [])
    vendors = tuple(vendors) if isinstance(vendors, list) else (vendors,)
    if vendors == ("all",):
        vendors = tuple(sorted(VENDORS))
    if not VENDORS.issuperset(vendors):
        raise document.error(f"must be all, or some of {sorted(VENDORS)}", *path, "vendors")
    if not value.get("description"):
        raise document.error("the description is missing", *path)
    inner = value.get("fields")
    items = value.get("items")
    return Term(
        path=name,
        types=kinds,
        unit=str(value.get("unit", "")),
        vendors=vendors,
        description=str(value["description"]),
        source=str(value.get("source", "")),
        fields={} if inner is None else read_fields(document, inner, name, (*path, "fields")),
        open=bool(value.get("open", False)),
        values=tuple(map(str, value.get("values", []))),
        items=None if items is None else _term(document, items, f"{name}[]", (*path, "items")),
    )
