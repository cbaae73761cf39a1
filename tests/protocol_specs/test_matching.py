"""Which variant a scanner was given."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.matching import alphanumerics, find_variant, model_key
from spinegate.protocol_specs.variant import Variant


@pytest.mark.parametrize(
    ("manufacturer", "model", "software", "variant"),
    [
        ("Siemens", "Prisma", "syngo_MR_E11", "siemens-prisma"),
        ("Siemens", "Prisma_fit", "VE11C", "siemens-prisma"),
        ("SIEMENS", "Prisma-fit", "VE11B", "siemens-prisma-ve11b"),
        ("Siemens", "Prisma", None, "siemens-prisma"),
        ("Siemens", "Prisma_fit", "syngo_MR_E11 VE11B", "siemens-prisma-ve11b"),
        ("Siemens Healthineers", "MAGNETOM Vida", "syngo MR XA20", "siemens-vida"),
        ("Siemens", "Vida", "", "siemens-vida"),
        ("Siemens", "MAGNETOM Cima.X", "XA61", "siemens-cima-x"),
        ("Siemens", "Biograph_mMR", "VE11P", "siemens-biograph-mmr"),
        ("Siemens", "Skyra", "syngo_MR_D13C", "siemens-skyra"),
        ("Siemens", "Verio", "syngo_MR_B19", "siemens-verio"),
        ("Siemens", "TrioTim", "syngo_MR_B17", "siemens-triotim"),
        ("GE", "DISCOVERY_MR750w", "", "ge"),
        ("GE MEDICAL SYSTEMS", "MR750", "", "ge"),
        ("GE", "SIGNA_PET_MR", "", "ge"),
        ("GE", "Signa-PETMR", "", "ge"),
        ("Philips Medical Systems", "Achieva_dStream", "", "philips"),
        ("Philips", "Ingenia-ElitionX", "R5.5", "philips"),
        (None, "Prisma", "", "siemens-prisma"),
    ],
)
def test_models_of_the_protocol(
    manufacturer: str | None, model: str, software: str | None, variant: str
) -> None:
    match = load_spec().match(manufacturer, model, software)
    assert match.variant is not None
    assert match.variant.name == variant
    assert match.exact
    assert variant in match.reason


@pytest.mark.parametrize(
    ("manufacturer", "model", "variant"),
    [
        ("Siemens", "Avanto", "siemens-other"),
        ("Siemens", None, "siemens-other"),
        ("GE", "Signa Premier", "ge-other"),
        ("Philips", "Ambition", "philips-other"),
    ],
)
def test_an_unknown_model_gets_its_vendors_fallback(
    manufacturer: str, model: str | None, variant: str
) -> None:
    match = load_spec().match(manufacturer, model)
    assert match.variant is not None
    assert (match.variant.name, match.exact) == (variant, False)
    assert f"{variant} stands in" in match.reason


@pytest.mark.parametrize(
    ("manufacturer", "model", "reason"),
    [
        (None, None, "neither manufacturer nor model"),
        ("", "  ", "neither manufacturer nor model"),
        ("Canon", "Vantage", "no variant for Canon"),
        (None, "Vantage", "no variant stands in"),
    ],
)
def test_nothing_fits(manufacturer: str | None, model: str | None, reason: str) -> None:
    match = load_spec().match(manufacturer, model)
    assert match.variant is None
    assert not match.exact
    assert reason in match.reason


def test_a_model_spelt_nearly_so_is_suggested() -> None:
    assert "siemens-skyra" in load_spec().match("Siemens", "Skira").alternatives


def test_alternatives_of_the_same_model_are_named() -> None:
    match = load_spec().match("Siemens", "Prisma", "VE11C")
    assert match.alternatives == ("siemens-prisma-ve11b",)


def test_repeated_questions_give_the_same_answer_object() -> None:
    spec = load_spec()
    assert spec.match("GE", "MR750") is spec.match("GE", "MR750")


def _variant(name: str, **asked: object) -> Variant:
    return Variant(name, name, "Acme", models=("One",), **asked)  # type: ignore[arg-type]


def test_specific_variants_beat_general_ones() -> None:
    general = _variant("general")
    dated = _variant("dated", since=date(2020, 1, 1), until=date(2021, 1, 1))
    software = _variant("software", software=("X2",))
    field = _variant("field", fields=(2.8, 3.2))
    variants = [general, dated, software, field]

    def best(*asked: object) -> str:
        match = find_variant(variants, "Acme", "one", *asked)  # type: ignore[arg-type]
        assert match.variant is not None
        return match.variant.name

    assert best() == "general"
    assert best(None, None, date(2020, 6, 1)) == "dated"
    assert best(None, None, date(2021, 1, 1)) == "general"
    assert best(None, None, date(2019, 6, 1)) == "general"
    assert best("rel. X2.1", None, date(2020, 6, 1)) == "software"
    assert best(None, 3.0) == "field"
    assert best(None, 1.5) == "general"


def test_a_named_model_whose_software_differs_falls_back() -> None:
    variants = [_variant("new", software=("X2",)), Variant("any", "", "Acme", fallback=True)]
    match = find_variant(variants, "Acme", "One", "X1")
    assert match.variant is not None
    assert match.variant.name == "any"
    assert "its software differs" in match.reason


@given(st.text(max_size=30))
def test_spelling_never_counts(model: str) -> None:
    spelt = "_".join(model.upper()).replace(" ", "-")
    if model.upper().casefold() == model.casefold():  # not so for ß and its like
        assert alphanumerics(spelt) == alphanumerics(model)


@pytest.mark.parametrize("model", ["MAGNETOM", "Discovery", "magnetom vida", "DISCOVERY_MR750"])
def test_a_brand_alone_stays_a_name(model: str) -> None:
    assert model_key(model) in {"magnetom", "discovery", "vida", "mr750"}
