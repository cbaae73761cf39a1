"""New, old and fixed findings: file by file, never by message; another value is another fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.compare import Comparison, compare
from spinegate.validator.coverage import same
from spinegate.validator.finding import Finding, Origin, Scope, Severity, Status

ORIGIN = Origin("spinegate", "1")
PATHS = [f"sub-a0{number}_T1w.nii.gz" for number in range(1, 7)]


def finding(
    *paths: str,
    code: str = "FLIP_ANGLE_OUT_OF_TOLERANCE",
    scope: Scope = Scope.SCAN,
    observed: object = 135.0,
    sub_code: str = "FlipAngle",
) -> Finding:
    first, *others = paths
    return Finding(
        code, Severity.ERROR, first, "wrong", ORIGIN, scope, sub_code, observed,
        affects=tuple(others),
    )  # fmt: skip


def site(*paths: str, observed: object = 135.0) -> Finding:
    return finding(*paths, scope=Scope.SITE, observed=observed)


def told(comparison: Comparison) -> dict[tuple[str, ...], str]:
    return {f.paths: f.status.value for f in comparison.findings if f.status is not None}


def test_a_finding_that_the_base_has_is_old_and_one_that_it_lacks_is_new() -> None:
    found = compare([finding("a")], [finding("a"), finding("b")])
    assert told(found) == {("a",): "old", ("b",): "new"}
    assert found.fixed == []


def test_a_finding_that_is_gone_is_fixed() -> None:
    found = compare([finding("a"), finding("b")], [finding("b")])
    assert [(f.location, f.status) for f in found.fixed] == [("a", Status.FIXED)]


def test_a_finding_whose_file_was_taken_away_is_not_called_fixed() -> None:
    found = compare([finding("a"), finding("b")], [], remains={"b"}.__contains__)
    assert [f.location for f in found.fixed] == ["b"]


def test_another_value_at_the_same_place_is_new_and_the_first_is_not_fixed() -> None:
    found = compare([finding("a", observed=180.0)], [finding("a", observed=90.0)])
    assert told(found) == {("a",): "new"}
    assert found.fixed == []


def test_another_message_is_the_same_finding() -> None:
    known = finding("a")
    assert told(compare([known], [replace(known, message="said otherwise")])) == {("a",): "old"}


def test_another_parameter_is_another_fault() -> None:
    found = compare([finding("a")], [finding("a", sub_code="EchoTime")])
    assert told(found) == {("a",): "new"}
    assert [f.sub_code for f in found.fixed] == ["FlipAngle"]


def test_a_site_of_which_one_scan_was_mended_is_old_in_the_others() -> None:
    found = compare([site("a", "b", "c")], [finding("b"), finding("c")])
    assert told(found) == {("b",): "old", ("c",): "old"}
    assert found.fixed == []


def test_a_scan_that_left_the_site_s_value_for_another_wrong_one_is_new() -> None:
    found = compare([site("a", "b")], [finding("a", observed=90.0), finding("b")])
    assert told(found) == {("a",): "new", ("b",): "old"}


def test_scans_that_became_a_site_s_are_old() -> None:
    found = compare([finding("a"), finding("b")], [site("a", "b")])
    assert told(found) == {("a", "b"): "old"}


def test_a_new_participant_of_a_site_is_told_apart_from_those_before() -> None:
    found = compare([site("a", "b")], [site("a", "b", "c")])
    assert told(found) == {("a", "b"): "old", ("c",): "new"}


def test_counts_of_a_site_may_change_while_it_is_mended() -> None:
    after = site("b", observed="1 of 1")
    assert told(compare([site("a", "b", "c", observed="3 of 3")], [after])) == {("b",): "old"}


def test_a_site_of_which_a_preprocessed_file_was_mended_is_old_in_the_raw_ones() -> None:
    both = site("sourcedata/a", "sourcedata/b", "a", "b", observed="missing")
    mended = site("sourcedata/a", "sourcedata/b", "b", observed="missing")
    assert told(compare([both], [mended])) == {mended.paths: "old"}
    assert told(compare([mended], [both])) == {
        ("sourcedata/a", "sourcedata/b", "b"): "old",
        ("a",): "new",
    }


def test_a_series_of_which_a_member_is_gone_is_old() -> None:
    before = finding("a", "b", "c", scope=Scope.SERIES, observed={"x": 1, "y": 2, "z": 3})
    after = finding("b", "c", scope=Scope.SERIES, observed={"y": 2, "z": 3})
    assert told(compare([before], [after])) == {("b", "c"): "old"}


def test_a_series_with_other_values_is_new() -> None:
    before = finding("a", "b", scope=Scope.SERIES, observed={"x": 1, "y": 2})
    after = finding("a", "b", scope=Scope.SERIES, observed={"x": 1, "y": 3})
    assert told(compare([before], [after])) == {("a", "b"): "new"}


def test_findings_follow_their_files_through_a_rename() -> None:
    rename: Callable[[str], str] = {"a": "z"}.get  # type: ignore[assignment]
    found = compare([finding("a", "b")], [finding("z", "b")], rename=lambda p: rename(p) or p)
    assert told(found) == {("z", "b"): "old"}
    assert found.fixed == []


FINDINGS = st.lists(
    st.builds(
        lambda paths, scope, observed, sub_code: finding(
            *paths, scope=scope, observed=observed, sub_code=sub_code
        ),
        st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True),
        st.sampled_from([Scope.SCAN, Scope.SITE, Scope.SERIES, Scope.FILE]),
        st.sampled_from([None, 1, 2.5, "text", [1, 2], {"a": 1}, float("nan"), True]),
        st.sampled_from(["", "FlipAngle"]),
    ),
    max_size=6,
)


@given(FINDINGS)
def test_without_a_change_all_is_old(findings: list[Finding]) -> None:
    found = compare(findings, findings)
    assert all(f.status is Status.OLD for f in found.findings)
    assert found.fixed == []


@given(FINDINGS, FINDINGS)
def test_no_path_is_lost_and_what_is_fixed_is_gone(
    base: list[Finding], head: list[Finding]
) -> None:
    found = compare(base, head)
    told = {(f.sub_code, path) for f in found.findings for path in f.paths}
    assert told == {(f.sub_code, path) for f in head for path in f.paths}
    gone = {(f.sub_code, path) for f in found.fixed for path in f.paths}
    assert not gone & told


@given(FINDINGS)
def test_from_a_clean_base_all_is_new(findings: list[Finding]) -> None:
    assert all(f.status is Status.NEW for f in compare([], findings).findings)


def test_values_are_compared_as_json() -> None:
    assert same(1, 1.0)
    assert same([1, {"a": (2,)}], (1, {"a": [2]}))
    assert same(float("nan"), float("nan"))
    assert not same(True, 1)
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"b": 1})
    assert not same(None, 0)
