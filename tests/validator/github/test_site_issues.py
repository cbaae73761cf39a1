from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.validator.finding import Finding, Severity, Status
from spinegate.validator.github.body import LIMIT
from spinegate.validator.github.site_issues import (
    Act,
    Issue,
    Plan,
    plan_issues,
    read_issue,
)
from spinegate.validator.result import Report
from tests.validator.github.events import finding, make


def stand(plan: Plan) -> list[Issue]:
    """Return the issues as they are once a plan of new ones is done."""
    items = [
        {"number": number, "body": step.body, "state": "open"}
        for number, step in enumerate(plan.steps, 1)
    ]
    found = [issue for issue in map(read_issue, items) if issue is not None]
    assert len(found) == len(plan.steps)
    return found


def acts(plan: Plan) -> list[tuple[Act, str, int | None]]:
    return [(step.act, step.site, step.number) for step in plan.steps]


TWO = make(finding(site="ucl"), finding(site="amu"), finding("DATASET", location="README"))


def test_one_issue_a_site_and_one_for_the_dataset() -> None:
    plan = plan_issues(TWO, [])
    assert acts(plan) == [(Act.OPEN, "", None), (Act.OPEN, "amu", None), (Act.OPEN, "ucl", None)]
    assert [step.title for step in plan.steps] == [
        "Findings of the whole dataset",
        "Findings in the data of amu",
        "Findings in the data of ucl",
    ]
    dataset, amu, _ = (step.body for step in plan.steps)
    assert "sub-amu01" in amu
    assert "sub-ucl01" not in amu
    assert "Dear colleagues of amu" in amu
    assert "README" in dataset
    assert "Dear" not in dataset


def test_what_has_not_changed_is_left_alone() -> None:
    again = replace(TWO, findings=TWO.findings[::-1], summary=replace(TWO.summary, seconds=9.0))
    assert plan_issues(again, stand(plan_issues(TWO, []))) == Plan(())


@pytest.mark.parametrize(
    "more",
    [{"message": "something else is wrong"}, {"severity": Severity.WARNING}, {"affects": ("x",)}],
)
def test_what_has_changed_is_updated(more: dict[str, Any]) -> None:
    issues = stand(plan_issues(make(finding(site="amu"), finding(site="ucl")), []))
    changed = make(finding(site="amu"), finding(site="ucl", **more))
    assert acts(plan_issues(changed, issues)) == [(Act.UPDATE, "ucl", 2)]


def test_a_site_that_has_none_left() -> None:
    issues = stand(plan_issues(TWO, []))
    plan = plan_issues(make(finding(site="amu"), sites={"ucl": 3}), issues)
    assert acts(plan) == [(Act.CLOSE, "", 1), (Act.CLOSE, "ucl", 3)]
    assert "the data of ucl" in plan.steps[1].comment
    done = read_issue({"number": 3, "body": plan.steps[1].body, "state": "closed"})
    assert done is not None
    assert acts(plan_issues(TWO, [*issues[:2], done])) == [(Act.REOPEN, "ucl", 3)]


def test_a_site_that_is_gone() -> None:
    issues = stand(plan_issues(TWO, []))
    assert acts(plan_issues(make(), issues[1:])) == [(Act.CLOSE, "", 2), (Act.CLOSE, "", 3)]


def test_what_a_person_has_closed() -> None:
    report = make(finding(site="amu"))
    (issue,) = stand(plan_issues(report, []))
    closed = replace(issue, is_open=False)
    assert plan_issues(report, [closed]) == Plan(())
    assert plan_issues(make(), [closed]) == Plan(())
    other = make(finding(site="amu", message="more"))
    assert acts(plan_issues(other, [closed])) == [(Act.REOPEN, "amu", 1)]
    assert plan_issues(other, [replace(closed, dropped=True)]) == Plan(())


def test_an_issue_not_planned_is_told_from_one_completed() -> None:
    body = plan_issues(TWO, []).steps[0].body
    item = {"number": 1, "body": body, "state": "closed", "state_reason": "not_planned"}
    issue = read_issue(item)
    assert issue is not None
    assert issue.dropped
    assert not issue.is_open


def test_the_open_one_of_two_is_kept() -> None:
    report = make(finding(site="amu"))
    (issue,) = stand(plan_issues(report, []))
    twin = replace(issue, number=9)
    assert plan_issues(report, [replace(issue, is_open=False), twin]) == Plan(())
    other = make(finding(site="amu", message="more"))
    assert acts(plan_issues(other, [twin, issue])) == [(Act.UPDATE, "amu", 1)]


def test_no_more_than_so_many_are_opened() -> None:
    report = make(*(finding(site=f"s{number:03}") for number in range(100)))
    plan = plan_issues(report, [], limit=10)
    assert [step.site for step in plan.steps] == [f"s{number:03}" for number in range(10)]
    assert len(plan.waiting) == 90
    later = plan_issues(report, stand(plan), limit=10)
    assert [step.site for step in later.steps] == [f"s{number:03}" for number in range(10, 20)]
    assert plan_issues(report, [], limit=0).steps == ()


def test_what_does_not_count_opens_nothing() -> None:
    waived = finding(site="amu", severity=Severity.IGNORE)
    fixed = finding(site="ucl", status=Status.FIXED)
    assert plan_issues(make(waived, fixed), []) == Plan(())


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"body": None, "number": 1},
        {"body": "<!-- spinegate: issue x y -->", "number": 1},
        {"body": f" <!-- spinegate: issue {'0' * 24} {'0' * 24} -->", "number": 1},
        {"body": f"<!-- spinegate: issue {'0' * 24} {'0' * 24} -->", "number": "1"},
        {
            "body": f"<!-- spinegate: issue {'0' * 24} {'0' * 24} -->",
            "number": 1,
            "pull_request": {},
        },
    ],
)
def test_what_is_no_issue_of_ours(item: dict[str, object]) -> None:
    assert read_issue(item) is None


def test_any_number_of_findings_fits() -> None:
    many = [finding(f"RULE_{n}", "amu", message=f"é🌈{n}" * 300) for n in range(600)]
    (step,) = plan_issues(make(*many), []).steps
    assert 20_000 < len(step.body.encode()) <= LIMIT
    assert "The rest does not fit here" in step.body


TEXT = st.sampled_from(
    ["-->", "@x", "```", "</details>", "\n", "#1", "![a](http://b)", "##[x]", "::x::", "\x1b"]
) | st.text(max_size=6)
FINDINGS = st.builds(
    lambda code, site, text, path: finding(
        code, site, message=text, location=path, suggestion=text, affects=(text,)
    ),
    TEXT,
    TEXT,
    TEXT,
    TEXT,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(FINDINGS, max_size=6))
def test_any_report_gives_a_plan_that_is_done_after_one_run(found: list[Finding]) -> None:
    report: Report = make(*found)
    plan = plan_issues(report, [])
    assert {step.site for step in plan.steps} == {one.site for one in found}
    assert plan_issues(report, stand(plan)) == Plan(())
    for step in plan.steps:
        assert step.body.count("<!--") == 1
        lines = step.body.splitlines()
        assert sum(line.startswith("<details") for line in lines) == lines.count("</details>")
        assert step.title.isprintable() or "\u2060" in step.title
        assert "##[" not in step.title
