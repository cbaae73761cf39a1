from __future__ import annotations

import io
from dataclasses import replace

from spinegate.validator.finding import Finding, Origin, Scope, Severity, Status
from spinegate.validator.report.github import write_github
from spinegate.validator.result import Header, Report, make_report

ORIGIN = Origin("spinegate", "1")


def _written(*findings: Finding) -> list[str]:
    stream = io.StringIO()
    write_github(make_report(Header("d", ORIGIN), findings), stream)
    return stream.getvalue().splitlines()


def _finding(code: str, message: str = "bad", location: str = "f", **more: int) -> Finding:
    severity = Severity.ERROR
    return Finding(code, severity, location, message, ORIGIN, Scope.FILE, **more)  # type: ignore[arg-type]


def test_properties_and_message_are_escaped() -> None:
    lines = _written(_finding("A:B,C", "100 %\n::error::x", "a,b:c%.json", line=4))
    assert lines[0] == (
        "::error title=A%3AB%2CC (1 finding),file=a%2Cb%3Ac%25.json,line=4"
        "::a,b:c%25.json:4: 100 %25\\n::error::x"
    )


def test_finding_of_the_dataset_has_no_file() -> None:
    assert _written(_finding("A", location="."))[0].startswith(
        "::error title=A (1 finding)::the d"
    )


def test_no_more_annotations_than_github_shows() -> None:
    lines = _written(*(_finding(f"R{n:02}") for n in range(30)))
    assert len(lines) == 11
    assert lines[9].startswith(
        "::error title=and 21 more rules::21 findings of other rules: R09, "
    )
    assert lines[10].startswith("::notice title=spinegate::30 errors, 0 warnings")


def test_ten_rules_are_all_shown() -> None:
    assert len(_written(*(_finding(f"R{n:02}") for n in range(10)))) == 11


def test_long_annotation_is_cut(report: Report) -> None:
    assert len(_written(_finding("A", "x" * 100_000))[0]) < 4100


def _changed(*findings: Finding, fixed: tuple[Finding, ...] = ()) -> list[str]:
    stream = io.StringIO()
    report = make_report(Header("d", ORIGIN, base="origin/main"), findings, fixed=fixed)
    write_github(report, stream)
    return stream.getvalue().splitlines()


def test_with_a_base_only_new_findings_are_annotated() -> None:
    new, old = (replace(_finding(s.name), status=s) for s in (Status.NEW, Status.OLD))
    lines = _changed(new, old, fixed=(replace(_finding("GONE"), status=Status.FIXED),))
    assert lines[0].startswith("::error title=NEW ")
    assert lines[1:] == [
        "::notice title=spinegate::compared with origin/main: 1 new error, 0 new warnings, "
        "1 fixed, 1 old, 0 waived in 0 files, 0 scans, 0.00 s"
    ]


def test_command_is_told_and_escaped() -> None:
    found = replace(_finding("A"), command="git mv 'a%0A::error::x' b")
    assert _written(found)[0].endswith("%0Atype: git mv 'a%250A::error::x' b")
