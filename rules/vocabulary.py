"""The names that an expression may use, all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ..system.errors import ConfigError
from ..system.yaml import Document, read_yaml
from .language.nodes import Array, Binary, Field, Item, Literal, Name, Node, children
from .spelling import did_you_mean
from .term import Term, read_fields


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
        if type(node) is Binary and node.op in ("==", "!=", "in"):
            _check_words(node, *below)
        if type(node) is Binary and node.op == "in" and type(node.left) is Literal:
            container = below[1]
            if container is not None and container.fields and isinstance(node.left.value, str):
                container.at(node.left.value, 1)
        return None

    def __iter__(self) -> Iterator[Term]:
        """Yield every term once, each object before its fields."""
        seen: set[str] = set()  # `json` shares the terms of `sidecar`
        waiting = list(self.roots.values())[::-1]
        while waiting:
            term = waiting.pop()
            if term.path not in seen:
                seen.add(term.path)
                yield term
                waiting.extend(reversed(list(term.fields.values())))

    def extended(self, document: Document, *path: str) -> Vocabulary:
        """Return a vocabulary with further fields: ``{sidecar: {MyKey: {type: number, ...}}}``.

        A list gives further words of a name: ``{contrast: [PDw]}``.

        Raises
        ------
        ConfigError
            Not a mapping of that form, or a first name that isn't known.
        """
        value = document.value
        for part in path:
            value = value[part]
        if not isinstance(value, dict):
            raise document.error("must be a mapping such as {sidecar: {MyKey: ...}}", *path)
        roots = dict(self.roots)
        for name, fields in value.items():
            if name not in roots:
                raise document.error(f"no such name{did_you_mean(name, roots)}", *path, name)
            old = roots[name]
            if isinstance(fields, list):
                roots[name] = replace(old, values=(*old.values, *map(str, fields)))
                continue
            added = read_fields(document, fields, name, (*path, name))
            roots[name] = replace(old, fields={**old.fields, **added})
        return Vocabulary(_linked(roots))


def _check_words(node: Binary, left: Term | None, right: Term | None) -> None:
    """Refuse ``stage == "Raw"``: it would switch a rule off without a word."""
    term, other = (left, node.right) if left is not None else (right, node.left)
    if term is None or not term.values:
        return
    for each in other.items if type(other) is Array else (other,):
        if type(each) is Literal and isinstance(each.value, str) and each.value not in term.values:
            hint = did_you_mean(each.value, term.values)
            raise ConfigError(f"{term.path} is never {each.value!r}{hint}")


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
    return Vocabulary(_linked(read_fields(document, document.value, "", ())))


def _linked(roots: dict[str, Term]) -> dict[str, Term]:
    """Give `spec`, `series.sidecar` and `json` the same keys as `sidecar`."""
    sidecar = roots.get("sidecar")
    if sidecar is None:
        return roots
    keys = sidecar.fields
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
