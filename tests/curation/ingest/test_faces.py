"""Images that may show a face wait outside of git, and go with the run that brought them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface import candidates
from spinegate.curation.deface.held import held_images
from spinegate.curation.ingest import conclude
from spinegate.curation.ingest.enter import Arrival, enter
from spinegate.curation.place import find_place
from spinegate.system.errors import SpinegateError

from .conftest import NO_FACE, Ingest

T1W, MTON = "sub-geA01/anat/sub-geA01_T1w", "sub-geA01/anat/sub-geA01_flip-1_mt-on_MTS"
ROW = "sub-geA01\t"


@pytest.fixture
def exam(exams: Path, tmp_path: Path) -> Path:
    """A T1w image and the two of an MT pair."""
    folder = tmp_path / "exam"
    for name in ("0002_T1w", "0005_GRE-MT1", "0006_GRE-MT0"):
        shutil.copytree(exams / "geA01" / name, folder / name)
    return folder


@pytest.fixture
def repository(
    dataset: Path,
    run: Callable[..., str],
    tool_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    for key in ("HOME", "PATH"):
        monkeypatch.setenv(key, tool_environment[key])
    rows = (dataset / "participants.tsv").read_text().splitlines(keepends=True)
    (dataset / "participants.tsv").write_text(
        "".join(row for row in rows if not row.startswith(ROW))
    )
    run(dataset, "git", "init", "-q")
    run(dataset, "git", "add", ".")
    run(dataset, "git", "commit", "-q", "-m", "Begin")
    return dataset


def waiting(dataset: Path) -> list[str]:
    return [held.path for held in held_images(find_place(dataset))]


def test_it_waits_and_undo_lets_it_go(
    exam: Path, repository: Path, ingest: Ingest, run: Callable[..., str]
) -> None:
    status, said, told = ingest(exam, repository, "--subject", "geA01")
    assert (status, waiting(repository)) == (0, [])
    wait = said.partition("Wait outside of git until the face is taken out (1):")[2]
    assert f"{T1W}.nii.gz" in wait
    assert "T1w images show the face" in wait
    missing = next(line for line in said.splitlines() if line.startswith("Missing"))
    assert "T1w" not in missing.replace("GRE-T1w", "")
    status, said, told = ingest(exam, repository, "--subject", "geA01", "--apply")
    assert status == 0
    assert "Done: 2 images of sub-geA01 entered" in told
    assert "1 image may show a face. It waits outside of git until it is defaced: " in told
    assert f"spinegate curate deface {repository}" in told
    assert "--no-face" not in said + told  # a T1w image always shows it
    (held,) = held_images(find_place(repository))
    assert held.path == f"{T1W}.nii.gz"
    assert held.sidecar is not None
    assert "PatientName" not in json.loads(held.sidecar.read_bytes())
    assert not (repository / f"{T1W}.json").exists()
    assert (repository / f"{MTON}.nii.gz").exists()
    assert run(repository, "git", "status", "--porcelain") == ""
    assert T1W not in run(repository, "git", "log", "--all", "--name-only")
    assert spinegate(["curate", "ingest", "--undo", str(repository)]) == 0
    assert waiting(repository) == []
    assert not (repository / "sub-geA01").exists()


def test_what_waits_is_validated_and_is_not_missing_later(
    exam: Path, repository: Path, ingest: Ingest
) -> None:
    for name in ("0005_GRE-MT1", "0006_GRE-MT0"):
        shutil.rmtree(exam / name)
    argv = (exam, repository, "--subject", "geA01")
    status, said, told = ingest(*argv, "--apply")
    assert status == 0
    assert "row in participants.tsv of sub-geA01 entered" in told
    assert "Validation (profile incoming)" in said
    assert waiting(repository) == [f"{T1W}.nii.gz"]
    _, said, told = ingest(*argv, "--apply")  # the row is there: nothing to commit
    assert "one of this name waits already, and this takes its place" in said
    assert "entered" not in told
    assert spinegate(["curate", "ingest", "--undo", str(repository)]) == 0
    assert waiting(repository) == []
    assert ROW in (repository / "participants.tsv").read_text()


def test_undo_of_a_later_run_lets_nothing_go(
    exam: Path, repository: Path, ingest: Ingest, tmp_path: Path
) -> None:
    assert ingest(exam, repository, "--subject", "geA01", "--apply")[0] == 0
    (tmp_path / "new.txt").write_text("x")
    enter(Arrival(tmp_path, ("new.txt",), None, "spinegate: x\n"), repository)
    assert spinegate(["curate", "ingest", "--undo", str(repository)]) == 0
    assert not (repository / "new.txt").exists()
    assert waiting(repository) == [f"{T1W}.nii.gz"]


def test_somebody_answers_for_it(exam: Path, repository: Path, ingest: Ingest) -> None:
    argv = (exam, repository, "--subject", "geA01", "--apply")
    assert ingest(*argv, "--no-face", " ")[0] == 2
    status, said, _ = ingest(*argv, *NO_FACE)
    assert status == 0
    assert "enters as it is: you answer for it" in said
    assert waiting(repository) == []
    record = json.loads((repository / f"{T1W}.json").read_bytes())["Defaced"]
    assert record == {"Method": "none", "Reason": NO_FACE[1]}
    assert "Defaced" not in json.loads((repository / f"{MTON}.json").read_bytes())


def test_somebody_answers_for_one_contrast(
    exam: Path, repository: Path, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("HIGH", "DEEP"):
        monkeypatch.setattr(candidates, limit, 1.0)  # mm: any field holds a face
    argv = (exam, repository, "--subject", "geA01")
    _, said, told = ingest(*argv, "--apply")
    assert "until the face is taken out (3):" in said
    assert """say so: --no-face "MTS=the slab ends below the mouth""" in said
    assert """--undo, then bring them in with --no-face "MTS=the slab ends""" in told
    assert spinegate(["curate", "ingest", "--undo", str(repository)]) == 0
    reason = "the slab ends below the mouth = no face"
    answers = ("--no-face", f"MTS={reason}", "--no-face", "MST=a slip", "--no-face", "MToff=seen")
    status, said, told = ingest(*argv, *answers, "--apply")
    assert status == 0
    assert f"enters as it is: you answer for it ({reason})" in said
    assert "--no-face MST=...: no image here is one of MST" in told
    assert waiting(repository) == [f"{T1W}.nii.gz"]
    said_of = [
        json.loads((repository / f"{path}.json").read_bytes())["Defaced"]["Reason"]
        for path in (MTON, MTON.replace("mt-on", "mt-off"))
    ]
    assert said_of == [reason, "seen"]


@pytest.mark.parametrize(
    "given", [["MTS="], ["MTS=a", "MTS=b"], ["a reason", "another"], ["T1w=x", ""]]
)
def test_answers_that_are_none(
    exam: Path, dataset: Path, ingest: Ingest, given: list[str]
) -> None:
    options = [word for answer in given for word in ("--no-face", answer)]
    assert ingest(exam, dataset, "--subject", "geA01", *options)[0] == 2


@pytest.mark.parametrize("outcome", ["entered", "refused"])
def test_rows_of_others_that_come_meanwhile_are_kept(
    exam: Path,
    repository: Path,
    ingest: Ingest,
    run: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    outcome: str,
) -> None:
    table, calls = repository / "participants.tsv", []

    def meanwhile(arrival: Arrival, dataset: Path) -> str:
        calls.append(arrival)
        if len(calls) == 1 or outcome == "refused":
            columns = table.read_text().partition("\n")[0].count("\t")
            with table.open("a") as file:
                file.write(f"sub-other{len(calls)}" + "\tn/a" * columns + "\n")
            run(dataset, "git", "commit", "-q", "-a", "-m", "other")
        return enter(arrival, dataset)

    monkeypatch.setattr(conclude, "enter", meanwhile)
    status, *_ = ingest(exam, repository, "--subject", "geA01", "--apply")
    assert len(calls) == 2
    assert "sub-other1" in table.read_text()
    assert (ROW in table.read_text()) == (outcome == "entered")
    assert status == (0 if outcome == "entered" else 2)
    assert waiting(repository) == ([f"{T1W}.nii.gz"] if outcome == "entered" else [])
    assert run(repository, "git", "status", "--porcelain") == ""


def test_a_note_that_can_not_be_read_is_named(dataset: Path) -> None:
    from spinegate.curation.ingest.faces import take_back

    place = find_place(dataset)
    place.folder.mkdir()
    (place.folder / "ingest-held.json").write_text("{")
    with pytest.raises(SpinegateError, match=r"ingest-held\.json can't be read"):
        take_back(dataset)
