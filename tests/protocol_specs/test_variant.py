"""Older versions, diffusion schemes, verdicts."""

from __future__ import annotations

from datetime import date

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.variant import OlderParameter, Scheme, Variant

CHANGE = date(2019, 3, 26)


@pytest.fixture
def verio() -> Variant:
    variant = load_spec().variant("siemens-verio")
    assert variant is not None
    return variant


def test_the_current_version_is_accepted_whenever(verio: Variant) -> None:
    for scanned in (None, date(2018, 1, 1), date(2020, 1, 1)):
        verdict = verio.judge("T2w", "RepetitionTime", 1.5, scanned)
        assert verdict is not None
        assert (verdict.accepted, verdict.older, verdict.excused) == (True, None, False)


@pytest.mark.parametrize(
    ("scanned", "excused"),
    [(date(2019, 3, 14), True), (CHANGE, False), (date(2019, 4, 3), False), (None, False)],
)
def test_an_older_version_is_named_and_excused_by_its_date(
    verio: Variant, scanned: date | None, excused: bool
) -> None:
    verdict = verio.judge("T2w", "FlipAngle", 180, scanned)
    assert verdict is not None
    assert verdict.accepted is False
    assert verdict.older is not None
    assert verdict.older.text() == "the protocol before 2019-03-26"
    assert verdict.excused is excused


def test_what_no_version_asks_is_not_excused(verio: Variant) -> None:
    verdict = verio.judge("T2w", "FlipAngle", 135, date(2019, 2, 13))
    assert verdict is not None
    assert (verdict.accepted, verdict.older, verdict.excused) == (False, None, False)


def test_nothing_observed_is_not_determinable(verio: Variant) -> None:
    verdict = verio.judge("T2w", "FlipAngle", None)
    assert verdict is not None
    assert verdict.accepted is None


def test_a_parameter_that_the_variant_does_not_set(verio: Variant) -> None:
    assert verio.judge("T2w", "InversionTime", 1) is None
    assert verio.judge("bold", "RepetitionTime", 1) is None
    assert verio.parameters("bold") == {}


def test_what_is_for_the_card_is_not_checked(verio: Variant) -> None:
    assert "ShimMode" in verio.card("T1w")
    assert "ShimMode" not in verio.parameters("T1w")


def test_a_date_that_nobody_knows() -> None:
    older = load_spec().variant("siemens-verio").older("T2w", "FlipAngle")[0]  # type: ignore[union-attr]
    assert OlderParameter(older.parameter, None).text() == "an older protocol"


SCHEME = Scheme((800.0,), 30, 5)


@pytest.mark.parametrize(
    ("b_values", "shells", "counts"),
    [
        ([0.0] * 5 + [800.0] * 30, True, True),
        ([5.0] * 5 + [805.0] * 30, True, True),
        ([0.0] * 6 + [800.0] * 30, True, True),
        ([0.0] * 4 + [800.0] * 30, True, False),
        ([0.0] * 5 + [800.0] * 29, True, False),
        ([0.0] * 5 + [750.0] * 30, False, True),
        ([0.0] * 5, None, False),
        ([], None, False),
    ],
)
def test_schemes(b_values: list[float], shells: bool | None, counts: bool) -> None:
    assert SCHEME.shells(b_values) is shells
    assert SCHEME.counts(b_values) is counts


def test_a_scheme_is_said_for_people() -> None:
    assert SCHEME.text() == "5 x b0 + 30 directions at b = 800 s/mm2"
