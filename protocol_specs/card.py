"""The page for the scanner room: one variant's settings, as text or as HTML to print."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from .spec import Spec
from .variant import Variant
from .words import Line, lines

_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Section:
    """One scan of the card; contrasts with the same settings share it."""

    title: str
    files: tuple[str, ...]
    lines: tuple[Line, ...]


def sections(spec: Spec, variant: Variant) -> list[Section]:
    """List the scans of a card in the protocol's order."""
    grouped: dict[tuple[Line, ...], list[str]] = {}
    for name, contrast in spec.contrasts.items():
        said = tuple(lines(variant, name))
        if said and (contrast.required or name in variant.also):
            grouped.setdefault(said, []).append(name)
    return [
        Section(
            title=" = ".join(names),
            files=tuple(spec.contrasts[name].bids for name in names),
            lines=said,
        )
        for said, names in grouped.items()
    ]


def card_text(spec: Spec, variant: Variant) -> str:
    """Write the card as plain text, 78 columns wide."""
    head = f"{spec.protocol} · {variant.title}"
    text = [head, "=" * len(head), f"protocol version {spec.version}, {spec.source}", ""]
    for section in sections(spec, variant):
        files = ", ".join(section.files)
        text += [f"{section.title}   [{files}]", "-" * _WIDTH]
        for line in section.lines:
            value = line.value + (f"   ({line.accepted})" if line.accepted else "")
            text += _wrapped(f"  {line.label:<18} ", value)
            if line.note:
                text += _wrapped(" " * 21, line.note)
        text.append("")
    for note in notes(spec, variant):
        text += textwrap.wrap(f"* {note}", _WIDTH, subsequent_indent="  ")
    return "\n".join(text).rstrip() + "\n"


def notes(spec: Spec, variant: Variant) -> list[str]:
    """List what holds for the whole examination."""
    said = [f"{' = '.join(s.members)}: {s.note}." for s in spec.series.values() if s.note]
    changed = sorted(
        {older.text() for olders in variant.olders.values() for older in olders}, reverse=True
    )
    if changed:
        said.append(f"Values changed; {', '.join(changed)} differed.")
    return ([variant.note] if variant.note else []) + said


def card_html(spec: Spec, variant: Variant) -> str:
    """Write the card as one self-contained HTML page, made to fit A4 in print."""
    boxes = "\n".join(_box(section) for section in sections(spec, variant))
    remarks = "".join(f"<li>{escape(note)}</li>" for note in notes(spec, variant))
    parts: Mapping[str, str] = {
        "title": escape(f"{spec.protocol}: {variant.title}"),
        "protocol": escape(spec.protocol),
        "variant": escape(variant.title),
        "version": escape(spec.version),
        "source": escape(spec.source),
        "boxes": boxes,
        "notes": f"<ul>{remarks}</ul>" if remarks else "",
    }
    page = _PAGE
    for key, value in parts.items():
        page = page.replace(f"[[{key}]]", value)
    return page


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
    ) or [start.rstrip()]


def _box(section: Section) -> str:
    rows = "".join(
        f"<tr><th>{escape(line.label)}</th><td><b>{escape(line.value)}</b>"
        + (f" <span>{escape(line.accepted)}</span>" if line.accepted else "")
        + (f"<small>{escape(line.note)}</small>" if line.note else "")
        + "</td></tr>"
        for line in section.lines
    )
    files = escape(", ".join(section.files))
    return (
        f"<section><h2>{escape(section.title)}</h2><code>{files}</code>"
        f"<table>{rows}</table></section>"
    )


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>[[title]]</title>
<style>
@page { size: A4; margin: 10mm }
:root { color-scheme: light; --ink: #14202b; --soft: #5a6b7a; --line: #d5dde4; --accent: #0b5c7a }
* { box-sizing: border-box }
body { font: 13px/1.35 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--ink);
  background: #fff; margin: 0 auto; padding: 16px; max-width: 210mm }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 16px;
  border-bottom: 3px solid var(--accent); padding-bottom: 6px; margin-bottom: 10px }
h1 { font-size: 22px; margin: 0 }
h1 small { font-size: 17px; font-weight: 400; display: inline; margin-left: 8px }
header p { margin: 0; color: var(--soft); font-size: 11px; text-align: right }
main { columns: 2; column-gap: 10px }
section { break-inside: avoid; border: 1px solid var(--line); border-radius: 6px;
  padding: 6px 10px 8px; margin: 0 0 10px }
h2 { font-size: 15px; margin: 0; color: var(--accent); display: inline-block; margin-right: 8px }
code { font-size: 10.5px; color: var(--soft) }
table { width: 100%; border-collapse: collapse; margin-top: 4px }
th { width: 36%; text-align: left; font-weight: 400; color: var(--soft); vertical-align: top }
th, td { padding: 1.5px 0; border-top: 1px solid var(--line) }
b { font-variant-numeric: tabular-nums }
span, small { color: var(--soft); font-size: 10.5px } small { display: block; line-height: 1.2 }
ul { margin: 4px 0 0; padding-left: 18px; font-size: 11.5px }
@media (max-width: 600px) { main { columns: 1 } header { display: block }
  header p { text-align: left } }
@media print { body { padding: 0; font-size: 11px; max-width: none } section { margin-bottom: 6px;
  padding: 4px 8px 5px } h1 { font-size: 18px } h2 { font-size: 13px } th, td { padding: .5px 0 } }
</style></head><body>
<header><h1>[[protocol]] <small>[[variant]]</small></h1>
<p>version [[version]]<br>[[source]]</p></header>
<main>
[[boxes]]
</main>
[[notes]]
</body></html>
"""
