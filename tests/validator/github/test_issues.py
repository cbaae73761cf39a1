from __future__ import annotations

from pathlib import Path

import pytest

from tests.validator.github.conftest import Call
from tests.validator.github.events import finding, make, save
from tests.validator.github.server import BOT, TOKEN, Fault, GitHub


@pytest.fixture
def issues(github: GitHub, call: Call, tmp_path: Path) -> Call:
    """Run the command on the report in the folder."""
    return lambda *more: call("issues", "--report", tmp_path / "report.jsonl", *more)


def test_the_life_of_an_issue(
    github: GitHub, issues: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make(finding(site="amu"), finding(site="ucl")), tmp_path)
    assert issues() == 0
    assert [one["title"] for one in github.issues] == [
        "Findings in the data of amu",
        "Findings in the data of ucl",
    ]
    assert github.labels == {"spinegate"}
    assert issues() == 0
    assert len(github.changes) == 3  # the label and two issues

    save(make(finding(site="amu", message="another thing"), sites={"ucl": 2}), tmp_path)
    assert issues() == 0
    assert "another thing" in github.issues[0]["body"]
    assert github.issues[1]["state"] == "closed"
    assert github.issues[1]["state_reason"] == "completed"
    assert github.issues[1]["title"] == "Findings in the data of ucl"
    assert "Nothing is left to do for the data of ucl" in github.comments[2][0]["body"]

    save(make(finding(site="amu", message="another thing"), finding(site="ucl")), tmp_path)
    assert issues() == 0
    assert github.issues[1]["state"] == "open"
    assert len(github.issues) == 2
    assert capsys.readouterr().out.splitlines() == [
        "did open: Findings in the data of amu",
        "did open: Findings in the data of ucl",
        "all issues say what they should",
        "did update #1: Findings in the data of amu",
        "did close #2 of ucl",
        "did reopen #2: Findings in the data of ucl",
    ]


def test_a_dry_run_changes_nothing(
    github: GitHub, issues: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make(finding(site="amu")), tmp_path)
    assert issues("--dry-run") == 0
    assert github.changes == []
    assert capsys.readouterr().out == "would open: Findings in the data of amu\n"


def test_issues_of_others_are_left_alone(github: GitHub, issues: Call, tmp_path: Path) -> None:
    report = make(finding(site="amu"))
    save(report, tmp_path)
    issues()
    body = github.issues[0]["body"]
    github.issues[0]["user"] = {"login": "someone"}
    github.add_issue(body, pull_request={"url": "x"})
    github.add_issue(body, labels=[])
    assert issues() == 0
    assert [one["user"]["login"] for one in github.issues] == ["someone", BOT, BOT, BOT]
    save(make(), tmp_path)
    assert issues() == 0
    assert [one["state"] for one in github.issues] == ["open", "open", "open", "closed"]


def test_no_more_than_the_limit(
    github: GitHub, issues: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make(*(finding(site=f"s{number:03}") for number in range(80))), tmp_path)
    assert issues() == 0
    assert len(github.issues) == 60
    told = capsys.readouterr().err
    assert "20 more would be opened than the 60 of one run (s060, s061" in told
    assert issues("--limit", "5") == 0
    assert len(github.issues) == 65


def test_all_pages_of_issues_are_read(github: GitHub, issues: Call, tmp_path: Path) -> None:
    save(make(*(finding(site=f"s{number}") for number in range(9))), tmp_path)
    issues()
    github.page = 2
    before = len(github.changes)
    assert issues() == 0
    assert len(github.changes) == before


@pytest.mark.parametrize("options", [{"participants": ["amu01"]}, {"only": ["x"]}, {"base": "x"}])
def test_a_report_of_a_part_closes_nothing(
    github: GitHub,
    issues: Call,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, object],
) -> None:
    save(make(options=options), tmp_path)
    assert issues() == 2
    assert github.requests == []
    assert "of a part of the dataset" in capsys.readouterr().err


def test_a_report_of_nothing_closes_nothing(github: GitHub, issues: Call, tmp_path: Path) -> None:
    path = save(make(), tmp_path)
    path.write_text(path.read_text().replace('"files":10', '"files":0'))
    assert issues() == 2
    assert github.requests == []


def test_hostile_names_of_sites(
    github: GitHub, issues: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["--> @everyone", "a\n::error::x", "##[error]", "x" * 5000, "<!-- spinegate", "#1"]
    save(make(*(finding(site=name) for name in names)), tmp_path)
    assert issues() == 0
    assert len(github.issues) == len(names)
    for issue in github.issues:
        assert "@everyone" not in issue["title"] + issue["body"]
        assert issue["body"].partition("<details>")[0].count("<!--") == 1  # then comes code
        assert "\n" not in issue["title"]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(names)
    assert not any("##[" in line or "::" in line for line in lines)
    before = len(github.changes)
    assert issues() == 0
    assert len(github.changes) == before


def test_a_missing_permission(
    github: GitHub, issues: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(make(finding(site="amu")), tmp_path)
    github.allowed = set()
    assert issues() == 2
    told = capsys.readouterr().err
    assert "issues: write" in told
    assert TOKEN not in told


def test_what_fails_half_way_goes_on_the_next_time(
    github: GitHub, issues: Call, tmp_path: Path
) -> None:
    save(make(*(finding(site=f"s{number}") for number in range(4))), tmp_path)
    github.issues = []
    github.add_issue("another bot's")
    github.faults = [Fault(422, matches="POST .*/labels"), Fault(500, matches="POST .*/issues$")]
    assert issues() == 2
    assert issues() == 2
    assert issues() == 0
    assert len(github.issues) == 5
