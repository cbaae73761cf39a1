"""What the real dataset must show of participants, description, repository and results."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.rules.loader import load_rules
from spinegate.validator.finding import Finding, Severity
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

pytestmark = pytest.mark.real

GROUPS = {"participants", "dataset", "repository", "images", "derivatives"}
OURS = {rule.code for rule in load_rules() if rule.group in GROUPS}
FOUND = {
    "BIDS_VERSION_TOO_OLD": 1,
    "CHANGES_MISSING": 1,
    "DERIVATIVE_DESCRIPTION_MISSING": 3,
    "LICENSE_DISAGREES": 1,
    "PARTICIPANT_DISAGREES": 5,
}


def of(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def test_there_is_no_false_alarm(report: Report) -> None:
    found: dict[str, int] = {}
    for finding in report.findings:
        if finding.code in OURS:
            found[finding.code] = found.get(finding.code, 0) + 1
    assert found == FOUND


def test_every_rule_is_counted(report: Report) -> None:
    counted = {rule.code for rule in report.rules if rule.met or rule.not_met}
    undetermined = {rule.code for rule in report.rules if rule.not_determinable}
    no_links = {"LINK_NOT_ANNEXED"}
    no_content = {
        "CONTENT_TRUNCATED",
        "DERIVATIVE_GRID_DIFFERS",
        "NIFTI_HEADER_BROKEN",
        "NIFTI_UNITS",
        "NIFTI_WITHOUT_ORIENTATION",
        "QFORM_SFORM_DISAGREE",
    }
    assert OURS - counted == no_links | no_content
    assert no_content <= undetermined


def test_licences_disagree(report: Report) -> None:
    (finding,) = of(report, "LICENSE_DISAGREES")
    assert (finding.observed, finding.expected) == ("CC0", "CC BY 4.0")


def test_version_is_older_than_the_names(report: Report) -> None:
    (finding,) = of(report, "BIDS_VERSION_TOO_OLD")
    assert finding.observed == "1.2.0"
    assert finding.fix is not None
    assert finding.fix["value"] == "1.8.0"
    assert all(part in finding.message for part in ("mt-", "flip-", "rec- in dwi"))


def test_no_folder_of_results_is_described(report: Report) -> None:
    assert [finding.location for finding in of(report, "DERIVATIVE_DESCRIPTION_MISSING")] == [
        f"derivatives/{name}/dataset_description.json"
        for name in ("labels", "labels_softseg", "labels_softseg_bin")
    ]


def test_where_the_table_and_the_scanner_disagree(report: Report) -> None:
    found = {(f.site, f.sub_code.split()[0]): f for f in of(report, "PARTICIPANT_DISAGREES")}
    assert set(found) == {
        ("milan", "date_of_scan"),
        ("sherbrooke", "date_of_scan"),
        ("tehran", "manufacturers_model_name"),
        ("tokyo", "manufacturers_model_name"),
        ("ucdavis", "software_versions"),
    }
    assert "2019-01-10" in found["sherbrooke", "date_of_scan"].message
    assert len(found["tehran", "manufacturers_model_name"].affects) == 6
    assert "XA11" in found["ucdavis", "software_versions"].message


def test_twins_are_no_duplicates(report: Report) -> None:
    (count,) = (rule for rule in report.rules if rule.code == "CONTENT_DUPLICATE")
    assert count.met == 11682
    assert not count.not_determinable


def test_one_participant_alone_misses_nobody(bundle: Path) -> None:
    report = validate(Options(bundle, labels=("amu01",)))
    codes = {finding.code for finding in report.findings}
    assert not codes & {"PARTICIPANT_WITHOUT_FOLDER", "EXCLUDE_UNKNOWN_NAME"}
    (count,) = (rule for rule in report.rules if rule.code == "PARTICIPANT_WITHOUT_FOLDER")
    assert count.met == 1


def test_only_what_violates_the_standard_is_an_error(report: Report) -> None:
    errors = {f.code for f in report.findings if f.severity is Severity.ERROR}
    assert errors & OURS == {"DERIVATIVE_DESCRIPTION_MISSING"}
