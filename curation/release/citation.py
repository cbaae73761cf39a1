"""CITATION.cff and .zenodo.json: how a release is cited and deposited."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...system.errors import SpinegateError
from ...system.yaml import parse_yaml
from .draft import Draft
from .people import Person

CFF, ZENODO = "CITATION.cff", ".zenodo.json"
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")
_MESSAGE = "If you use this dataset, please cite it as below."


def doi_of(text: str) -> str:
    """Return the bare DOI of what may be an address; "" where it is none.

    >>> doi_of('https://doi.org/10.5281/zenodo.4299140')
    '10.5281/zenodo.4299140'
    """
    bare = re.sub(r"^(?:doi:\s*|https?://(?:dx\.)?doi\.org/)", "", text.strip(), flags=re.I)
    return bare if _DOI.fullmatch(bare) else ""


def write_cff(draft: Draft) -> str:
    """Write CITATION.cff, version 1.2.0 of the format."""
    lines = ["cff-version: 1.2.0", f"message: {_quoted(_MESSAGE)}", "type: dataset"]
    lines.append(f"title: {_quoted(draft.title)}")
    lines += ["authors:", *(line for person in draft.authors for line in _person(person))]
    lines += _facts(draft)
    if draft.description:
        lines.append(f"abstract: {_quoted(draft.description)}")
    if draft.keywords:
        lines += ["keywords:", *(f"  - {_quoted(word)}" for word in draft.keywords)]
    return "\n".join(lines) + "\n"


def renew_cff(text: str, draft: Draft) -> str:
    """Bring version, date and licence of a CITATION.cff up to date; all else stays as it is.

    Raises
    ------
    SpinegateError
        It isn't a mapping with one line for each of them.
    """
    before = parse_yaml(text, CFF).value
    if not isinstance(before, dict):
        raise SpinegateError(f"{CFF} isn't a CITATION.cff: mend it first")
    end = "\r\n" if "\r\n" in text else "\n"
    wanted: dict[str, str] = {}
    for line in _facts(draft):
        key = line.partition(":")[0]
        if key in before or key in ("version", "date-released"):
            wanted[key] = line
            text = _with_line(text, key, line, end)
    after = parse_yaml(text, CFF).value
    meant = before | {key: parse_yaml(line).value[key] for key, line in wanted.items()}
    if after != meant:
        raise SpinegateError(
            f"{CFF}: {', '.join(wanted)} are renewed where each stands in a line of its own; "
            "write them so first"
        )
    return text


def zenodo(draft: Draft) -> dict[str, Any]:
    """Return what .zenodo.json says, as Zenodo's deposition metadata name it."""
    said: dict[str, Any] = {
        "upload_type": "dataset",
        "title": draft.title,
        "description": draft.description,
        "creators": [{"name": person.sorted_name} for person in draft.authors],
        "access_right": "open",
        "license": draft.license,
        "keywords": list(draft.keywords),
        **zenodo_facts(draft),
    }
    if draft.contributors:
        said["contributors"] = [
            {"name": person.sorted_name, "type": "DataCollector"} for person in draft.contributors
        ]
    return {key: value for key, value in said.items() if value}


def zenodo_facts(draft: Draft) -> Mapping[str, str]:
    """Return what of it changes with every release."""
    return {"version": draft.version, "publication_date": draft.date}


def write_zenodo(draft: Draft) -> str:
    """Write .zenodo.json."""
    return json.dumps(zenodo(draft), ensure_ascii=False, indent=2) + "\n"


def _facts(draft: Draft) -> list[str]:
    facts = {
        "version": draft.version,
        "date-released": draft.date,
        "license": draft.license,
        "doi": draft.doi,
        "repository": draft.repository,
    }
    return [f"{key}: {_quoted(value)}" for key, value in facts.items() if value]


def _person(person: Person) -> list[str]:
    if not person.given:
        return [f"  - name: {_quoted(person.sorted_name)}"]
    lines = [
        f"  - family-names: {_quoted(person.family)}",
        f"    given-names: {_quoted(person.given)}",
    ]
    return [*lines, f"    name-suffix: {_quoted(person.suffix)}"] if person.suffix else lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _with_line(text: str, key: str, line: str, end: str) -> str:
    pattern = re.compile(rf"^{re.escape(key)}[ \t]*:[^\r\n]*", re.MULTILINE)
    if pattern.search(text):
        return pattern.sub(lambda _: line, text, count=1)
    return text + ("" if text.endswith("\n") else end) + line + end
