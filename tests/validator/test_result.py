from __future__ import annotations

from spinegate.validator.finding import Finding, Origin, Outcome, Scope, Severity
from spinegate.validator.result import (
    Header,
    RuleCount,
    Tally,
    Value,
    VariantUse,
    make_report,
)

ORIGIN = Origin("spinegate", "1")


def _finding(code: str, location: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, severity, location, "bad", ORIGIN, Scope.FILE)


def test_report_is_sorted_and_counted() -> None:
    found = [
        _finding("B", "a"),
        _finding("A", "b", Severity.WARNING),
        _finding("A", "a"),
        _finding("C", "c", Severity.IGNORE),
    ]
    uses = [VariantUse("sub-b", "s", "v"), VariantUse("sub-a", "s", "v")]
    rules = [RuleCount("B"), RuleCount("A")]
    report = make_report(Header("d", ORIGIN), found, rules, variants=uses, sites={"t": 1, "s": 2})
    assert [(f.location, f.code) for f in report.findings] == [
        ("a", "A"),
        ("a", "B"),
        ("b", "A"),
        ("c", "C"),
    ]
    assert [rule.code for rule in report.rules] == ["A", "B"]
    assert [use.participant for use in report.variants] == ["sub-a", "sub-b"]
    assert list(report.sites) == ["s", "t"]
    summary = report.summary
    assert (summary.errors, summary.warnings, summary.waived) == (2, 1, 1)


def test_order_of_findings_never_changes_the_report() -> None:
    found = [_finding(code, place) for code in "BA" for place in "ba"]
    header = Header("d", ORIGIN)
    assert make_report(header, found) == make_report(header, found[::-1])


def test_only_errors_fail() -> None:
    header = Header("d", ORIGIN)
    assert make_report(header, [_finding("A", "a")]).failed
    assert not make_report(header, [_finding("A", "a", Severity.WARNING)]).failed


def test_tally_counts_all_outcomes() -> None:
    assert Tally(1, 2, 3).total == 6


def test_json_forms() -> None:
    value = Value("p", "TR", 2, 1.5, "± 5 %", Outcome.NOT_MET, "s", "T2w", "v", "s")
    assert value.to_json() == {
        "path": "p",
        "parameter": "TR",
        "observed": 2,
        "target": 1.5,
        "tolerance": "± 5 %",
        "outcome": "not_met",
        "site": "s",
        "contrast": "T2w",
        "variant": "v",
        "unit": "s",
        "low": None,
        "high": None,
        "excused": False,
    }
    rule = RuleCount("A", 1, 2, 3, ("MTR",), breakdown={("s", "T2w"): Tally(1, 2, 3)})
    row = {"site": "s", "contrast": "T2w", "met": 1, "not_met": 2, "not_determinable": 3}
    assert rule.to_record() == {
        **rule.to_json(),
        "title": "",
        "why": "",
        "source": "",
        "breakdown": [row],
        "reasons": {},
    }
