"""`spinegate curate exclude` on repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.exclude.choices import Choice, make_choice
from spinegate.curation.lines import read_lines, write_lines

Run = Callable[..., str]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dataset(repository: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    run(repository, "git", "config", "user.name", "Tester")
    run(repository, "git", "config", "user.email", "tester@example.org")
    return repository


def exclude(dataset: Path, *words: str) -> int:
    return spinegate(["curate", "exclude", "--dataset", str(dataset), *words])


def test_it_only_shows_then_commits_then_takes_back(
    dataset: Path, run: Run, capsys: Capture
) -> None:
    ask = ["sub-geA01", "--metric", "mtr", "--reason", "Motion", "--issue", "https://a.org/i/1"]
    before = (dataset / "exclude.yml").read_text() if (dataset / "exclude.yml").exists() else None
    assert exclude(dataset, *ask) == 0
    said = capsys.readouterr()
    assert "+- sub-geA01  # Motion (https://a.org/i/1)" in said.out
    assert "Nothing was changed" in said.err
    assert run(dataset, "git", "status", "--short") == ""
    assert exclude(dataset, *ask, "--apply") == 0
    assert run(dataset, "git", "status", "--short") == ""
    log = run(dataset, "git", "log", "-1", "--format=%B", "--name-only")
    assert log.startswith("spinegate: exclude: sub-geA01 out of mtr")
    assert "Spinegate-Operation: exclude" in log
    assert log.rstrip().endswith("exclude.yml")
    assert spinegate(["validate", str(dataset), "--output", "/dev/null"]) == 0
    capsys.readouterr()
    assert exclude(dataset, *ask, "--apply") == 2
    assert "left out of mtr already" in capsys.readouterr().err
    assert exclude(dataset, "--undo") == 0
    after = (dataset / "exclude.yml").read_text() if (dataset / "exclude.yml").exists() else None
    assert after == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sub-geA1", "--metric", "mtr", "--reason", "x"], "did you mean 'sub-geA01'?"),
        (["sub-geA01", "--metric", "mrt", "--reason", "x"], "did you mean 'mtr'?"),
        (["sub-geA01", "--metric", "mtr"], "--reason"),
        (["sub-geA01", "--reason", "x"], "--metric"),
        (["sub-geA01", "--metric", "mtr,mtr", "--reason", "x"], "named twice"),
        (["sub-geA01", "--metric", "mtr", "--reason", "x", "--issue", "12"], "address"),
        (["sub-geA01", "--metric", "mtr", "--reason", "x\x1b[31m"], "one line"),
        (["sub-geA01", "--metric", "mtr", "--remove"], "doesn't leave sub-geA01 out"),
        (["sub-geA01", "--check"], "one of --check"),
        ([], "name a participant"),
    ],
)
def test_what_makes_no_sense_is_refused(
    words: list[str], said: str, dataset: Path, run: Run, capsys: Capture
) -> None:
    assert exclude(dataset, *words, *["--apply"] * ("--check" not in words)) == 2
    assert said in capsys.readouterr().err
    assert run(dataset, "git", "status", "--short") == ""


def test_a_site_and_its_participants_are_told_to_overlap(dataset: Path, capsys: Capture) -> None:
    assert exclude(dataset, "geA", "--metric", "mtr", "--reason", "TR", "--apply") == 0
    assert exclude(dataset, "sub-geA01", "--metric", "mtr", "--reason", "Motion") == 0
    assert "note: sub-geA01: geA is left out of mtr already" in capsys.readouterr().out


def test_other_changes_are_left_alone_and_own_ones_refused(
    dataset: Path, run: Run, capsys: Capture
) -> None:
    (dataset / "README").write_text("changed\n")
    assert exclude(dataset, "geA", "--metric", "mtr", "--reason", "TR", "--apply") == 0
    assert "README" in run(dataset, "git", "status", "--short")
    (dataset / "exclude.yml").write_text("mtr:\n- geA  # somebody's own\n")
    assert exclude(dataset, "geA", "--metric", "t1", "--reason", "TR", "--apply") == 2
    assert "exclude.yml" in capsys.readouterr().err
    assert (dataset / "exclude.yml").read_text() == "mtr:\n- geA  # somebody's own\n"


def test_findings_become_a_list_and_the_list_entries(
    phantom: Path, tmp_path: Path, capsys: Capture
) -> None:
    sidecar = next(phantom.glob("sub-geA01/anat/*mt-on_MTS.json"))
    text = sidecar.read_text()
    sidecar.write_text(text.replace('"RepetitionTime": 0.0', '"RepetitionTime": 0.9'))
    assert sidecar.read_text() != text
    (phantom / "exclude.yml").write_text("csa_t1:\n- sub-geA02  # Motion\n")
    plan = tmp_path / "plan.tsv"
    assert exclude(phantom, "--check", "--plan", str(plan)) == 1
    said = capsys.readouterr().out
    assert "without an entry in exclude.yml: 2 (3 entries, one per metric)" in said
    assert "  sub-geA01 (mtr, mtsat): RepetitionTime differs" in said
    assert "  sub-geA02 (csa_t1 line 2): Motion" in said
    choices = read_lines(plan, Choice, make_choice)
    assert {"mtr", "mtsat", "t1"} <= {choice.metric for choice in choices}
    assert not any(choice.apply for choice in choices)
    assert exclude(phantom, "--from-plan", str(plan), "--apply") == 0
    assert "Nothing to do" in capsys.readouterr().out
    plan.write_text(plan.read_text().replace("no\tadd", "yes\tadd"))
    assert exclude(phantom, "--from-plan", str(plan), "--apply") == 0
    capsys.readouterr()
    assert exclude(phantom, "--check") == 0
    assert "without an entry in exclude.yml: 0" in capsys.readouterr().out
    assert exclude(phantom, "--check", "--plan", str(plan)) == 2


@pytest.mark.parametrize("name", ["plan.tsv", "plan.yaml"])
def test_lists_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    plan = tmp_path / name
    source = tmp_path / "source.yaml"
    source.write_text(
        "- {apply: no, op: add, metric: mtr, name: geA, reason: 'a \"b\", c #d'}\n"
        "- {op: remove, metric: t1, name: sub-geA01, issue: https://a.org}\n"
    )
    choices = read_lines(source, Choice, make_choice)
    assert [choice.apply for choice in choices] == [False, True]
    write_lines(choices, Choice, plan)
    assert read_lines(plan, Choice, make_choice) == choices


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.tsv", "op\tmetrik\tname\nadd\tmtr\tgeA\n", "did you mean 'metric'?"),
        ("p.tsv", "op\tmetric\tname\nput\tmtr\tgeA\n", "p.tsv:2: op must be"),
        ("p.tsv", "op\tmetric\tname\nadd\tmtr\tgeA\tx\n", "more cells"),
        ("p.tsv", "op\tmetric\tname\nadd\tmtr\n", "metric and name"),
        ("p.tsv", "\udcff", "not UTF-8"),
        ("p.yaml", "op: add\n", "list of mappings"),
        ("p.yaml", "- {op: add, metric: 3, name: x}\n", "must be text"),
        ("p.yaml", "- {op: add, metric: mtr, name: x, apply: maybe}\n", "yes or no"),
    ],
)
def test_lists_with_faults_are_refused(
    name: str, text: str, said: str, phantom: Path, tmp_path: Path, capsys: Capture
) -> None:
    plan = tmp_path / name
    plan.write_bytes(text.encode(errors="surrogateescape"))
    assert exclude(phantom, "--from-plan", str(plan)) == 2
    assert said in capsys.readouterr().err


@pytest.mark.real
def test_the_published_exclusions_are_checked(bundle: Path, capsys: Capture) -> None:
    assert exclude(bundle, "--check") == 1
    said = capsys.readouterr().out
    assert "  tehran (mtr, mtsat, t1): " in said
    assert "  stanford (mtsat, t1): " in said  # left out of mtr already
    assert "  sub-balgrist01 (csa_t1 line 2): Motion artifact" in said
