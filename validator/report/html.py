"""The report as one HTML page that works without network: matrix, findings, plots.

The page is put together from the parts ``page*.html``; what the dataset says is in it as JSON in
which no markup can end the element, and the page's script shows it as text only. A strict
Content-Security-Policy lets nothing run but these parts, by their hashes.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any, TextIO

from ..result import Report
from . import phrases
from .content_policy import content_policy
from .visible import visible

_PARTS = ("page_start", "page_matrix", "page_findings", "page_plots", "page_rules", "page_run")
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def write_html(report: Report, stream: TextIO) -> None:
    """Write the page; it is ASCII, so every encoding can say it."""
    from .html_data import page_data

    stream.write(page(page_data(report), _text(report.header.dataset), phrases.last_line(report)))


def page(data: Mapping[str, Any], title: str, summary: str) -> str:
    """Put the page together.

    Parameters
    ----------
    data
        What `page_data` has made of a report.
    title, summary
        What a reader without scripts sees.
    """
    style = _part("page_style")
    scripts = [_part(name) for name in _PARTS]
    parts = {
        "policy": content_policy([style], scripts),
        "title": _markup(title or "dataset"),
        "summary": _markup(summary),
        "style": style,
        "scripts": "\n".join(scripts),
        "data": embedded(data),
    }
    text = _part("page")
    pieces = text.split("<!--")
    return pieces[0] + "".join(parts[name] + rest for name, rest in map(_place, pieces[1:]))


def embedded(data: Mapping[str, Any]) -> str:
    r"""Return JSON that can stand inside a script element: ASCII, no markup.

    >>> embedded({'a': '</script>&\u2028'})
    '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)


def _place(piece: str) -> tuple[str, str]:
    name, _, rest = piece.partition("-->")
    return name, rest


def _part(name: str) -> str:
    from importlib import resources

    return (resources.files(__package__) / f"{name}.html").read_text("ascii").strip()


def _markup(text: str) -> str:
    return html.escape(_text(text)).encode("ascii", "xmlcharrefreplace").decode()


def _text(text: str) -> str:
    return visible(text)[:1000]
