from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.bids.issues import OfficialReport
from spinegate.validator.bids.merge import SAME, count, gather, join
from spinegate.validator.bids.merge import merge as merge_report
from spinegate.validator.finding import Finding, Origin, Scope, Severity, Status

OURS = Origin("spinegate", "1")
THEIRS = Origin("bids-validator-deno", "3")
IMAGE = "sub-a/anat/sub_a_T1w.nii.gz"


def merge(
    ours: list[Finding], official: list[Finding], same: Mapping[str, tuple[str, ...]] = SAME
) -> list[Finding]:
    return merge_report(ours, OfficialReport(tuple(official), {}, THEIRS), same)


def finding(code: str, location: str = IMAGE, origin: Origin = THEIRS, sub: str = "") -> Finding:
    severity = Severity.WARNING if "RECOMMENDED" in code else Severity.ERROR
    return Finding(code, severity, location, code.lower(), origin, Scope.FILE, sub_code=sub)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("NAME_NOT_BIDS", "FILENAME_MISMATCH"),
        ("NAME_NOT_BIDS", "ENTITY_WITH_NO_LABEL"),
        ("NAME_WRONG_FOLDER", "INVALID_LOCATION"),
        ("SIDECAR_NOT_JSON", "JSON_INVALID"),
        ("CASE_COLLISION", "CASE_COLLISION"),
        ("SIDECAR_MISSING", "SIDECAR_KEY_RECOMMENDED"),
        ("NAME_NOT_BIDS", "SIDECAR_WITHOUT_DATAFILE"),
    ],
)
def test_the_same_fault_is_told_once_by_us(ours: str, theirs: str) -> None:
    own = finding(ours, origin=OURS)
    assert merge([own], [finding(theirs)]) == [own]
    elsewhere = finding(theirs, "sub-b/x")
    assert merge([own], [elsewhere]) == [own, elsewhere]


def test_a_place_that_ours_affects_is_told() -> None:
    own = replace(finding("NAME_NOT_BIDS", "sub-a", OURS), affects=(IMAGE,))
    assert merge([own], [finding("NOT_INCLUDED")]) == [own]


def test_another_fault_of_the_same_place_stays() -> None:
    own = finding("NAME_NOT_BIDS", origin=OURS)
    other = finding("EMPTY_FILE")
    assert merge([own], [other]) == [other, own]


def test_the_table_can_be_another() -> None:
    own = finding("MINE", origin=OURS)
    assert merge([own], [finding("EMPTY_FILE")], {"EMPTY_FILE": ("MI",)}) == [own]


def test_a_warning_at_many_places_becomes_one() -> None:
    many = [finding("SIDECAR_KEY_RECOMMENDED", f"sub-{n}/x", sub="DwellTime") for n in range(5)]
    alone = finding("SIDECAR_KEY_RECOMMENDED", "sub-1/x", sub="StationName")
    whole, single = merge([], [*many, alone])
    assert (whole.location, whole.scope, whole.sub_code) == (".", Scope.DATASET, "DwellTime")
    assert whole.affects == tuple(f"sub-{n}/x" for n in range(5))
    assert whole.message.endswith("(5 files)")
    assert single == alone


def test_an_error_stays_at_its_place_and_is_told_once() -> None:
    number = replace(finding("JSON_SCHEMA_VALIDATION_ERROR", "a.json"), message="must be number")
    array = replace(number, message="must be array", affects=("a.nii.gz",))
    other = replace(number, location="b.json")
    first, second = merge([], [number, array, other])
    assert (first.location, first.message, first.affects) == (
        "a.json",
        "must be number",
        ("a.nii.gz",),
    )
    assert second == other


CODES = st.sampled_from(["NAME_NOT_BIDS", "EMPTY_FILE", "X_RECOMMENDED", "JSON_INVALID"])
FINDINGS = st.lists(st.builds(finding, CODES, st.sampled_from(["a", "b", "sub-a/c"])), max_size=6)


@given(FINDINGS, FINDINGS)
def test_ours_are_all_kept_and_the_order_is_fixed(
    ours: list[Finding], theirs: list[Finding]
) -> None:
    own = [replace(one, origin=OURS) for one in ours]
    merged = merge(own, theirs)
    assert [one for one in merged if one.origin is OURS] == sorted(own, key=lambda one: one.order)
    assert [one.order for one in merged] == sorted(one.order for one in merged)
    told = {one.location for one in merged} | {path for one in merged for path in one.affects}
    assert {one.location for one in theirs} <= told


def test_official_rules_are_counted() -> None:
    twice = [finding("SIDECAR_KEY_RECOMMENDED", f"f{n}") for n in range(2)]
    said = finding("FILENAME_MISMATCH")
    blind = {"NIFTI_HEADER_UNREADABLE": 3, "OURS": 1}
    titles = {"NIFTI_HEADER_UNREADABLE": "The header can't be read."}
    report = OfficialReport((*twice, said), blind, Origin("b", "3.0", "BIDS", "1.2"), titles)
    own = [finding("NAME_NOT_BIDS", origin=OURS), finding("OURS", origin=OURS)]
    first, second = count(own, report)
    assert (first.code, first.met, first.not_met, first.not_determinable) == (
        ("NIFTI_HEADER_UNREADABLE", 0, 0, 3)
    )
    assert first.title == "The header can't be read."
    assert first.reasons == {"the image's content is not here": 3}
    assert (second.code, second.met, second.not_met, second.not_determinable) == (
        ("SIDECAR_KEY_RECOMMENDED", 0, 2, 0)
    )
    assert second.title == "Sidecar key recommended"
    assert second.source == "BIDS schema 1.2, judged by bids-validator-deno 3.0"
    assert second.reasons == {}


def test_a_warning_that_one_more_file_has_is_new_there_alone() -> None:
    found = [finding("SIDECAR_KEY_RECOMMENDED", f"f{n}") for n in range(4)]
    joined = join([], OfficialReport(tuple(found), {}, THEIRS))
    assert joined == found
    status = [Status.OLD, Status.OLD, Status.OLD, Status.NEW]
    told = [replace(f, status=s) for f, s in zip(joined, status, strict=True)]
    many, one = gather(told)
    assert (many.location, many.affects, many.status) == (".", ("f0", "f1", "f2"), Status.OLD)
    assert (one.location, one.affects, one.status) == ("f3", (), Status.NEW)


def test_what_is_waived_is_gathered_apart() -> None:
    found = [finding("SIDECAR_KEY_RECOMMENDED", f"f{n}") for n in range(4)]
    for index in (0, 1):
        policy = {"severity": "warning", "reason": "not ours"}
        found[index] = replace(found[index], severity=Severity.IGNORE, policy=policy)
    assert [one.affects for one in gather(found)] == [("f0", "f1"), ("f2", "f3")]


def test_ours_are_never_gathered() -> None:
    ours = [finding("KEY_RECOMMENDED", f"f{n}", OURS) for n in range(3)]
    assert gather(ours) == ours


def test_what_ours_says_of_the_raw_image_is_told() -> None:
    own = finding("SIDECAR_TYPE_WRONG", "sourcedata/sub-a/x.json", OURS, "EchoTime")
    same = finding("JSON_SCHEMA_VALIDATION_ERROR", "sub-a/x.json", sub="EchoTime")
    other = finding("JSON_SCHEMA_VALIDATION_ERROR", "sub-a/x.json", sub="FlipAngle")
    assert merge([own], [same]) == [own]
    assert merge([own], [other]) == [own, other]
