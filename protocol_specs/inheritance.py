"""Which variant extends which, and the values that each ends up with."""

from __future__ import annotations

from datetime import date
from typing import Any

from .layers import Layers
from .parameter import Parameter
from .values import as_fraction, build_parameter
from .variant import OlderParameter, Scheme, Variant

_Table = dict[str, dict[str, Parameter]]


class VariantBuilder:
    """Resolves which variant extends which; each table of values is built once."""

    def __init__(self, layers: Layers, contrasts: tuple[str, ...]) -> None:
        self.layers, self.contrasts = layers, contrasts
        self.entries: dict[str, dict[str, Any]] = _given(layers.value["variants"])
        self.defaults: dict[str, dict[str, Any]] = _given(layers.value.get("parameters", {}))
        self.tables: dict[str, _Table] = {}

    def build(self) -> tuple[Variant, ...]:
        """Build every variant that can be matched; those without models are only extended.

        Raises
        ------
        ConfigError
            A name that isn't defined, a circle, a value that contradicts itself.
        """
        for name in self.entries:  # those that are only extended can hold faults too
            self._table(name, ())
        return tuple(
            self._variant(name, entry)
            for name, entry in self.entries.items()
            if entry.get("models") or entry.get("fallback")
        )

    def _variant(self, name: str, entry: dict[str, Any]) -> Variant:
        manufacturer = self._inherited(name, "manufacturer")
        if not manufacturer:
            raise self.layers.error("a variant needs a manufacturer", "variants", name)
        table = self._table(name, ())
        return Variant(
            name=name,
            title=entry.get("title", name),
            manufacturer=manufacturer,
            models=tuple(str(model) for model in entry.get("models", ())),
            software=tuple(str(version) for version in entry.get("software", ())),
            since=self._date(entry.get("since"), "variants", name, "since"),
            until=self._date(entry.get("until"), "variants", name, "until"),
            fields=tuple(entry["field_strength"]) if "field_strength" in entry else None,
            fallback=entry.get("fallback", False),
            also=self._also(name, entry),
            source=self._inherited(name, "source") or "",
            note=entry.get("note", ""),
            diffusion=self._diffusion(name),
            checked=_where(table, card=False),
            cards=_where(table, card=True),
            olders=self._olders(name),
        )

    def _also(self, name: str, entry: dict[str, Any]) -> tuple[str, ...]:
        for i, contrast in enumerate(entry.get("also", ())):
            if contrast not in self.contrasts:
                raise self.layers.error(f"no contrast {contrast!r}", "variants", name, "also", i)
        return tuple(entry.get("also", ()))

    def _inherited(self, name: str, key: str) -> Any:
        place: str | None = name
        for _ in self.entries:  # a circle ends too
            entry = self.entries.get(place) if place is not None else None
            if entry is None:
                return None
            if key in entry:
                return entry[key]
            place = entry.get("extends")
        return None

    def _table(self, name: str, below: tuple[str, ...]) -> _Table:
        if name in self.tables:
            return self.tables[name]
        entry = self.entries[name]
        base = entry.get("extends")
        table: _Table = {contrast: {} for contrast in self.contrasts}
        if base is not None:
            if base not in self.entries:
                raise self.layers.error(f"no variant {base!r}", "variants", name, "extends")
            if base in (name, *below):
                raise self.layers.error(
                    "variants extend one another in a circle", "variants", name, "extends"
                )
            table = {k: dict(v) for k, v in self._table(base, (*below, name)).items()}
        own = entry.get("contrasts", {})
        path = ("variants", name, "contrasts")
        level, source = entry.get("level"), self._inherited(name, "source") or ""
        for contrast, changes in self._spread(own, path):
            for key, parameter in self._parameters(changes, source, level, path):
                if parameter is None:
                    table[contrast].pop(key, None)
                else:
                    table[contrast][key] = parameter
        if level:
            table = {
                c: {k: p if p.level else p.at_level(level) for k, p in row.items()}
                for c, row in table.items()
            }
        self.tables[name] = table
        return table

    def _spread(
        self, own: dict[str, Any], path: tuple[str | int, ...]
    ) -> list[tuple[str, tuple[str, dict[str, Any]]]]:
        """Give each contrast its entries: `*` first, then `MTon, MToff`, then single names."""
        spread = []
        for key, entry in own.items():
            names = (
                list(self.contrasts) if key == "*" else [part.strip() for part in key.split(",")]
            )
            for contrast in names:
                if contrast not in self.contrasts:
                    raise self.layers.error(f"no contrast {contrast!r}", *path, key)
            weight = len(self.contrasts) + 1 if key == "*" else len(names)
            spread += [(weight, contrast, (key, entry or {})) for contrast in names]
        spread.sort(key=lambda item: -item[0])
        return [(contrast, entry) for _, contrast, entry in spread]

    def _parameters(
        self,
        changes: tuple[str, dict[str, Any]],
        source: str,
        level: str | None,
        path: tuple[str | int, ...],
    ) -> list[tuple[str, Parameter | None]]:
        key, entries = changes
        result: list[tuple[str, Parameter | None]] = []
        for name, entry in entries.items():
            if entry is None:
                result.append((name, None))
                continue
            try:
                default = self.defaults.get(name, {})
                result.append((name, build_parameter(name, entry, default, source, level)))
            except ValueError as error:
                raise self.layers.error(str(error), *path, key, name) from None
        return result

    def _olders(self, name: str) -> dict[tuple[str, str], tuple[OlderParameter, ...]]:
        base = self.entries[name].get("extends")
        olders = dict(self._olders(base)) if base is not None else {}
        for i, older in enumerate(self.entries[name].get("older", ())):
            path = ("variants", name, "older", i)
            before = self._date(older.get("before"), *path, "before")
            source = older.get("source") or self._inherited(name, "source") or ""
            inside = (*path, "contrasts")
            for contrast, changes in self._spread(older["contrasts"], inside):
                for key, parameter in self._parameters(changes, source, None, inside):
                    if parameter is not None:
                        item = OlderParameter(parameter, before, source)
                        olders[contrast, key] = (*olders.get((contrast, key), ()), item)
        return {
            place: tuple(sorted(items, key=lambda o: o.before or date.min, reverse=True))
            for place, items in olders.items()
        }

    def _diffusion(self, name: str) -> dict[str, tuple[Scheme, ...]]:
        schemes = {}
        for contrast, entries in (self._inherited(name, "diffusion") or {}).items():
            if contrast not in self.contrasts:
                raise self.layers.error(f"no contrast {contrast!r}", "variants", name, "diffusion")
            schemes[contrast] = tuple(
                Scheme(
                    b_values=tuple(entry["b"] if isinstance(entry["b"], list) else [entry["b"]]),
                    directions=entry["directions"],
                    b0=entry.get("b0", 0),
                    relative=as_fraction(entry.get("relative", 0.05)),
                    source=entry.get("source") or self._inherited(name, "source") or "",
                )
                for entry in entries
            )
        return schemes

    def _date(self, text: Any, *path: str | int) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            raise self.layers.error("not a date like 2019-03-26", *path) from None


def _where(table: _Table, card: bool) -> _Table:
    return {
        contrast: {k: p for k, p in row.items() if (not p.is_checkable) is card}
        for contrast, row in table.items()
    }


def _given(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: entry for name, entry in entries.items() if entry is not None}
