"""What the real dataset must show of gradient tables."""

from __future__ import annotations

import pytest

from spinegate.rules.loader import load_rules
from spinegate.validator.finding import Scope
from spinegate.validator.result import Report

pytestmark = pytest.mark.real

OURS = {rule.code for rule in load_rules() if rule.group == "diffusion"}


def test_brno_uhb_is_the_only_finding(report: Report) -> None:
    (finding,) = (finding for finding in report.findings if finding.code in OURS)
    assert (finding.code, finding.site) == ("B_VALUE_OUT_OF_SCHEME", "brnoUhb")
    assert finding.observed == [750]
    assert len(finding.affects) == 15  # seven more raw scans, eight made from them
    assert finding.scope is Scope.SITE
    assert "in all 8 dwi scans of the site" in finding.message


def test_every_table_is_looked_at(report: Report) -> None:
    counts = {rule.code: rule for rule in report.rules if rule.code in OURS}
    assert set(counts) == OURS
    totals = {code: rule.met + rule.not_met for code, rule in counts.items()}
    assert totals == {
        "GRADIENTS_MISSING": 273,
        "GRADIENTS_MALFORMED": 273,
        "GRADIENT_NORM_WRONG": 273,
        "GRADIENT_DIRECTIONS_REPEAT": 273,
        "GRADIENT_COUNT_WRONG": 0,
        "B_VALUE_OUT_OF_SCHEME": 273,
        "DIRECTIONS_OUT_OF_SCHEME": 265,
    }
    assert counts["GRADIENT_COUNT_WRONG"].not_determinable == 273  # no content
