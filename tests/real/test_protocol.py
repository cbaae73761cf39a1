"""What the real dataset must show of the protocol's parameters, and what it must not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from spinegate.rules.loader import load_rules
from spinegate.validator.finding import Finding, Outcome, Scope, Severity
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

pytestmark = pytest.mark.real

TR, TE = "REPETITION_TIME_OUT_OF_TOLERANCE", "ECHO_TIME_OUT_OF_TOLERANCE"
FLIP = "FLIP_ANGLE_OUT_OF_TOLERANCE"
FOUND = {
    "ACQUISITION_MATRIX_PE_OUT_OF_TOLERANCE": 1,
    TE: 1,
    FLIP: 5,
    "IMAGE_TYPE_OUT_OF_TOLERANCE": 9,
    TR: 22,
}


def ours(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule.startswith("protocol.")]


def of(report: Report, code: str, site: str) -> list[Finding]:
    return [f for f in report.findings if f.code == code and f.site == site]


def labels(finding: Finding) -> list[str]:
    paths = (finding.location, *finding.affects)
    return sorted({path.partition("sub-")[2].partition("/")[0] for path in paths})


def test_there_is_no_false_alarm(report: Report) -> None:
    assert Counter(finding.code for finding in ours(report)) == FOUND


def test_every_parameter_is_counted_and_each_value_is_told(report: Report) -> None:
    counts = [rule for rule in report.rules if rule.code.endswith("_OUT_OF_TOLERANCE")]
    assert len(counts) == 16
    for outcome in Outcome:
        told = sum(value.outcome is outcome for value in report.values)
        assert told == sum(getattr(rule, outcome.value) for rule in counts)


@pytest.mark.parametrize(
    ("site", "people", "severity"),
    [
        ("beijingVerio", [f"beijingVerio0{n}" for n in range(1, 5)], Severity.ERROR),
        ("amu", [f"amu0{n}" for n in range(1, 6)], Severity.WARNING),
        ("strasbourg", ["strasbourg01", "strasbourg02"], Severity.WARNING),
    ],
)
def test_t2w_by_the_protocol_before_2019_03_26(
    report: Report, site: str, people: list[str], severity: Severity
) -> None:
    (finding,) = of(report, TR, site)
    assert labels(finding) == people
    assert (finding.observed, finding.contrast, finding.severity) == (2, "T2w", severity)
    assert "the protocol before 2019-03-26" in finding.message
    assert finding.scope is Scope.SITE
    assert finding.concerns == ("csa_t2",)
    flip = next(f for f in of(report, FLIP, site) if f.observed == 180)
    assert "the protocol before 2019-03-26" in flip.message
    assert labels(flip) == [label for label in people if label != "amu03"]


def test_amu03_was_never_right(report: Report) -> None:
    (finding,) = (f for f in of(report, FLIP, "amu") if f.observed == 135)
    assert (labels(finding), finding.severity) == (["amu03"], Severity.ERROR)
    assert "before" not in finding.message


def test_mt_repetition_times_beyond_the_sar_minimum(report: Report) -> None:
    (stanford,) = of(report, TR, "stanford")
    assert stanford.observed == 0.108
    assert len(labels(stanford)) == 6
    assert "MTon, MToff: RepetitionTime is 0.108 s in all 12 scans" in stanford.message
    achieva = [
        finding for finding in of(report, TR, "fslAchieva") if "GRE" not in finding.contrast
    ]
    people = {label for finding in achieva for label in labels(finding)}
    assert people == {f"fslAchieva0{number}" for number in range(2, 7)}
    assert {finding.observed for finding in achieva} == {0.103}
    sherbrooke = of(report, TR, "sherbrooke")
    assert [labels(finding) for finding in sherbrooke] == [["sherbrooke03"]] * 2
    assert all(f.observed == pytest.approx(0.0645, abs=1e-5) for f in sherbrooke)


def test_trio_is_judged_by_its_own_protocol(report: Report) -> None:
    values = [
        value
        for value in report.values
        if value.variant == "siemens-triotim"
        and (value.contrast, value.parameter) == ("T2w", "RepetitionTime")
    ]
    assert values
    assert {(value.observed, value.outcome) for value in values} == {(2, Outcome.MET)}


def test_raised_in_both_is_allowed(report: Report) -> None:
    found = {
        round(value.observed * 1000)
        for value in report.values
        if value.parameter == "RepetitionTime"
        and value.contrast == "MTon"
        and value.variant.startswith("siemens")
        and value.outcome is Outcome.MET
    }
    assert found >= {35, 36, 37, 45}


def test_normalise_off_was_right_on_the_day(report: Report) -> None:
    found = [f for f in report.findings if f.code == "IMAGE_TYPE_OUT_OF_TOLERANCE"]
    assert len({finding.site for finding in found}) == len(found)  # one per site
    assert not of(report, "IMAGE_TYPE_OUT_OF_TOLERANCE", "barcelona")
    assert all(finding.severity is Severity.WARNING for finding in found)
    (amu,) = of(report, "IMAGE_TYPE_OUT_OF_TOLERANCE", "amu")
    assert "ImageType lacks NORM (pre-scan normalise is off)" in amu.message
    assert amu.concerns == ("dti_fa", "dti_md", "dti_rd")


def test_gated_repetition_times_of_dwi_are_no_finding(report: Report) -> None:
    assert not [f for f in ours(report) if f.code == TR and "dwi" in f.location]


def test_a_text_is_not_compared(report: Report) -> None:
    rule = next(rule for rule in report.rules if rule.code == TE)
    assert rule.not_determinable == 6  # ucl
    assert rule.reasons == {"EchoTime is a text that can't be compared": 6}


def test_every_scanner_has_a_variant(report: Report) -> None:
    (rule,) = (rule for rule in report.rules if rule.code == "PROTOCOL_VARIANT_UNKNOWN")
    assert (rule.met, rule.not_met, rule.not_determinable) == (1868, 0, 0)
    assert len({use.participant for use in report.variants}) == 267


def test_the_folder_and_its_commit_give_the_same(bundle: Path, report: Report) -> None:
    committed = validate(Options(bundle, ref="HEAD"))
    assert [finding.to_json() for finding in committed.findings] == [
        finding.to_json() for finding in report.findings
    ]
    assert [rule.to_record() for rule in committed.rules] == [
        rule.to_record() for rule in report.rules
    ]
    assert committed.values == report.values


def test_a_part_says_what_the_whole_says(bundle: Path, report: Report) -> None:
    part = validate(Options(bundle, labels=("amu03", "geneva02")))
    codes = {rule.code for rule in load_rules() if rule.group == "series"} | {FLIP}
    told = {
        (finding.code, finding.location, finding.severity)
        for finding in report.findings
        if finding.code in codes and set(labels(finding)) <= {"amu03", "geneva02"}
    }
    assert told
    assert told == {
        (finding.code, finding.location, finding.severity)
        for finding in part.findings
        if finding.code in codes
    }
    path = "sourcedata/sub-geneva02/anat/sub-geneva02_flip-1_mt-off_MTS.json"
    only = validate(Options(bundle, only=(str(bundle / path),)))
    assert {f.code for f in only.findings} >= {"SHIM_SETTING_DIFFERS", "RECEIVE_COIL_DIFFERS"}
    assert all("geneva02" in finding.location for finding in only.findings)
