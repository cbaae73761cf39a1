"""`spinegate curate fix`: shows, writes, applies, takes back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.preview import preview
from spinegate.validator.operation import Operation, Remove, Rename, Set
from spinegate.validator.plan import Plan, Proposal, read_plan
from spinegate.validator.planned import plan_tree
from spinegate.validator.tree import open_tree

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def prepared(clean_phantom: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom with three faults that have a fix."""
    folder = shutil.copytree(clean_phantom, tmp_path_factory.mktemp("few") / "dataset")
    anat = folder / "sub-siemensA01/anat"
    (anat / "sub-siemensA01_T2w.nii.gz").rename(anat / "sub-siemensA01_T2W.nii.gz")
    (anat / "sub-siemensA01_T2w.json").rename(anat / "sub-siemensA01_T2W.json")
    table = folder / "participants.tsv"
    table.write_text(table.read_text().replace("\tF\t", "\t-\t").replace("\tM\t", "\t-\t"))
    sidecar = folder / "sub-geA01/anat/sub-geA01_T1w.json"
    sidecar.write_text(sidecar.read_text().replace("{\n", '{\n  "PatientName": "Secret",\n', 1))
    return folder


@pytest.fixture
def dataset(prepared: Path, tmp_path: Path) -> Path:
    return shutil.copytree(prepared, tmp_path / "dataset")


def test_it_only_shows_the_plan(dataset: Path, capsys: Capture, fingerprint: Fingerprint) -> None:
    before = fingerprint(dataset)
    assert spinegate(["curate", "fix", str(dataset)]) == 0
    said = capsys.readouterr()
    assert "for 4 findings" in said.out
    assert "rename  sub-siemensA01/anat/sub-siemensA01_T2W.nii.gz" in said.out
    assert "-> sub-siemensA01/anat/sub-siemensA01_T2w.json" in said.out
    assert 'set     participants.tsv: sex: "-" -> "n/a"' in said.out
    assert "+++ participants.tsv" in said.out
    assert "Secret" not in said.out
    assert "--apply" in said.err
    assert fingerprint(dataset) == before


def test_applied_it_is_mended_and_undone_it_is_as_before(
    dataset: Path, capsys: Capture, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    assert spinegate(["curate", "fix", str(dataset), "--apply"]) == 0
    capsys.readouterr()
    assert spinegate(["curate", "fix", str(dataset)]) == 0
    assert "Nothing to do." in capsys.readouterr().out
    assert spinegate(["curate", "fix", str(dataset), "--undo"]) == 0
    assert fingerprint(dataset) == before
    assert spinegate(["curate", "fix", str(dataset), "--undo"]) == 2
    assert spinegate(["curate", "fix", str(dataset), "--resume"]) == 2


@pytest.mark.parametrize("name", ["plan.tsv", "plan.yaml"])
def test_a_plan_is_written_changed_and_applied(name: str, dataset: Path, tmp_path: Path) -> None:
    file = tmp_path / name
    assert spinegate(["curate", "fix", str(dataset), "--plan", str(file)]) == 0
    assert len(read_plan(file).chosen) >= 4
    first = "yes\tset\tparticipants.tsv" if name.endswith("tsv") else "apply: yes\n  op: set"
    text = file.read_text()
    assert first in text
    file.write_text(text.replace(first, first.replace("yes", "no", 1)))
    assert spinegate(["curate", "fix", str(dataset), "--from-plan", str(file), "--apply"]) == 0
    assert "\t-\t" in (dataset / "participants.tsv").read_text()
    assert (dataset / "sub-siemensA01/anat/sub-siemensA01_T2w.nii.gz").exists()
    assert spinegate(["curate", "fix", str(dataset), "--from-plan", str(file), "--apply"]) == 2


@pytest.fixture
def repository(dataset: Path, run: Run, identity: None) -> Path:
    run(dataset, "git", "init", "-q")
    run(dataset, "git", "add", ".")
    run(dataset, "git", "commit", "-q", "-m", "Faults")
    return dataset


def test_in_git_it_is_one_commit(
    repository: Path, run: Run, capsys: Capture, fingerprint: Fingerprint
) -> None:
    before = fingerprint(repository)
    (repository / "README.md").write_text("being written")
    assert spinegate(["curate", "fix", str(repository), "--apply"]) == 0
    assert "Committed" in capsys.readouterr().err
    assert run(repository, "git", "status", "--short") == " M README.md\n"
    said = run(repository, "git", "log", "-1", "--format=%B")
    assert said.startswith(
        "spinegate: fix: 4 operations for 4 findings: 1 remove, 2 rename, 1 set"
    )
    assert "\nNAME_NOT_BIDS: 2\n" in said
    assert "Secret" not in said
    run(repository, "git", "checkout", "-q", "README.md")
    assert spinegate(["curate", "fix", str(repository), "--undo"]) == 0
    assert fingerprint(repository) == before
    assert run(repository, "git", "rev-list", "--count", "HEAD") == "3\n"


def test_work_that_is_not_committed_is_refused_or_left_uncommitted(
    repository: Path, run: Run, capsys: Capture, fingerprint: Fingerprint
) -> None:
    with (repository / "participants.tsv").open("a") as table:
        table.write("sub-mine" + "\tn/a" * (table_width(repository) - 1) + "\n")
    before, head = fingerprint(repository), run(repository, "git", "rev-parse", "HEAD")
    assert spinegate(["curate", "fix", str(repository), "--apply"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "'participants.tsv'; git commit -a keeps that, git restore" in said
    assert "--no-commit" in said
    assert fingerprint(repository) == before
    assert spinegate(["curate", "fix", str(repository), "--apply", "--no-commit"]) == 0
    assert "sub-mine" in (repository / "participants.tsv").read_text()
    assert "R  sub-siemensA01/anat/sub-siemensA01_T2W" in run(repository, "git", "status", "-s")
    assert run(repository, "git", "rev-parse", "HEAD") == head
    assert spinegate(["curate", "fix", str(repository), "--undo"]) == 0
    assert fingerprint(repository) == before


def table_width(dataset: Path) -> int:
    return len((dataset / "participants.tsv").read_text().partition("\n")[0].split("\t"))


def test_former_files_are_forgotten_when_asked(dataset: Path, capsys: Capture) -> None:
    notes = dataset.parent / ".dataset.spinegate"
    assert spinegate(["curate", "fix", str(dataset), "--apply"]) == 0
    assert any(b"Secret" in p.read_bytes() for p in notes.rglob("*") if p.is_file())
    assert spinegate(["curate", "fix", str(dataset), "--forget"]) == 0
    assert "Deleted" in capsys.readouterr().err
    assert not notes.exists()
    assert spinegate(["curate", "fix", str(dataset), "--undo"]) == 2


def test_a_changed_plan_is_not_written_over(
    dataset: Path, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "plan.tsv"
    assert spinegate(["curate", "fix", str(dataset), "--plan", str(file)]) == 0
    file.write_text(changed := file.read_text().replace("yes", "no", 1))
    assert spinegate(["curate", "fix", str(dataset), "--plan", str(file)]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert file.read_text() == changed


def test_only_some_findings(dataset: Path, capsys: Capture) -> None:
    assert spinegate(["curate", "fix", str(dataset), "--finding", "PARTICIPANT_CELL_LEGACY"]) == 0
    assert "1 operation for 1 finding: 1 set" in capsys.readouterr().out
    assert spinegate(["curate", "fix", str(dataset), "--site", "geA"]) == 0
    assert "1 operation for 1 finding: 1 remove" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--finding", "PARTICIPANT_CELL_LEGACI"], "did you mean 'PARTICIPANT_CELL_LEGACY'"),
        (["--finding", "0123456789abcdef"], "no finding '0123456789abcdef'"),
        (["--site", "geB"], "did you mean 'geA'"),
        (["--apply", "--undo"], "--undo goes alone"),
        (["--undo", "--site", "geA"], "--undo goes alone"),
        (["--undo", "--forget"], "goes alone"),
        (["--no-commit"], "goes with --apply"),
        (["--apply", "--from-plan", "none.tsv"], "cannot be read"),
        (["--apply", "--from-plan", "none.tsv", "--site", "geA"], "leave out"),
    ],
)
def test_what_cannot_be_asked(
    arguments: list[str], told: str, dataset: Path, capsys: Capture
) -> None:
    assert spinegate(["curate", "fix", str(dataset), *arguments]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_the_group_lists_its_commands(capsys: Capture) -> None:
    assert spinegate(["curate", "--help"]) == 0
    assert "Mend what findings say" in capsys.readouterr().out
    assert spinegate(["curate", "none"]) == 2


def test_a_preview_is_bounded_and_shows_no_control_character(tmp_path: Path) -> None:
    name = "evil\x1b[31m\n.json"
    values = {f"Key{number}": "x" * 1000 for number in range(500)}
    lines = ",\n".join(f'"{key}": "{value}"' for key, value in values.items())
    (tmp_path / name).write_text(f"{{\n{lines}\n}}\n")
    (tmp_path / "b.json").write_text('{"A": 1}\n')
    operations: list[Operation] = [Rename(name, "fine.json")]
    operations += [Set(name, key, "\x1b]0;owned\x07") for key in values]
    operations += [Remove("b.json", "A")]
    plan = Plan(
        (*map(Proposal, operations), Proposal(Rename("b.json", name), "no\n:", apply=False))
    )
    shown = list(preview(plan, plan_tree(open_tree(tmp_path), plan)))
    assert len(shown) < 650
    assert all(line.isprintable() and len(line) < 800 for line in shown)
    assert any("more" in line for line in shown)
    assert "Left out (1):" in shown
