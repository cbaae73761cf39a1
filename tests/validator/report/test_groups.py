from __future__ import annotations

from typing import Any

import pytest

from spinegate.validator.finding import Finding, Origin, Remedy, Scope, Severity
from spinegate.validator.report import phrases
from spinegate.validator.report.groups import Group, advice, group
from spinegate.validator.result import Header, Report, RuleCount, make_report

ORIGIN = Origin("spinegate", "1")


def finding(code: str = "A", who: str = "sub-a01", contrast: str = "T2w", **more: Any) -> Finding:
    values: dict[str, Any] = {
        "severity": Severity.ERROR,
        "location": f"{who}/anat/{who}_{contrast}.json",
        "message": "it is bad",
        "scope": Scope.SCAN,
        "site": who.removeprefix("sub-").rstrip("0123456789"),
        **more,
    }
    return Finding(code, origin=ORIGIN, contrast=contrast, **values)


def grouped(*findings: Finding, rule: str = "", **sites: int) -> list[Group]:
    rules = [RuleCount("A", concerns=tuple(rule.split()))]
    return group(make_report(Header("d", ORIGIN), findings, rules, sites=sites))


def told(*findings: Finding, **sites: int) -> list[str]:
    return [
        phrases.told(line) for item in grouped(*findings, rule="", **sites) for line in item.lines
    ]


def test_errors_stand_first_then_metrics_then_participants_then_findings() -> None:
    warning = Severity.WARNING
    groups = grouped(
        finding("WARNED", severity=warning, concerns=("a", "b", "c")),
        finding("ONE"),
        finding("TWICE", contrast="T1w"),
        finding("TWICE"),
        finding("MANY", "sub-a01"),
        finding("MANY", "sub-a02"),
        finding("DOUBT", concerns=("MTR",)),
        finding("WAIVED", severity=Severity.IGNORE),
    )
    assert [item.code for item in groups] == ["DOUBT", "MANY", "TWICE", "ONE", "WARNED"]


def test_concerns_are_those_of_the_findings_else_of_the_rule() -> None:
    (item,) = grouped(finding(concerns=("MTR",)), finding(concerns=("T1", "MTR")), rule="CSA T1")
    assert item.concerns == ("MTR", "T1")
    (item,) = grouped(finding(), rule="CSA T1")
    assert item.concerns == ("CSA", "T1")


def test_whole_site_is_one_line() -> None:
    people = [finding(who=f"sub-a0{n}") for n in (1, 2, 3)]
    assert told(*people, a=3) == ["a: all 3 participants, T2w: it is bad"]
    assert told(*people, a=4) == ["a: sub-a01-03 (3 of 4), T2w: it is bad"]
    assert told(*people) == ["a: sub-a01-03, T2w: it is bad"]


def test_contrast_is_not_said_twice() -> None:
    pair = [finding(contrast=name, message=f"{name}: TR is 2 s") for name in ("MTon", "MToff")]
    assert told(*pair, finding(contrast="T1w", message="T1w: FA is 9")) == [
        "a: sub-a01, MToff, MTon: TR is 2 s",
        "a: sub-a01, T1w: FA is 9",
    ]


def test_only_participant_of_a_site_is_named() -> None:
    assert told(finding(), a=1) == ["a: sub-a01, T2w: it is bad"]


def test_finding_of_a_site_speaks_for_those_whom_it_affects() -> None:
    affects = ("sub-a02/anat/sub-a02_T2w.json", "sub-a03/anat/sub-a03_T2w.json")
    assert told(finding(scope=Scope.SITE, affects=affects), a=3) == [
        "a: all 3 participants, T2w: it is bad"
    ]


def test_contrasts_with_the_same_participants_are_joined() -> None:
    both = [finding(contrast="MTon"), finding(contrast="MToff")]
    assert told(*both, a=2) == ["a: sub-a01 (1 of 2), MToff, MTon: it is bad"]


def test_other_parameters_are_other_lines() -> None:
    two = [finding(sub_code="B", message="B is bad"), finding(sub_code="C", message="C is bad")]
    assert told(*two) == ["a: sub-a01, T2w: B is bad", "a: sub-a01, T2w: C is bad"]


def test_many_sites_share_a_sentence() -> None:
    people = [finding(who=f"sub-{site}0{n}") for site in "abc" for n in (1, 2)]
    assert told(*people, a=2, b=2, c=7) == [
        "3 sites, T2w: it is bad (all participants of a, b; sub-c01-02)"
    ]


def test_many_participants_of_parts_of_sites_are_counted() -> None:
    people = [finding(who=f"sub-{site}0{2 * n}") for site in "abc" for n in (1, 2, 3)]
    assert told(*people, a=4, b=4) == ["3 sites, T2w: it is bad (a 3 of 4, b 3 of 4, c 3)"]


def test_two_sites_have_a_line_each() -> None:
    assert len(told(finding(who="sub-a01"), finding(who="sub-b01"))) == 2


def test_sentence_scattered_over_contrasts_is_joined() -> None:
    missing = {"a": "T1w", "b": "T2w", "c": "dwi", "d": "MTon", "e": "MToff", "f": "T2star"}
    people = [finding(who=f"sub-{site}01", contrast=name) for site, name in missing.items()]
    more = [finding(who="sub-g01"), finding(who="sub-g01", contrast="T1w")]
    (line,) = told(*people, *more, finding(who="sub-g02"))
    assert line.startswith("7 sites, T1w or T2w or dwi or MTon or MToff or T2star: it is bad (")


def test_finding_without_site_names_its_file_and_line() -> None:
    table: dict[str, Any] = {
        "location": "participants.tsv",
        "site": "",
        "contrast": "",
        "scope": Scope.DATASET,
    }
    assert told(finding(line=3, **table)) == ["participants.tsv:3: it is bad"]
    assert told(finding(line=3, **table), finding(line=9, sub_code="x", **table)) == [
        "participants.tsv lines 3, 9: it is bad"
    ]
    assert told(finding(message="participants.tsv is bad", **table)) == ["participants.tsv is bad"]


def test_dataset_itself_has_a_name() -> None:
    whole: dict[str, Any] = {"site": "", "contrast": "", "scope": Scope.DATASET}
    assert told(finding(location=".", **whole)) == ["the dataset: it is bad"]


def test_several_files_are_counted() -> None:
    whole: dict[str, Any] = {"site": "", "contrast": "", "scope": Scope.FILE}
    files = [finding(location=f"f{n}", **whole) for n in range(6)]
    assert told(*files) == ["6 files (f0, f1, f2 and 3 more): it is bad"]


def test_file_of_a_participant_is_named_where_it_is_the_matter() -> None:
    odd = finding(location="sub-a01/odd.txt", contrast="", scope=Scope.FILE)
    assert told(odd, a=2) == ["a: sub-a01/odd.txt: it is bad"]


def test_single_finding_keeps_its_participants_name() -> None:
    one = [finding(message="no sidecar for sub-a01_T2w")]
    assert told(*one) == ["a: sub-a01, T2w: no sidecar for sub-a01_T2w"]
    two = [*one, finding(who="sub-a02", message="no sidecar for sub-a02_T2w")]
    assert told(*two) == ["a: sub-a01-02, T2w: no sidecar for sub-*_T2w"]


@pytest.mark.parametrize(
    ("suggestions", "said"),
    [
        ([""], ""),
        (["Do it.", "Do it."], "Do it."),
        (["Mend sub-a01."], "Mend sub-a01."),
        (["Mend sub-a01.", "Mend sub-a02."], "Mend sub-*."),
        (["One.", "Two."], ""),
        (["One.", "Two.", "Two."], "Two."),
    ],
)
def test_advice_is_what_most_findings_share(suggestions: list[str], said: str) -> None:
    found = [finding(who=f"sub-a0{n + 1}", suggestion=text) for n, text in enumerate(suggestions)]
    assert advice(found) == said


def test_remedies_are_told_apart() -> None:
    edit: dict[str, Any] = {"remedy": Remedy.EDIT, "suggestion": "Write 1.5."}
    (item,) = grouped(
        finding(**edit), finding(who="sub-a02", **edit), finding(remedy=Remedy.WAIVE)
    )
    assert phrases.remedies(item) == [
        "edit (2 of 3): Write 1.5.",
        "waive (1 of 3): accept it with a reason, if it is known and does no harm",
    ]
    (item,) = grouped(finding(suggestion="Look at it."))
    assert phrases.remedies(item) == ["Look at it."]


def test_renames_are_shown_with_a_limit() -> None:
    fixes = [{"op": "rename", "path": f"f{n}", "to": f"g{n}"} for n in range(5)]
    files = [
        finding(location=f"f{n}", contrast="", scope=Scope.FILE, fix=fix)
        for n, fix in enumerate(fixes)
    ]
    (item,) = grouped(*files)
    assert phrases.renames(item.lines[0]) == ["f0 → g0", "f1 → g1", "f2 → g2", "and 2 more"]


def test_worst_sites_are_those_with_errors(report: Report) -> None:
    assert phrases.worst_sites(report) == ["amu 5", "beijingVerio 4", "milan 4", "ucl 1"]
