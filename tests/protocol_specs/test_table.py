"""A protocol as tables and as JSON."""

from __future__ import annotations

import json

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.table import print_spec, spec_json


def test_one_line_for_variants_that_agree() -> None:
    spec = load_spec()
    text = print_spec(spec, list(spec.variants), 200)
    assert "MagneticFieldStrength" in text
    assert " all " in text
    assert "before 2019-03-26: 180 degree" in text
    assert "Sources   P: vendor protocol printouts" in text


def test_one_variant_alone() -> None:
    spec = load_spec()
    one = spec.variant("philips")
    assert one is not None
    text = print_spec(spec, [one], 100)
    assert max(map(len, text.splitlines())) <= 100
    assert "siemens" not in text.lower().split("sources")[0].replace("siemens reports", "")
    assert "0.6 s or 0.625 s (each ± 2 %)" in text


def test_json_holds_every_value_with_its_source() -> None:
    spec = load_spec()
    data = json.loads(json.dumps(spec_json(spec)))
    assert len(data["variants"]) == len(spec.variants)
    assert data["contrasts"]["dwi"]["concerns"] == ["dti_fa", "dti_md", "dti_rd"]
    verio = next(v for v in data["variants"] if v["name"] == "siemens-verio")
    t2w = verio["contrasts"]["T2w"]
    assert {p["name"]: p.get("target") for p in t2w["parameters"]}["RepetitionTime"] == 1.5
    assert all(parameter["source"] for parameter in t2w["parameters"])
    assert {o["before"] for o in t2w["older"]} == {"2019-03-26"}
    assert verio["contrasts"]["dwi"]["diffusion"]
