"""The names that an expression may use, with type, unit, exporters and source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..system.errors import ConfigError
from ..system.yaml import Document, read_yaml
from .language.nodes import Binary, Field, Item, Literal, Name, Node, children
from .spelling import did_you_mean

TYPES = frozenset(
    ("string", "number", "integer", "boolean", "array", "object", "parameter", "any")
)
VENDORS = frozenset(("Siemens", "GE", "Philips"))
_KEYS = frozenset(("type", "unit", "vendors", "description", "source", "fields", "open", "items"))


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


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All names, by the first part of their path."""

    roots: Mapping[str, Term]

    def check(self, node: Node) -> None:
        """Check every name of an expression.

        Raises
        ------
        ConfigError
            A name, or a field, that isn't in the vocabulary; with the nearest one that is.
        """
        self._resolve(node)

    def _resolve(self, node: Node) -> Term | None:
        if type(node) is Name:
            root = self.roots.get(node.name)
            if root is None:
                hint = did_you_mean(node.name, self.roots)
                raise ConfigError(f"no name {node.name!r} (column {node.at}){hint}")
            return root
        if type(node) is Field:
            of = self._resolve(node.of)
            return None if of is None else of.at(node.name, node.at)
        if type(node) is Item:
            self._resolve(node.place)
            of = self._resolve(node.of)
            return None if of is None else of.items
        below = [self._resolve(each) for each in children(node)]
        if type(node) is Binary and node.op == "in" and type(node.left) is Literal:
            container = below[1]
            if container is not None and container.fields and isinstance(node.left.value, str):
                container.at(node.left.value, 1)
        return None

    def __iter__(self) -> Iterator[Term]:
        """Yield every term, each object before its fields."""
        waiting = list(self.roots.values())[::-1]
        while waiting:
            term = waiting.pop()
            yield term
            waiting.extend(reversed(list(term.fields.values())))

    def with_sidecar_keys(self, document: Document, *path: str) -> Vocabulary:
        """Return a vocabulary that also knows the sidecar keys of a rule file of a dataset."""
        value = document.value
        for part in path:
            value = value[part]
        added = _fields(document, value, "sidecar", path)
        return Vocabulary(_linked({**self.roots}, added))


def load_vocabulary(file: Path | None = None) -> Vocabulary:
    """Read the vocabulary; the built-in one is read once.

    Raises
    ------
    ConfigError
        The file is not a vocabulary.
    """
    return _built_in() if file is None else _read(file, str(file))


@cache
def _built_in() -> Vocabulary:
    return _read(Path(__file__).with_name("vocabulary.yaml"), "rules/vocabulary.yaml")


def _read(file: Path, name: str) -> Vocabulary:
    document = read_yaml(file, name)
    return Vocabulary(_linked(_fields(document, document.value, "", ()), {}))


def _linked(roots: dict[str, Term], added: Mapping[str, Term]) -> dict[str, Term]:
    """Give `spec`, `series.sidecar` and `json` the same keys as `sidecar`."""
    sidecar = roots.get("sidecar")
    if sidecar is None:
        return roots
    keys = {**sidecar.fields, **added}
    roots["sidecar"] = replace(sidecar, fields=keys)
    if "spec" in roots:
        own = {**_like(keys, "spec", "parameter"), **roots["spec"].fields}
        roots["spec"] = replace(roots["spec"], fields=own)
    if "json" in roots:
        roots["json"] = replace(roots["json"], fields={**keys, **roots["json"].fields})
    series = roots.get("series")
    if series is not None and "sidecar" in series.fields:
        values = replace(series.fields["sidecar"], fields=_like(keys, "series.sidecar", "array"))
        roots["series"] = replace(series, fields={**series.fields, "sidecar": values})
    return roots


def _like(keys: Mapping[str, Term], path: str, kind: str) -> dict[str, Term]:
    return {
        name: Term(
            f"{path}.{name}",
            (kind,),
            term.unit,
            term.vendors,
            term.description,
            term.source,
            open=kind == "parameter",
            items=term if kind == "array" else None,
        )
        for name, term in keys.items()
    }


def _fields(
    document: Document, value: Any, prefix: str, path: tuple[str | int, ...]
) -> dict[str, Term]:
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
        fields={} if inner is None else _fields(document, inner, name, (*path, "fields")),
        open=bool(value.get("open", False)),
        items=None if items is None else _term(document, items, f"{name}[]", (*path, "items")),
    )
