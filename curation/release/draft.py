"""A release as it is planned: a YAML file that people read, change and sign."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...rules.spelling import did_you_mean
from ...system.files import read_limited
from ...system.yaml import Document, parse_yaml
from ...validator.plan_output import put_plan
from .checklist import Question, parse_questions
from .people import Person

_LIMIT = 4 << 20
_WORDS = ("release", "commit", "since", "date", "version", "title", "description", "license",
          "doi", "repository", "changes")  # fmt: skip
_LISTS = ("keywords", "results")
_PEOPLE = ("authors", "contributors")
_KEYS = (*_WORDS, *_LISTS, *_PEOPLE, "checklist")


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a release says.

    Attributes
    ----------
    release
        Its name, which becomes the tag: ``r20261120``.
    commit
        What is released, before the release's own commit.
    since
        The release before; "" for none.
    date, version
        Of the release.
    title, description, license, doi, repository, keywords, authors, contributors
        What CITATION.cff and .zenodo.json say; the licence by its SPDX name.
    changes
        What is new, as lines that begin with a dash.
    results
        Folders that go into the archive.
    checklist
        What was signed off.
    """

    release: str
    commit: str
    since: str = ""
    date: str = ""
    version: str = ""
    title: str = ""
    description: str = ""
    license: str = ""
    doi: str = ""
    repository: str = ""
    changes: str = ""
    keywords: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    checklist: tuple[Question, ...] = ()


def format_draft(draft: Draft) -> str:
    """Write the plan of a release as YAML, with hints for those who fill it in."""
    return "\n".join(_lines(draft)) + "\n"


def write_draft(draft: Draft, path: Path) -> None:
    """Write the plan of a release to a file.

    Raises
    ------
    ConfigError
        See `put_plan`.
    """
    put_plan(format_draft(draft), path)


def read_draft(path: Path) -> Draft:
    """Read the plan of a release.

    Raises
    ------
    ConfigError
        It can't be read, or isn't such a plan; names the file and the line.
    """
    return parse_draft(read_limited(path, _LIMIT), str(path))


def parse_draft(content: str | bytes, name: str) -> Draft:
    """Parse the plan of a release; see `read_draft`."""
    document = parse_yaml(content, name)
    value = document.value
    if not isinstance(value, dict):
        raise document.error("must be a mapping: --plan writes one")
    for key in value:
        if key not in _KEYS:
            raise document.error(f"no field {key!r}{did_you_mean(key, _KEYS)}", key)
    words: dict[str, str] = {}
    for key in _WORDS:
        text = value.get(key) or ""
        if not isinstance(text, str):
            raise document.error("must be text (in quotes)", key)
        words[key] = text.strip("\n") if key == "changes" else text.strip()
    questions = parse_questions(document, ("checklist",)) if value.get("checklist") else []
    return Draft(
        **words,
        keywords=_texts(document, "keywords"),
        results=_texts(document, "results"),
        authors=_people(document, "authors"),
        contributors=_people(document, "contributors"),
        checklist=tuple(questions),
    )


def signed(draft: Draft, by: str, on: str) -> Draft:
    """Sign all questions that nobody has signed yet."""
    answers = tuple(
        each if each.done else replace(each, done=True, by=by, on=on) for each in draft.checklist
    )
    return replace(draft, checklist=answers)


def _lines(draft: Draft) -> Iterator[str]:
    yield "# The plan of a release. Read it, change it, sign the checklist at its end."
    for key in ("release", "commit", "since", "date", "version"):
        yield f"{key}: {_flow(getattr(draft, key))}"
    yield ""
    yield "# What is new, for those who use the data."
    yield from _block("changes", draft.changes)
    yield ""
    yield "# How the release is cited (CITATION.cff) and deposited (.zenodo.json)."
    for key in ("title", "description", "license", "doi", "repository"):
        yield f"{key}: {_flow(getattr(draft, key))}"
    yield from _list("keywords", [_flow(word) for word in draft.keywords])
    for key in _PEOPLE:
        yield from _list(key, [_person(person) for person in getattr(draft, key)])
    yield ""
    yield "# Folders with results that go into the archive."
    yield from _list("results", [_flow(folder) for folder in draft.results])
    yield ""
    yield "# Nothing is released until each line says done: yes, by whom and on which day."
    yield "checklist:"
    for each in draft.checklist:
        yield f"- id: {_flow(each.name)}"
        yield f"  question: {_flow(each.question)}"
        yield f"  done: {'yes' if each.done else 'no'}"
        for key in ("by", "on", "note"):
            yield f"  {key}: {_flow(getattr(each, key))}"


def _block(key: str, text: str) -> Iterator[str]:
    lines = text.split("\n")
    plain = text and all(line.isprintable() and line == line.rstrip() for line in lines)
    if not plain:
        yield f"{key}: {_flow(text)}"
        return
    yield f"{key}: |2"
    yield from (f"  {line}" if line else "" for line in lines)


def _list(key: str, items: Sequence[str]) -> Iterator[str]:
    if not items:
        yield f"{key}: []"
        return
    yield f"{key}:"
    yield from (f"- {item}" for item in items)


def _person(person: Person) -> str:
    parts = {"family": person.family, "given": person.given, "suffix": person.suffix}
    return "{" + ", ".join(f"{key}: {_flow(text)}" for key, text in parts.items() if text) + "}"


def _flow(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _texts(document: Document, key: str) -> tuple[str, ...]:
    value: Any = document.value.get(key) or []
    if not isinstance(value, list):
        raise document.error("must be a list", key)
    for at, text in enumerate(value):
        if not isinstance(text, str) or not text.strip():
            raise document.error("must be text", key, at)
    return tuple(text.strip() for text in value)


def _people(document: Document, key: str) -> tuple[Person, ...]:
    value: Any = document.value.get(key) or []
    if not isinstance(value, list):
        raise document.error("must be a list", key)
    people = []
    for at, row in enumerate(value):
        fields = row if isinstance(row, dict) else {}
        texts = {name: fields.get(name) or "" for name in ("family", "given", "suffix")}
        if set(fields) - set(texts) or not all(isinstance(t, str) for t in texts.values()):
            raise document.error("must be {family: ..., given: ..., suffix: ...}", key, at)
        if not texts["family"].strip():
            raise document.error("family is needed (the whole name of a group)", key, at)
        people.append(Person(*(texts[name].strip() for name in ("family", "given", "suffix"))))
    return tuple(people)
