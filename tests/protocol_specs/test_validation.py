"""The JSON Schema: faults are named with file, line and key."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from spinegate.protocol_specs.layers import packaged_specs, read_layers
from spinegate.protocol_specs.validation import SCHEMA, check_document, schema_errors
from spinegate.system.errors import ConfigError
from spinegate.system.yaml import parse_yaml


@pytest.mark.parametrize("name", packaged_specs())
def test_packaged_specs_fit_the_schema(name: str) -> None:
    for document in read_layers(name).documents:
        assert schema_errors(document) == []


def test_the_schema_is_a_schema() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(SCHEMA.read_bytes()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "protocl: x\n",
            r"own.yaml:1: protocl: there is no such key; known are extends",
        ),
        (
            "variants:\n  a:\n    contrasts:\n      T1w:\n        EchoTime:\n          targt: 1\n",
            r"own.yaml:6: variants.a.contrasts.T1w.EchoTime.targt: there is no such key; "
            r"known are target, at_least",
        ),
        (
            "parameters:\n  EchoTime: {unit: s,\n    relative: 'much'}\n",
            r"own.yaml:3: parameters.EchoTime.relative: 'much' .*0.05 or 5 %",
        ),
        (
            "variants:\n  a:\n    level: fatal\n",
            r"own.yaml:3: variants.a.level: 'fatal' is not one of",
        ),
        (
            "variants:\n  a:\n    older:\n      - {before: 'March', contrasts: {}}\n",
            r"own.yaml:4: variants.a.older.0.before: .*a date like 2019-03-26",
        ),
        (
            "contrasts:\n  T1w:\n    forms:\n      - {entities: {acq: x}}\n",
            r'own.yaml:4: contrasts.T1w.forms.0: "suffix" is a required property',
        ),
        (
            "variants:\n  a:\n    diffusion:\n      dwi:\n        - {b: [], directions: 'x'}\n",
            r"own.yaml:5: variants.a.diffusion.dwi.0.directions: 'x' is not of type 'integer'",
        ),
        (
            "variants:\n  a:\n    contrasts:\n      T1w:\n        echo_time: 'x'\n",
            r"own.yaml:5: variants.a.contrasts.T1w.echo_time: .*a BIDS key such as EchoTime",
        ),
    ],
)
def test_faults_name_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_document(parse_yaml(text, "own.yaml"))


def test_every_fault_is_found_in_the_order_of_lines() -> None:
    text = "wrong: x\nvariants:\n  a:\n    level: fatal\nalso_wrong: y\n"
    errors = schema_errors(parse_yaml(text, "own.yaml"))
    assert [error.line for error in errors] == sorted(error.line or 0 for error in errors)
    assert len(errors) >= 2


def test_loading_a_packaged_spec_needs_no_slow_library() -> None:
    code = (
        "import sys; from spinegate.protocol_specs.loader import load_spec; load_spec();"
        "print([m for m in ('jsonschema', 'rich', 'pypdf', 'nibabel') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
