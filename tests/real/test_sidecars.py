"""What the real dataset must show of sidecars."""

from __future__ import annotations

from collections import Counter

import pytest

from spinegate.rules.loader import load_rules
from spinegate.validator.finding import Finding
from spinegate.validator.result import Report

pytestmark = pytest.mark.real

OURS = {rule.code for rule in load_rules() if rule.group == "sidecars"}
FOUND = {
    "DWI_FAT_NOT_SUPPRESSED": 2,
    "DWI_NOT_GATED": 3,
    "SIDECAR_HOLDS_DATE": 2,
    "SIDECAR_IDENTIFIES_DEVICE": 39,
    "SIDECAR_KEY_MISSING": 82,
    "SIDECAR_TYPE_WRONG": 6,
}


def of(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def test_there_is_no_false_alarm(report: Report) -> None:
    found = Counter(finding.code for finding in report.findings if finding.code in OURS)
    assert found == FOUND


def test_every_rule_is_counted(report: Report) -> None:
    counts = {rule.code: rule for rule in report.rules if rule.code in OURS}
    assert counts.keys() == OURS
    assert all(rule.met for rule in counts.values())
    assert counts["SIDECAR_TWIN_DIFFERS"].met == 1868
    assert counts["SIDECAR_NOT_JSON"].met == 11684
    assert counts["SIDECAR_IDENTIFIES_PERSON"].met == 11684
    assert counts["PATIENT_POSITION_UNEXPECTED"].met == 1687


def raw_files(finding: Finding) -> int:
    """Count the raw files that a finding names; their preprocessed twins are named too."""
    return sum(p.startswith("sourcedata/") for p in (finding.location, *finding.affects))


def test_no_site_that_measured_the_mt_series_wrote_its_keys(report: Report) -> None:
    found = of(report, "SIDECAR_KEY_MISSING")
    sites = {key: {f.site for f in found if f.sub_code == key} for key in ("MTState", "FlipAngle")}
    assert len(sites["MTState"]) == 41
    assert not {"beijing750", "beijingVerio"} & sites["MTState"]  # no MT series
    assert not sites["FlipAngle"]
    assert sum(raw_files(f) for f in found if f.sub_code == "MTState") == 772


def test_echo_times_of_ucl_are_texts(report: Report) -> None:
    found = of(report, "SIDECAR_TYPE_WRONG")
    assert {(f.site, f.contrast, f.sub_code) for f in found} == {("ucl", "T2star", "EchoTime")}
    assert all(f.fix and f.fix["value"] == [0.0022, 0.0085, 0.0148] for f in found)
    assert found[0].location == "sourcedata/sub-ucl01/anat/sub-ucl01_T2star.json"


def test_ungated_diffusion(report: Report) -> None:
    found = {(f.site, f.contrast): raw_files(f) for f in of(report, "DWI_NOT_GATED")}
    # The diffusion-weighted images of three of the four at beijingVerio are gated, as CT says.
    assert found == {
        ("juntendo750w", "dwi"): 6,
        ("beijingVerio", "b0"): 4,
        ("beijingVerio", "dwi"): 1,
    }
    (rule,) = [rule for rule in report.rules if rule.code == "DWI_NOT_GATED"]
    unknown = {site for (site, _), tally in rule.breakdown.items() if tally.not_determinable}
    assert {"milan", "ucdavis", "ubc", "tokyo"} <= unknown


def test_fat_of_diffusion(report: Report) -> None:
    found = {f.site: raw_files(f) for f in of(report, "DWI_FAT_NOT_SUPPRESSED")}
    assert found == {"juntendo750w": 6, "stanford": 6}


def test_dates_and_machines(report: Report) -> None:
    assert {f.site for f in of(report, "SIDECAR_HOLDS_DATE")} == {"milan", "sherbrooke"}
    assert all(not f.fix for f in of(report, "SIDECAR_IDENTIFIES_DEVICE"))
