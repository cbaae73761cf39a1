from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.loader import load_rules
from spinegate.rules.profiles import Profile
from spinegate.rules.records import ANYTHING, Record
from spinegate.system.errors import ConfigError
from spinegate.validator.checks.waivers import OF_CHANGES, key_of, policy_verdicts, was_seen, what
from spinegate.validator.finding import Finding, Origin, Outcome, Scope, Severity
from spinegate.validator.policy import Applied, apply_policy, find_profile
from spinegate.validator.result import RuleCount, Tally
from spinegate.validator.verdict import Verdict

TODAY = date(2026, 6, 1)
STRICT = find_profile("strict")
RAW = "sourcedata/sub-1/anat/sub-1_T2w.json"
ROOT = "sub-1/anat/sub-1_T2w.json"


def found(*paths: str, scope: Scope = Scope.SCAN, **more: Any) -> Finding:
    location, *affects = paths or ("a",)
    given = {"code": "CODE", "severity": Severity.ERROR, "rule": "names.CODE", **more}
    origin = Origin("spinegate", "1")
    return Finding(
        location=location, affects=tuple(affects), message="m", origin=origin, scope=scope, **given
    )


def loose(**more: Any) -> Record:
    texts = ("code", "group", "parameter", "site", "location")
    given: dict[str, Any] = {
        k: (v,) if k in texts and isinstance(v, str) else v for k, v in more.items()
    }
    given = {"severity": "ignore", "reason": "because", "source": "s.yml", **given}
    return Record(**given)


def exact(*paths: str, observed: Any = None, **more: Any) -> Record:
    return loose(
        **{"code": "CODE", "observed": observed, "exact": True, "location": paths, **more}
    )


def apply(finding: Finding, *records: Record, profile: Profile = STRICT) -> Applied:
    return apply_policy([finding], profile, records, TODAY)


def waived(finding: Finding, *records: Record) -> bool:
    return apply(finding, *records).findings[0].severity is Severity.IGNORE


def test_a_finding_that_nothing_matches_stays_the_same_object() -> None:
    finding = found("a")
    applied = apply(finding, loose(code="OTHER"))
    assert applied.findings[0] is finding
    assert [unused.changed for unused in applied.unused] == [False]


def test_a_changed_finding_says_what_it_was_and_who_changed_it() -> None:
    record = loose(code="CODE", by="Jane", issue="#1", until=date(2027, 1, 1))
    (finding,) = apply(found("a"), record).findings
    assert finding.severity is Severity.IGNORE
    assert finding.policy == {
        "severity": "error",
        "reason": "because",
        "by": "Jane",
        "issue": "#1",
        "until": "2027-01-01",
        "source": "s.yml",
    }


def test_a_profile_says_so_too() -> None:
    (finding,) = apply(found("a", rule="dataset.CODE"), profile=find_profile("incoming")).findings
    assert finding.severity is Severity.WARNING
    assert finding.policy is not None
    assert (finding.policy["severity"], finding.policy["source"]) == ("error", "profile incoming")


def test_records_go_before_the_profile_and_keep_the_own_severity() -> None:
    finding = found("a", rule="dataset.CODE")
    applied = apply(finding, loose(code="CODE"), profile=find_profile("incoming"))
    assert applied.findings[0].policy == {
        **(applied.findings[0].policy or {}),
        "severity": "error",
    }
    back = apply(finding, loose(code="CODE", severity="error"), profile=find_profile("incoming"))
    assert back.findings[0] is finding


def test_a_release_raises_what_is_open() -> None:
    finding = found("a", code="DECISION_OPEN", severity=Severity.WARNING, rule="policy.X")
    (raised,) = apply(finding, profile=find_profile("release")).findings
    assert raised.severity is Severity.ERROR


def test_the_last_record_decides() -> None:
    records = [loose(code="CODE"), loose(location="a*", severity="warning", reason="second")]
    (finding,) = apply(found("a"), *records).findings
    assert (finding.policy or {})["reason"] == "second"
    (finding,) = apply(found("a"), *reversed(records)).findings
    assert finding.severity is Severity.IGNORE


@pytest.mark.parametrize(
    ("record", "matched"),
    [
        ({"code": "C*"}, True),
        ({"code": ("A", "CODE")}, True),
        ({"code": "code"}, False),
        ({"group": "names"}, True),
        ({"group": "series"}, False),
        ({"parameter": "Echo?ime"}, True),
        ({"parameter": ""}, False),
        ({"site": "amu"}, True),
        ({"site": "am"}, False),
        ({"location": "sub-1*"}, True),
        ({"location": "*_T2w.json"}, True),
        ({"location": RAW}, True),
        ({"location": ROOT}, True),
        ({"location": "source*"}, True),
        ({"location": "sub-2*"}, False),
        ({"location": ("sub-2*", "sub-1*")}, True),
        ({"code": "CODE", "site": "ucl"}, False),
        ({"code": "CODE", "observed": 5}, True),
        ({"code": "CODE", "observed": 5.0}, True),
        ({"code": "CODE", "observed": 6}, False),
        ({"code": "CODE", "observed": None}, False),
    ],
)
def test_what_a_record_matches(record: dict[str, Any], matched: bool) -> None:
    finding = found(RAW, sub_code="EchoTime", site="amu", observed=5)
    assert waived(finding, loose(**record)) is matched


def test_a_path_at_the_root_is_found_by_a_record_of_the_raw_one() -> None:
    assert waived(found(ROOT), loose(location=RAW))
    assert waived(found(ROOT), loose(location="sourcedata/sub-1/*"))


@pytest.mark.parametrize("scope", [Scope.SITE, Scope.DATASET])
def test_a_waiver_of_one_scan_never_hides_the_others(scope: Scope) -> None:
    finding = found("a", "b", scope=scope)
    assert not waived(finding, loose(location="a"))
    assert waived(finding, loose(location=("a", "b", "c")))
    assert waived(finding, loose(code="CODE"))
    assert not waived(finding, exact("a"))
    assert waived(finding, exact("a", "b"))


def test_other_findings_are_matched_by_where_they_stand() -> None:
    finding = found("a", "b", scope=Scope.SERIES)
    assert waived(finding, loose(location="a"))
    assert waived(finding, loose(location=("b", "a")))
    assert not waived(finding, loose(location="b"))


@pytest.mark.parametrize(
    ("observed", "now", "same"),
    [
        (1, True, False),
        ("1", 1, False),
        ([1, 2], (1, 2), True),
        ({"a": 1}, {"a": 1.0}, True),
        (str(float("nan")), float("nan"), True),
        ("in 2 files", "in 3 files", False),
    ],
)
def test_another_value_is_not_accepted(observed: Any, now: Any, same: bool) -> None:
    assert waived(found("a", observed=now), loose(code="CODE", observed=observed)) is same
    assert waived(found("a", observed=now), exact("a", observed=observed)) is same


def test_mending_a_part_never_un_accepts_the_rest() -> None:
    left = found("a", "b", scope=Scope.SITE, observed="2 of 9")
    for record in (exact("a", "b", "c", observed="3 of 9"), loose(location=("a", "b", "c"))):
        assert waived(left, replace(record, observed="3 of 9"))
    assert not waived(left, exact("a", "b", observed="3 of 9"))
    assert not waived(left, loose(location=("a", "b"), observed="3 of 9"))
    assert not waived(left, loose(location="*", observed="3 of 9"))


def test_a_baseline_is_literal() -> None:
    assert not waived(found("ab"), exact("a*"))
    assert waived(found("a*"), exact("a*"))
    assert not waived(found("a", sub_code="x"), exact("a"))
    assert waived(found("a", sub_code="x"), exact("a", parameter="x"))
    assert not waived(found("a", code="CODES"), exact("a"))
    assert not waived(found("a"), exact("a", group="series"))
    assert waived(found("a"), exact("a", group="names"))


def test_records_of_single_scans_accept_what_becomes_one_finding_of_their_site() -> None:
    finding = found("a", "b", scope=Scope.SITE, observed="2 of 2 scans")
    one, two = exact("a", observed=5), exact("b", observed=6)
    assert waived(finding, one, two)
    assert not waived(finding, one)
    assert apply(finding, one).unused == ()  # its fault is still there


def test_a_raw_scan_and_the_one_made_from_it_are_one() -> None:
    assert waived(found(RAW, ROOT), exact(RAW))
    assert waived(found(ROOT), exact(RAW))
    assert waived(found(RAW), exact(RAW, ROOT))


def test_an_expired_record_does_not_apply() -> None:
    ended = loose(code="CODE", until=date(2026, 5, 31))
    applied = apply(found("a"), ended)
    assert applied.findings[0].severity is Severity.ERROR
    assert applied.unused == ()
    assert [(e.record, len(e.findings)) for e in applied.expired] == [(ended, 1)]
    assert waived(found("a"), replace(ended, until=TODAY))


def test_an_expired_record_leaves_it_to_another() -> None:
    ended = loose(code="CODE", severity="warning", until=date(2026, 5, 31))
    applied = apply(found("a"), loose(code="CODE"), ended)
    assert applied.findings[0].severity is Severity.IGNORE
    assert applied.expired == ()


def test_a_part_that_expired_counts_again() -> None:
    ended = exact("b", until=date(2026, 5, 31))
    applied = apply(found("a", "b", scope=Scope.SITE), exact("a"), ended)
    assert applied.findings[0].severity is Severity.ERROR
    assert [expired.record for expired in applied.expired] == [ended]


@pytest.mark.parametrize("code", ["WAIVER_UNUSED", "WAIVER_EXPIRED"])
def test_a_waiver_can_not_waive_its_own_end(code: str) -> None:
    finding = found(".spinegate.yml", code=code, rule=f"policy.{code}")
    assert not waived(finding, loose(location="*"))


def test_no_such_profile() -> None:
    with pytest.raises(ConfigError, match=r"no profile 'stict'.*did you mean 'strict'"):
        find_profile("stict")


PATHS = st.sampled_from(["a", "b", "sourcedata/a", "sourcedata/b", "c*", "c?"])
FINDINGS = st.builds(
    lambda paths, scope, code, sub_code, observed: found(
        *paths, scope=scope, code=code, sub_code=sub_code, observed=observed
    ),
    st.lists(PATHS, min_size=1, max_size=4, unique=True),
    st.sampled_from(Scope),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["", "x", "*"]),
    st.sampled_from([None, 0, False, 1.5, "text", [1]]),
)
RECORDS = st.builds(
    loose,
    code=st.sampled_from(["A", "B", "*", "?"]),
    location=st.lists(PATHS, min_size=1, max_size=3).map(tuple),
    observed=st.sampled_from([ANYTHING, None, 0, 1.5]),
    severity=st.sampled_from(["error", "warning", "ignore"]),
)


@given(st.lists(FINDINGS, max_size=5), st.lists(RECORDS, max_size=5))
def test_each_finding_is_judged_alone(findings: list[Finding], records: list[Record]) -> None:
    together = apply_policy(findings, STRICT, records, TODAY)
    alone = [apply(finding, *records).findings[0] for finding in findings]
    assert together.findings == alone
    backwards = apply_policy(findings[::-1], STRICT, records, TODAY)
    assert backwards.findings[::-1] == alone
    assert backwards.unused == together.unused


def verdicts(applied: Applied, *counts: RuleCount, whole: bool = True) -> list[Verdict]:
    return [
        verdict
        for verdict in policy_verdicts(applied, counts, whole=whole)
        if verdict.outcome is not Outcome.MET
    ]


def test_an_unused_record_is_told_with_its_line() -> None:
    (verdict,) = verdicts(apply(found("a"), loose(code="OTHER", site="amu", line=7)))
    assert (verdict.code, verdict.location, verdict.line) == ("WAIVER_UNUSED", "s.yml", 7)
    assert "OTHER of amu" in verdict.message


def test_of_a_part_of_the_dataset_nothing_is_told() -> None:
    (verdict,) = verdicts(apply(found("a"), loose(code="OTHER")), whole=False)
    assert verdict.outcome is Outcome.NOT_DETERMINABLE


@pytest.mark.parametrize(
    ("record", "breakdown", "seen"),
    [
        ({"code": "A"}, {("", ""): Tally(1, 0, 0)}, True),
        ({"code": "A"}, {("", ""): Tally(1, 0, 2)}, False),
        ({"code": "A", "site": "amu"}, {("amu", ""): Tally(9, 0, 1)}, False),
        ({"code": "A", "site": "amu"}, {("ucl", ""): Tally(0, 0, 9)}, True),
        ({"code": "A"}, {("ucl", ""): Tally(3, 0, 1), ("amu", ""): Tally(3, 0, 1)}, True),
        ({"code": "CONTRAST_LOST"}, {}, False),
        ({"code": "B"}, {("", ""): Tally(0, 0, 9)}, True),
        ({"code": "*"}, {("", ""): Tally(0, 0, 9)}, True),
        ({"group": "images"}, {("", ""): Tally(0, 0, 9)}, True),
    ],
)
def test_a_waiver_of_what_could_not_be_looked_at_is_not_unused(
    record: dict[str, Any], breakdown: dict[tuple[str, str], Tally], seen: bool
) -> None:
    assert was_seen(loose(**record), {"A": RuleCount("A", breakdown=breakdown)}) is seen


def test_waivers_of_changes_are_known() -> None:
    changes = {rule.code for rule in load_rules() if rule.group == "changes"}
    assert set(OF_CHANGES) == changes


def test_records_that_end_on_one_day_are_told_at_once() -> None:
    ended = [exact(path, until=date(2026, 5, 31)) for path in "abc"]
    ended.append(exact("d", until=date(2026, 5, 30)))
    findings = [found(path) for path in "abcd"]
    told = verdicts(apply_policy(findings, STRICT, ended, TODAY))
    assert [verdict.message for verdict in told] == [
        "3 records of s.yml ended with 2026-05-31: 3 findings count again.",
        "The record for CODE at d ended with 2026-05-30: 1 finding counts again.",
    ]


def test_records_are_told_apart_by_what_they_match() -> None:
    records = [
        loose(code="A"),
        loose(code="B"),
        loose(code="A", observed=None),
        loose(code="A", observed=1),
        loose(location="A"),
    ]
    assert len({key_of(record) for record in records}) == 5
    assert key_of(loose(code="A", reason="other", line=9)) == key_of(records[0])


def test_a_record_in_words() -> None:
    assert what(loose(group="names", location=("a", "b"))) == (
        "any rule of the group names at a and 1 more"
    )
    assert what(exact("a", parameter="EchoTime")) == "CODE (EchoTime) at a"
