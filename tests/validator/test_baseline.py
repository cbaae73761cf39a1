from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.rules.records import Record
from spinegate.system.errors import ConfigError, SpinegateError
from spinegate.system.yaml_text import scalar
from spinegate.validator.baseline import Acceptance, Baseline, Choice, accept
from spinegate.validator.baseline_yaml import read_text, write_text
from spinegate.validator.finding import Finding, Origin, Scope, Severity
from spinegate.validator.policy import apply_policy, find_profile
from spinegate.validator.result import Header, Report, RuleCount, Tally, make_report
from tests.strategies import ANY_PATHS, JSON_VALUES

TODAY = date(2026, 6, 1)
LATER = date(2027, 6, 1)
ORIGIN = Origin("spinegate", "1")
WHY = Acceptance("because", "Jane", LATER)
STRICT = find_profile("strict")


def found(*paths: str, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "code": "CODE",
        "severity": Severity.ERROR,
        "scope": Scope.SCAN,
        "message": "m",
        "origin": ORIGIN,
        "rule": "names.CODE",
        **more,
    }
    return Finding(location=paths[0], affects=paths[1:], **given)


def report(*findings: Finding, rules: tuple[RuleCount, ...] = ()) -> Report:
    return make_report(Header("d", ORIGIN), findings, rules)


def make(
    of: Report,
    old: tuple[Record, ...] = (),
    others: tuple[Record, ...] = (),
    why: Acceptance = WHY,
    choice: Choice | None = Choice(),  # noqa: B008
) -> Baseline:
    return accept(of, old, others, why, choice, today=TODAY)


def again(baseline: Baseline) -> tuple[Record, ...]:
    return read_text(write_text(baseline.records).encode(), "b.yml")[0]


def waived(of: Report, records: tuple[Record, ...]) -> list[bool]:
    findings = apply_policy(of.findings, STRICT, records, TODAY).findings
    return [finding.severity is Severity.IGNORE for finding in findings]


def test_a_record_for_each_finding() -> None:
    (record,) = make(report(found("b", "a", sub_code="x", site="amu", observed=(1, 2)))).new
    assert record == Record(
        "ignore",
        "because",
        code=("CODE",),
        parameter=("x",),
        site=("amu",),
        location=("a", "b"),
        observed=[1, 2],
        by="Jane",
        until=LATER,
        exact=True,
    )


def test_a_raw_scan_stands_for_the_one_made_from_it() -> None:
    (record,) = make(report(found("sourcedata/b", "sourcedata/a", "a"))).new
    assert record.location == ("sourcedata/a", "sourcedata/b")


PLACES = st.lists(
    ANY_PATHS.filter(lambda path: not path.startswith("sourcedata/")),
    min_size=1,
    max_size=4,
    unique=True,
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Findings whose files are their own, so that one can be accepted without another."""
    findings = []
    used: set[str] = set()
    for paths in draw(st.lists(PLACES, max_size=6)):
        own = [path for path in paths if path not in used]
        used.update(own)
        if own:
            findings.append(
                found(
                    *own,
                    scope=draw(st.sampled_from(Scope)),
                    code=draw(st.sampled_from(["A", "B", "NULL"])),
                    sub_code=draw(st.text(max_size=5).filter(lambda text: "\r" not in text)),
                    site=draw(st.sampled_from(["", "amu", "null", "1e5", "é: #"])),
                    severity=draw(st.sampled_from([Severity.ERROR, Severity.WARNING])),
                    observed=draw(JSON_VALUES),
                )
            )
    return report(*findings)


@given(reports())
def test_a_baseline_waives_exactly_what_was_selected(of: Report) -> None:
    choice = Choice(codes=("A",), errors_only=True)
    records = again(make(of, choice=choice))
    assert waived(of, records) == [choice.takes(finding) for finding in of.findings]
    assert apply_policy(of.findings, STRICT, records, TODAY).unused == ()


@given(reports())
def test_a_second_run_writes_the_same_text(of: Report) -> None:
    first = write_text(make(of).records)
    records, defaults, head = read_text(first.encode(), "b.yml")
    second = make(of, records, why=Acceptance("other", "John", None))
    assert second.new == second.dropped == second.renewed == ()
    assert write_text(second.records, defaults, head) == first


@given(st.text(), st.text())
def test_any_text_can_be_written(reason: str, by: str) -> None:
    reason, by = (" ".join(text.split()) for text in (reason, by))
    record = Record(
        "ignore", reason or "x", code=("A",), location=("b",), observed=None, by=by, exact=True
    )
    ((read),) = read_text(write_text([record]).encode(), "b.yml")[0]
    assert (read.reason, read.by) == (record.reason, record.by)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sub-a01/anat/sub-a01_T1w.nii.gz", "sub-a01/anat/sub-a01_T1w.nii.gz"),
        (".bidsignore", ".bidsignore"),
        ("in 84 files", "in 84 files"),
        ("*_MTS*", '"*_MTS*"'),
        ("1e5", '"1e5"'),
        ("No", '"No"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("", '""'),
        ("a\nb\x1b", '"a\\x0ab\\x1b"'),
        ("\u2028\U000e0001", '"\\u2028\\U000e0001"'),
        ('"\\', '"\\"\\\\"'),
        (".inf", '".inf"'),
    ],
)
def test_texts_are_quoted_where_a_reader_could_err(text: str, written: str) -> None:
    assert scalar(text) == written


def test_the_file_is_made_to_be_reviewed() -> None:
    of = report(
        found("b", "c", code="B", scope=Scope.SITE, site="ucl", observed="2 of 9 scans"),
        found("a", code="B", site="amu", observed={"MTon": 1.5, "x: y": [True, None, "no"]}),
        found(".", code="A", sub_code="*"),
    )
    records = make(of).records
    other = replace(records[0], reason="another", by="", until=None, location=("z",))
    assert write_text((*records, other)) == (
        "# Findings of spinegate validate that are accepted for now: one record each, all of it "
        "literal.\n"
        "# spinegate baseline writes this file anew and keeps reasons, names, dates and these "
        "first lines.\n"
        "# Further comments are lost: say what there is to say in `reason`.\n"
        """\
defaults:
  reason: because
  by: Jane
  until: 2027-06-01
accepted:

- code: A
  parameter: "*"
  location: "."

- code: A
  parameter: "*"
  reason: another
  by: null
  until: null
  location: z

- code: B
  site: amu
  observed: {"MTon": 1.5, "x: y": [true, null, "no"]}
  location: a

- code: B
  site: ucl
  observed: "2 of 9 scans"
  location:
  - b
  - c
"""
    )


def test_the_comment_at_the_head_is_kept() -> None:
    text = "# ours\n# own\ndefaults: {reason: x}\n# lost\naccepted: [{code: A, location: b}]\n"
    records, defaults, head = read_text(text.encode(), "b.yml")
    written = write_text(records, defaults, head)
    assert written.startswith("# ours\n# own\ndefaults:\n  reason: x\n")
    assert "lost" not in written
    assert read_text(b"", "b.yml") == ((), {}, "")


def test_nothing_to_accept() -> None:
    text = write_text(())
    assert text.endswith("accepted: []\n")
    assert read_text(text.encode(), "b.yml")[0] == ()


def test_a_file_that_is_no_baseline_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"b.yml:1: accepted: must be a list"):
        read_text(b"accepted: x", "b.yml")
    with pytest.raises(ConfigError, match="larger than 8 MiB"):
        read_text(b"#" * (8 * 2**20 + 1), "b.yml")


def test_more_than_a_file_can_hold_is_refused() -> None:
    paths = tuple(f"{number:04000}" for number in range(2200))
    with pytest.raises(SpinegateError, match="by --code or --site"):
        write_text(make(report(found(*paths))).records)


def test_what_was_accepted_keeps_its_reason() -> None:
    of = report(found("a"), found("b"))
    first = make(report(found("a"))).records
    baseline = make(of, first, why=Acceptance("new", "John", None))
    assert [(r.location, r.reason) for r in baseline.kept] == [(("a",), "because")]
    assert [(r.location, r.reason) for r in baseline.new] == [(("b",), "new")]
    assert baseline.kept == first


def test_files_that_were_mended_leave_their_record() -> None:
    old = make(report(found("a", "b", "c", scope=Scope.SITE, observed="3 of 9"))).records
    left = report(found("a", "c", scope=Scope.SITE, observed="2 of 9"))
    (kept,) = make(left, old, choice=None).records
    assert (kept.location, kept.observed) == (("a", "c"), "2 of 9")


def test_another_value_needs_a_new_record() -> None:
    old = make(report(found("a", observed=1))).records
    baseline = make(report(found("a", observed=2)), old)
    assert (len(baseline.new), len(baseline.kept), baseline.dropped) == (1, 0, old)


def test_a_further_file_needs_a_new_record_in_place_of_the_old() -> None:
    old = make(report(found("a", "b", scope=Scope.SITE))).records
    now = report(found("a", "b", "c", scope=Scope.SITE))
    assert [record.location for record in make(now, old).records] == [("a", "b", "c")]
    left = make(now, old, choice=Choice(codes=("OTHER",)))
    assert left.records == old  # the finding wasn't chosen, so nothing changes


def test_prune_drops_what_matches_nothing_and_adds_nothing() -> None:
    old = make(report(found("a"), found("b"))).records
    baseline = make(report(found("b"), found("c")), old, choice=None)
    assert [record.location for record in baseline.records] == [("b",)]
    assert [record.location for record in baseline.dropped] == [("a",)]


def test_what_could_not_be_looked_at_is_kept() -> None:
    old = make(report(found("a", "b", site="amu", scope=Scope.SITE, observed="2"))).records
    blind = RuleCount("CODE", breakdown={("amu", ""): Tally(0, 0, 2)})
    assert make(report(rules=(blind,)), old).records == old
    part = report(found("a", site="amu", scope=Scope.SITE, observed="1"), rules=(blind,))
    assert make(part, old).records == old


def test_expired_records_are_renewed_when_they_are_asked_for() -> None:
    old = make(report(found("a")), why=Acceptance("old", "Jane", date(2026, 1, 1))).records
    of = report(found("a"))
    baseline = make(of, old, why=Acceptance("", "John", LATER))
    (renewed,) = baseline.renewed
    assert (renewed.reason, renewed.by, renewed.until) == ("old", "John", LATER)
    assert baseline.records == (renewed,)
    assert make(of, old, choice=None).records == old
    assert make(of, old, choice=Choice(sites=("ucl",))).records == old


def test_what_the_settings_waive_needs_no_second_record() -> None:
    others = (
        Record("ignore", "x", code=("A",)),
        Record("warning", "x", code=("B",)),
    )
    of = report(found("a", code="A"), found("b", code="B"))
    assert [record.code for record in make(of, others=others).new] == [("B",)]


def test_what_the_policy_says_of_itself_is_not_accepted() -> None:
    of = report(found(".spinegate.yml", code="WAIVER_UNUSED"), found("x", code="WAIVER_EXPIRED"))
    assert make(of).records == ()


def test_a_profile_that_ignores_needs_no_record() -> None:
    policy = {"severity": "error", "source": "profile quiet"}
    of = report(found("a", severity=Severity.IGNORE, policy=policy))
    assert make(of).records == ()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), True),
        (Choice(codes=("CO*",)), True),
        (Choice(codes=("OTHER", "CODE")), True),
        (Choice(codes=("OTHER",)), False),
        (Choice(sites=("amu",)), True),
        (Choice(sites=("ucl",)), False),
        (Choice(labels=("a", "b")), True),
        (Choice(labels=("a",)), False),
        (Choice(errors_only=True), True),
    ],
)
def test_choices(choice: Choice, expected: bool) -> None:
    finding = found("sub-a/anat/x", "sourcedata/sub-b/anat/x", site="amu")
    assert choice.takes(finding) is expected


def test_names_that_no_record_can_hold() -> None:
    baseline = make(report(found("a" * 5000), found("b")))
    assert len(baseline.nameless) == 1
    assert [record.location for record in baseline.records] == [("b",)]


def test_two_findings_that_are_one_to_a_record() -> None:
    assert len(make(report(found("a"), found("sourcedata/a"))).records) == 2
    assert len(make(report(found("a"), found("a", message="other"))).records) == 1
