"""The parameters of the protocol: outcomes, groups, words, metrics in doubt."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.examples.faults import load_faults
from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.rules.rule import METRICS
from spinegate.validator.dataset import load_dataset
from spinegate.validator.finding import Finding, Origin, Outcome, Remedy, Scope, Severity
from spinegate.validator.inspection import Inspection
from spinegate.validator.ledger import Ledger
from spinegate.validator.parameters import check_parameters
from spinegate.validator.result import Value
from spinegate.validator.tree import FILE, Entry, Unreadable
from tests.strategies import JSON_VALUES

SPEC = load_spec("spine-generic")
(TEMPLATE,) = (rule for rule in load_rules() if rule.over == "parameter")
CODES = {
    parameter.code
    for variant in SPEC.variants
    for contrast in SPEC.contrasts
    for parameter in variant.parameters(contrast).values()
}
PRISMA = {"Manufacturer": "Siemens", "ManufacturersModelName": "Prisma"}
VERIO = {"Manufacturer": "Siemens", "ManufacturersModelName": "Verio"}
TR = "REPETITION_TIME_OUT_OF_TOLERANCE"


class Files:
    """A tree in memory: images are empty, sidecars are given, in the order given."""

    name, annex, folder = "memory", None, None

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents
        self.entries = [Entry(path, path.encode(), FILE) for path in contents]

    def read(self, entries: Any, limit: int) -> Any:
        for entry in entries:
            content = self.contents.get(entry.path)
            yield Unreadable("missing") if content is None else content[: limit + 1]


def judge(
    sidecars: Mapping[str, Mapping[str, Any]], dates: Mapping[str, str] | None = None
) -> tuple[list[Finding], Ledger, list[Value]]:
    """Judge images named like a01_T2w by their sidecars."""
    contents: dict[str, bytes] = {"dataset_description.json": b"{}"}
    for name, sidecar in sidecars.items():
        label, _, stem = name.partition("_")
        path = f"sub-{label}/{'dwi' if stem.endswith('dwi') else 'anat'}/sub-{label}_{stem}"
        contents[f"{path}.nii.gz"] = b""
        contents[f"{path}.json"] = json.dumps(sidecar).encode()
    if dates:
        rows = "".join(f"sub-{label}\t{date}\n" for label, date in dates.items())
        contents["participants.tsv"] = f"participant_id\tdate_of_scan\n{rows}".encode()
    ledger = Ledger([], Origin("spinegate", "0"))
    inspection = Inspection(load_dataset(Files(contents), SPEC), SPEC)
    values = check_parameters(inspection, TEMPLATE, ledger)
    return ledger.findings, ledger, values


def test_every_code_has_a_case_and_a_fault() -> None:
    cases = {path.stem for path in (Path(__file__).parents[1] / "cases").glob("*.yaml")}
    assert CODES - cases == set()
    assert CODES - {fault.code for fault in load_faults()} == set()


def test_one_deviation_in_words() -> None:
    (finding,), _, _ = judge({"a01_T2w": {**PRISMA, "FlipAngle": 180}})
    assert finding.message == (
        "T2w: FlipAngle is 180 degrees; the protocol for Siemens Prisma (VE11C) asks for "
        "120 degrees ± 1 degree."
    )
    assert (finding.sub_code, finding.contrast, finding.site) == ("FlipAngle", "T2w", "a")
    assert (finding.scope, finding.severity) == (Scope.SCAN, Severity.ERROR)
    assert finding.concerns == ("csa_t2",)


def test_concerns_are_those_of_the_contrast() -> None:
    names = {"T1w": "csa_t1", "T2w": "csa_t2", "T2star": "csa_gm", "dwi": "dti_fa"}
    for stem, metric in names.items():
        findings, _, _ = judge({f"a01_{stem}": {**PRISMA, "SliceThickness": 50}})
        assert metric in findings[0].concerns
        assert set(findings[0].concerns) <= set(METRICS)


def test_the_protocol_names_the_metrics_of_the_rules() -> None:
    named = {metric for contrast in SPEC.contrasts.values() for metric in contrast.concerns}
    assert named == set(METRICS)


def test_a_whole_site_is_one_finding_and_two_contrasts_as_well() -> None:
    on, off = "flip-1_mt-on_MTS", "flip-1_mt-off_MTS"
    wrong = {**PRISMA, "RepetitionTime": 0.108}
    (finding,), ledger, _ = judge({f"a0{n}_{stem}": wrong for n in (1, 2) for stem in (on, off)})
    assert finding.message.startswith("MTon, MToff: RepetitionTime is 0.108 s in all 4 scans")
    assert (finding.scope, finding.contrast, len(finding.affects)) == (Scope.SITE, "", 3)
    assert finding.concerns == ("mtr", "mtsat", "t1")
    (count,) = (count for count in ledger.counts() if count.code == TR)
    assert (count.met, count.not_met) == (0, 4)
    assert count.breakdown["a", "MTon"].not_met == 2


@pytest.mark.parametrize(
    "other",
    [
        {"a02_T2w": {**PRISMA, "RepetitionTime": 1.5}},
        {"a02_T2w": {**PRISMA, "RepetitionTime": 2.1}},
        {"b01_T2w": {**PRISMA, "RepetitionTime": 2.0}},
    ],
)
def test_what_a_site_does_not_share_is_a_finding_each(other: Any) -> None:
    findings, _, _ = judge({"a01_T2w": {**PRISMA, "RepetitionTime": 2.0}, **other})
    assert all(finding.scope is Scope.SCAN and not finding.affects for finding in findings)


def test_warnings_of_a_site_are_one_finding_with_their_values() -> None:
    trio = {"Manufacturer": "Siemens", "ManufacturersModelName": "TrioTim"}
    angles = {"a01": 170, "a02": 165, "a03": 180}
    (finding,), _, _ = judge({f"{k}_T2w": {**trio, "FlipAngle": v} for k, v in angles.items()})
    assert "FlipAngle is 170 degrees or 165 degrees in 2 of 3 scans" in finding.message
    assert finding.severity is Severity.WARNING
    assert finding.observed == [170, 165]


def test_the_protocol_of_the_day() -> None:
    old = {**VERIO, "RepetitionTime": 2.0, "ImageType": ["ORIGINAL", "M"]}
    right, _, values = judge({"a01_T2w": old}, {"a01": "2019-03-25"})
    late, _, _ = judge({"a01_T2w": old}, {"a01": "2019-03-26"})
    unknown, _, _ = judge({"a01_T2w": old})
    (first,) = (finding for finding in right if finding.code == TR)
    assert (first.severity, first.remedy) == (Severity.WARNING, Remedy.WAIVE)
    assert "which was in force on the date of scan" in first.message
    for findings in (late, unknown):
        (finding,) = (finding for finding in findings if finding.code == TR)
        assert finding.severity is Severity.ERROR
        assert finding.message.endswith("This agrees with the protocol before 2019-03-26.")
    assert {v.outcome for v in values if v.parameter == "RepetitionTime"} == {Outcome.NOT_MET}


def test_a_setting_that_was_right_on_the_day_is_met() -> None:
    off = {**VERIO, "ImageType": ["ORIGINAL", "M"]}
    findings, ledger, values = judge({"a01_flip-1_mt-on_MTS": off}, {"a01": "2019-01-10"})
    assert findings == []
    (count,) = (c for c in ledger.counts() if c.code == "IMAGE_TYPE_OUT_OF_TOLERANCE")
    assert (count.met, count.not_met) == (1, 0)
    assert {v.outcome for v in values if v.parameter == "ImageType"} == {Outcome.MET}


def test_every_value_is_counted_and_told() -> None:
    _, ledger, values = judge({"a01_T2w": {**PRISMA, "EchoTime": "0.12", "FlipAngle": 120}})
    told = Counter(value.outcome for value in values)
    assert told[Outcome.MET] == sum(count.met for count in ledger.counts())
    assert told[Outcome.NOT_DETERMINABLE] == sum(c.not_determinable for c in ledger.counts())
    reasons = {count.code: dict(count.reasons) for count in ledger.counts()}
    assert reasons["ECHO_TIME_OUT_OF_TOLERANCE"] == {
        "EchoTime is a text that can't be compared": 1
    }
    assert reasons[TR] == {"no RepetitionTime in the sidecar": 1}


def test_scans_without_variant_or_contrast_are_left_out() -> None:
    assert judge({"a01_T2w": {"Manufacturer": "Canon"}, "a01_bold": PRISMA})[2] == []


KEYS = sorted({name for v in SPEC.variants for c in SPEC.contrasts for name in v.parameters(c)})
SIDECARS = st.dictionaries(st.sampled_from(KEYS), JSON_VALUES, max_size=4)
STEMS = ("T1w", "T2w", "T2star", "dwi", "flip-1_mt-on_MTS", "echo-1_T2star", "echo-2_T2star")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([PRISMA, VERIO, {"Manufacturer": "Philips"}]),
    st.lists(SIDECARS, min_size=7, max_size=7),
)
def test_any_value_of_any_key_is_survived(base: Any, sidecars: list[dict[str, Any]]) -> None:
    exam = {f"a01_{stem}": {**base, **own} for stem, own in zip(STEMS, sidecars, strict=True)}
    findings, _, _ = judge(exam)
    for finding in findings:
        assert finding.message.endswith(".")
        assert len(finding.message) < 1000


@settings(max_examples=40, deadline=None)
@given(
    st.permutations(range(6)), st.lists(st.sampled_from([1.5, 2.0, 2.2]), min_size=6, max_size=6)
)
def test_the_order_of_files_does_not_matter(order: list[int], times: list[float]) -> None:
    items = [(f"a0{n}_T2w", {**PRISMA, "RepetitionTime": t}) for n, t in enumerate(times, 1)]
    straight, _, values = judge(dict(items))
    shuffled, _, others = judge(dict(items[index] for index in order))
    assert straight == shuffled
    assert values == others
