from __future__ import annotations

from typing import Any

import pytest

from spinegate.curation.deface.check import AGREEMENT, MI, Verdict, judge

GOOD: dict[str, Any] = {
    "removed": 900,
    "agreement": 0.97,
    "mi": 0.9,
    "brain_cut": 0.0,
    "cord_cut": 0,
    "missed": 0.0,
    "placed": True,
}


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, Verdict.FACE_GONE),
        ({"agreement": AGREEMENT, "mi": MI}, Verdict.FACE_GONE),
        ({"removed": 0}, Verdict.NOTHING),
        ({"removed": 0, "agreement": 0.1, "cord_cut": 3}, Verdict.NOTHING),
        ({"cord_cut": 1, "mi": 0.1}, Verdict.CORD_CUT),
        ({"agreement": 0.919}, Verdict.DOUBTFUL),
        ({"mi": 0.49, "brain_cut": 0.5}, Verdict.DOUBTFUL),
        ({"placed": False}, Verdict.DOUBTFUL),
        ({"brain_cut": 0.011}, Verdict.BRAIN_CUT),
        ({"missed": 0.03}, Verdict.FACE_LEFT),
        ({"agreement": float("nan")}, Verdict.DOUBTFUL),
        ({"mi": float("nan")}, Verdict.DOUBTFUL),
    ],
)
def test_the_worst_that_is_true_is_said(changed: dict[str, Any], verdict: Verdict) -> None:
    assert judge(**{**GOOD, **changed}) is verdict
