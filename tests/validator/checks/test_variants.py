"""Scanners that the protocol doesn't name."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from spinegate.validator.checks.variants import check
from spinegate.validator.finding import Outcome
from tests.strategies import JSON_VALUES


def test_one_finding_per_site_and_scanner(exam: Any) -> None:
    sola = {"Manufacturer": "Siemens", "ManufacturersModelName": "Sola"}
    prisma = {"Manufacturer": "Siemens", "ManufacturersModelName": "Prisma"}
    verdicts = list(
        check(exam({"*": sola, "dwi": prisma, "T1w": {**sola, "Manufacturer": "Canon"}}))
    )
    found = [verdict for verdict in verdicts if verdict.outcome is Outcome.NOT_MET]
    assert sorted((verdict.sub_code, verdict.count) for verdict in found) == [
        ("Canon Sola", 1),
        ("Siemens Sola", 5),
    ]
    assert sum(verdict.count for verdict in verdicts) == 7


def test_a_near_name_is_told(exam: Any) -> None:
    one = {"Manufacturer": "Siemens", "ManufacturersModelName": "Prismaa"}
    (verdict,) = check(exam({"*": one}))
    assert "siemens-prisma" in verdict.message


def test_nothing_known_is_not_determinable(exam: Any) -> None:
    assert {verdict.outcome for verdict in check(exam({}))} == {Outcome.NOT_DETERMINABLE}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(JSON_VALUES, JSON_VALUES)
def test_any_value_is_survived(exam: Any, maker: Any, model: Any) -> None:
    for key in ("SoftwareVersions", "MagneticFieldStrength", "Other"):
        sidecar = {"Manufacturer": maker, "ManufacturersModelName": model, key: model}
        assert sum(verdict.count for verdict in check(exam({"*": sidecar}))) == 7
