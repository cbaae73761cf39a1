from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bidsschematools.schema import load_schema

from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.language import Context, parse
from spinegate.rules.term import Term
from spinegate.rules.vocabulary import load_vocabulary
from spinegate.system.errors import ConfigError

SCHEMA = load_schema().to_dict()
METADATA = SCHEMA["objects"]["metadata"]
VOCABULARY = load_vocabulary()
SIDECAR = VOCABULARY.roots["sidecar"].fields
BIDS_KEYS = sorted(name for name, term in SIDECAR.items() if term.source == "BIDS")
# The schema says micrometre for SliceThickness of microscopy; of MRI it has none.
OTHER_UNIT = {"SliceThickness"}


def official_types(definition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield type and unit of each form that a value may have."""
    for form in definition.get("anyOf", [definition]):
        items = form.get("items", {})
        yield form["type"], form.get("unit", "") or items.get("unit", "")


@pytest.mark.parametrize("name", BIDS_KEYS)
def test_a_term_of_bids_agrees_with_its_schema(name: str) -> None:
    term = SIDECAR[name]
    forms = list(official_types(METADATA[name]))
    types = {"number" if kind == "integer" else kind for kind, _ in forms}
    ours = {"number" if kind == "integer" else kind for kind in term.types}
    assert ours == types
    unit = next((unit for _, unit in forms if unit), "")
    if unit and name not in OTHER_UNIT:
        assert term.unit == unit


def test_a_term_not_of_bids_is_not_in_its_schema() -> None:
    claimed = {name for name, term in SIDECAR.items() if term.source != "BIDS"}
    same_meaning_not_claimed = {"ScanningSequence", "SliceThickness"}
    assert claimed & METADATA.keys() <= same_meaning_not_claimed


def test_every_term_comes_once() -> None:
    paths = [term.path for term in VOCABULARY]
    assert len(set(paths)) == len(paths)
    assert "sidecar.EchoTime" in paths


def test_every_term_says_what_it_is() -> None:
    for term in VOCABULARY:
        assert term.description
        assert term.types
        if "number" in term.types and term.path.startswith("sidecar."):
            assert term.unit or term.path == "sidecar.PatientAge", term.path


CONTEXT = SCHEMA["meta"]["context"]["properties"]
# Of the standard's context: what a spinal cord MRI dataset never holds, or we have no use for.
NOT_OURS = {"schema", "gzip", "ome", "tiff"}


def test_the_names_of_the_standard_context_are_known() -> None:
    assert CONTEXT.keys() - NOT_OURS <= VOCABULARY.roots.keys()
    header = CONTEXT["nifti_header"]["properties"].keys() - {"mrs"}
    assert header <= VOCABULARY.roots["nifti_header"].fields.keys()


def test_every_entity_of_a_key_is_bids() -> None:
    known = {entity["name"] for entity in SCHEMA["objects"]["entities"].values()}
    assert VOCABULARY.roots["entities"].fields.keys() <= known


def test_the_keys_of_dataset_description() -> None:
    fields = VOCABULARY.roots["dataset"].fields["dataset_description"].fields
    assert fields.keys() <= METADATA.keys() | {"GeneratedBy"}


def test_every_parameter_of_the_protocol_can_be_asked_for() -> None:
    spec = load_spec("spine-generic")
    names = {
        parameter.name
        for variant in spec.variants
        for contrast in spec.contrasts
        for parameter in variant.parameters(contrast).values()
        if parameter.where != "card"
    }
    assert names
    assert names <= VOCABULARY.roots["spec"].fields.keys()


def test_every_contrast_of_the_protocol_is_a_word() -> None:
    assert load_spec("spine-generic").contrasts.keys() <= set(VOCABULARY.roots["contrast"].values)


@pytest.mark.real
def test_every_key_of_real_sidecars_is_known(bundle: Path) -> None:
    counts: Counter[str] = Counter()
    for file in bundle.glob("sourcedata/sub-*/*/*.json"):
        counts.update(json.loads(file.read_bytes()).keys())
    for file in bundle.glob("sub-*/*/*.json"):
        counts.update(json.loads(file.read_bytes()).keys())
    assert {key for key, count in counts.items() if count > 5} <= SIDECAR.keys()


@pytest.mark.parametrize(
    "source",
    [
        "sidecar.EchoTime",
        "spec.EchoTime.target",
        "series.sidecar.EchoTime[0]",
        "series.headers[0].shape",
        "associations.bval.values",
        "columns.anything",
        "json.Anything",
        "participant.age",
        "parameter.target.unit",
        'stage == "raw" && "raw" != stage && contrast in ["T1w", "dwi"]',
        '"EchoTime" in sidecar',
        "[sidecar.EchoTime][0]",
    ],
)
def test_known_names(source: str) -> None:
    VOCABULARY.check(parse(source))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("sidecr.EchoTime", r"no name 'sidecr' \(column 1\); did you mean 'sidecar'"),
        ("1 + sidecar.EchoTme", r"'EchoTme' in sidecar \(column 13\); did you mean 'EchoTime'"),
        ("sidecar.echotime", "did you mean 'EchoTime'"),
        ("sidecar.EchoTime.unit", "sidecar.EchoTime is number or array: it has no field"),
        ("spec.Nothing", "no name 'Nothing' in spec"),
        ("series.sidecar.Nothing", "no name 'Nothing' in series.sidecar"),
        ("participant.sx", "did you mean 'sex'"),
        ("f[sidecr]", "'sidecr'"),
        ('"EchTime" in sidecar', "did you mean 'EchoTime'"),
        ('stage == "Raw"', "stage is never 'Raw'; did you mean 'raw'"),
        ('"Raw" != stage', "stage is never 'Raw'"),
        ('!(contrast in ["T1w", "T1W"])', "contrast is never 'T1W'; did you mean 'T1w'"),
        ("[nothing]", "no name 'nothing'"),
        ("type(nothing)", "no name 'nothing'"),
        ("zzz", r"no name 'zzz' \(column 1\)$"),
    ],
)
def test_unknown_names(source: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        VOCABULARY.check(parse(source))


def test_keys_of_the_sidecar_are_those_of_spec_and_series() -> None:
    assert SIDECAR.keys() <= VOCABULARY.roots["spec"].fields.keys()
    assert SIDECAR.keys() == VOCABULARY.roots["series"].fields["sidecar"].fields.keys()
    echo: Term = VOCABULARY.roots["spec"].fields["EchoTime"]
    assert (echo.path, echo.types, echo.unit) == ("spec.EchoTime", ("parameter",), "s")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "must be a mapping of names"),
        ("a: 1", "a: must be a mapping with type"),
        ("a: {type: number, descr: x}", r"a\.descr: no such key; did you mean 'description'"),
        ("a: {type: float, description: x}", r"a\.type: must be one of any, array"),
        ("a: {description: x}", r"a\.type|a: must be one of"),
        ("a: {type: number, description: x, vendors: [Sony]}", "must be all, or some of"),
        ("a: {type: number}", "the description is missing"),
        ("a: {type: object, description: x, fields: [b]}", r"a\.fields: must be a mapping"),
    ],
)
def test_a_fault_in_a_vocabulary_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "vocabulary.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_vocabulary(file)


def test_a_context_answers_null_for_any_name() -> None:
    assert all(Context()[name] is None for name in VOCABULARY.roots)
