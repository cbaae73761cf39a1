from __future__ import annotations

from typing import Any

import pytest

from spinegate.validator.finding import Finding, Origin, Scope, Severity, Status
from spinegate.validator.report.standing import commands, standing, waiver_text, waivers
from spinegate.validator.result import Header, make_report

ORIGIN = Origin("spinegate", "1")


def finding(code: str, severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    return Finding(code, severity, "f", "bad", ORIGIN, Scope.FILE, **more)


def test_every_finding_stands_in_one_place() -> None:
    found = [
        finding("NEW", status=Status.NEW),
        finding("OLD", Severity.WARNING, status=Status.OLD),
        finding("OLD_WAIVED", Severity.IGNORE, status=Status.OLD),
        finding("WAIVED", Severity.IGNORE, status=Status.NEW),
    ]
    report = make_report(Header("d", ORIGIN, base="main"), found, fixed=[finding("FIXED")])
    now = standing(report)
    parts = [[f.code for f in part] for part in (now.open, now.old, now.fixed, now.waived)]
    assert parts == [["NEW"], ["OLD"], ["FIXED"], ["OLD_WAIVED", "WAIVED"]]
    assert (len(now.open), len(now.old), len(now.waived)) == (
        report.summary.errors + report.summary.warnings,
        report.summary.old,
        report.summary.waived,
    )


def test_without_a_base_all_that_counts_is_open() -> None:
    report = make_report(Header("d", ORIGIN), [finding("A"), finding("B", Severity.IGNORE)])
    assert [f.code for f in standing(report).open] == ["A"]


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (None, "no reason given"),
        ({"reason": ""}, "no reason given"),
        ({"reason": "known", "severity": "error", "source": "x.yml"}, "known"),
        ({"until": "2027", "by": "J", "reason": "a"}, "a · by J · until 2027"),
        ({"issue": "#3", "reason": "a"}, "a · see #3"),
    ],
)
def test_waiver_is_told(policy: dict[str, str] | None, text: str) -> None:
    assert waiver_text(finding("A", policy=policy)) == text


def test_waivers_of_one_reason_stand_together() -> None:
    known, other = {"reason": "known"}, {"reason": "other"}
    found = [finding(code, policy=known) for code in ("A", "B", "B")]
    (first, second) = waivers([*found, finding("A", policy=other)])
    assert first == ("known", 3, ("B", "A"))
    assert second == ("other", 1, ("A",))


def test_fixes_of_several_findings_are_one_command() -> None:
    start, ids = "spinegate curate fix", [f"{n:016x}" for n in range(9)]
    found = [finding("A", command=f"{start} --finding {n} --apply") for n in ids]
    other = finding("A", command=f"{start} --base main --finding {ids[0]} --apply")
    together = " ".join(f"--finding {n}" for n in ids[:8])
    assert commands([*found, other, found[0]]) == [
        f"{start} {together} --apply",
        f"{start} --finding {ids[8]} --apply",
        other.command,
    ]
    odd = finding("A", command=f"{start} --finding {ids[0]} --apply; ls")
    assert commands([odd, found[1]]) == [odd.command, found[1].command]


def test_commands_stand_once_in_their_order() -> None:
    found = [finding("A", command=text) for text in ("git push", "", "git add", "git push")]
    assert commands(found) == ["git push", "git add"]
