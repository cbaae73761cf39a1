"""A protocol as tables on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import Any

from .parameter import Parameter
from .spec import Spec
from .variant import Variant


def spec_json(spec: Spec, variants: Iterable[Variant] | None = None) -> dict[str, Any]:
    """Return a spec, or some of its variants, as plain JSON data."""
    return {
        "name": spec.name,
        "protocol": spec.protocol,
        "version": spec.version,
        "source": spec.source,
        "sources": dict(spec.sources),
        "files": list(spec.files),
        "contrasts": {
            name: {
                "title": c.title,
                "bids": c.bids,
                "datatype": c.datatype,
                "required": c.required,
                "keys": list(c.keys),
                "concerns": list(c.concerns),
            }
            for name, c in spec.contrasts.items()
        },
        "series": {
            name: {"members": list(s.members), "equal": list(s.equal), "note": s.note}
            for name, s in spec.series.items()
        },
        "variants": [
            _variant_json(spec, variant)
            for variant in (spec.variants if variants is None else variants)
        ],
    }


def print_spec(spec: Spec, variants: list[Variant], width: int | None = None) -> str:
    """Write one table for each contrast; variants that agree share a line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    out = StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    console.print(f"{spec.protocol} {spec.version}   {spec.source}")
    for name, contrast in spec.contrasts.items():
        rows = _rows(name, variants)
        if not rows:
            continue
        table = Table(title=f"{name}  [{contrast.bids}]", title_justify="left", box=box.SIMPLE)
        for column in ("parameter", "accepted", "variants", "source"):
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    legend = [f"{key}: {text}" for key, text in spec.sources.items()]
    if legend:
        console.print("Sources   " + "\n          ".join(legend))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _rows(contrast: str, variants: list[Variant]) -> list[tuple[str, str, str, str]]:
    said: dict[tuple[str, str, str], list[str]] = {}
    for variant in variants:
        both = {**variant.parameters(contrast), **variant.card(contrast)}
        for parameter in both.values():
            key = (parameter.name, _accepted(parameter), parameter.source)
            said.setdefault(key, []).append(variant.name)
            for older in variant.older(contrast, parameter.name):
                before = f"before {older.before}" if older.before else "before"
                text = f"{before}: {older.parameter.expected_text()}"
                said.setdefault((parameter.name, text, older.source), []).append(variant.name)
        for scheme in variant.diffusion.get(contrast, ()):
            said.setdefault(("(scheme)", scheme.text(), scheme.source), []).append(variant.name)
    everyone = {variant.name for variant in variants}
    rows, last = [], ""
    order = list(dict.fromkeys(key[0] for key in said))
    for (name, text, source), names in sorted(said.items(), key=lambda i: order.index(i[0][0])):
        who = "all" if set(names) == everyone and len(everyone) > 1 else ", ".join(names)
        rows.append((name if name != last else "", text, who, source))
        last = name
    return rows


def _accepted(parameter: Parameter) -> str:
    text = parameter.expected_text()
    if parameter.level:
        text += f" [{parameter.level}]"
    return f"{text}; {parameter.note}" if parameter.note else text


def _variant_json(spec: Spec, variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "title": variant.title,
        "manufacturer": variant.manufacturer,
        "models": list(variant.models),
        "software": list(variant.software),
        "fallback": variant.fallback,
        "source": variant.source,
        "note": variant.note,
        "contrasts": {
            name: {
                "parameters": [p.to_json() for p in variant.parameters(name).values()],
                "card": [p.to_json() for p in variant.card(name).values()],
                "diffusion": [scheme.text() for scheme in variant.diffusion.get(name, ())],
                "older": [
                    {
                        "before": older.before.isoformat() if older.before else None,
                        "source": older.source,
                        **older.parameter.to_json(),
                    }
                    for (contrast, _), olders in variant.olders.items()
                    if contrast == name
                    for older in olders
                ],
            }
            for name in spec.contrasts
        },
    }
