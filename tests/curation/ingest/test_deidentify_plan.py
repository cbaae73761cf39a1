"""``spinegate curate deidentify``: shown first, then one commit, and taken back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.ingest.deidentify import Options
from spinegate.curation.ingest.deidentify_plan import plan_deidentification
from spinegate.protocol_specs.loader import load_spec
from spinegate.system.errors import ConfigError
from spinegate.validator.dataset import load_dataset
from spinegate.validator.operation import Delete, Remove, Set
from spinegate.validator.plan import Plan, Proposal, read_plan
from spinegate.validator.tree import open_tree

Run = Callable[..., tuple[int, str, str]]
NAME = "sub-siemensA01/anat/sub-siemensA01_T1w"
SECRETS = {
    "PatientName": "Smith^John", "StationName": "MRC40146", "DeviceSerialNumber": "40146",
    "SeriesDescription": "T1w SMITH", "AcquisitionDateTime": "2023-05-19T15:00:00",
}  # fmt: skip


def git(folder: Path, *argv: str) -> str:
    settings = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *settings, *argv], check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def folder(truth: Path, tmp_path: Path) -> Path:
    """A dataset of one participant whose sidecars tell too much."""
    dataset = tmp_path / "dataset"
    (dataset / NAME).parent.mkdir(parents=True)
    for path in sorted((truth / NAME).parent.glob("*_T[12]w.*")):
        (dataset / NAME).with_name(path.name).write_bytes(path.read_bytes())
    for name in ("dataset_description.json", "participants.tsv", "participants.json"):
        (dataset / name).write_bytes((truth / name).read_bytes())
    sidecar = dataset / f"{NAME}.json"
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | SECRETS, indent="\t") + "\n")
    return dataset


@pytest.fixture
def repository(folder: Path) -> Path:
    git(folder, "init", "-q")
    git(folder, "config", "user.name", "T")
    git(folder, "config", "user.email", "t@example.org")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        status = spinegate(["curate", "deidentify", *map(str, argv)])
        told = capfd.readouterr()
        return status, told.out, told.err

    return call


def read(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / f"{NAME}.json").read_text())
    return value


def plan(folder: Path) -> list[Any]:
    dataset = load_dataset(open_tree(folder), load_spec("spine-generic"))
    return list(plan_deidentification(dataset, Options(b"0123456789abcdef")).plan.operations)


def test_nothing_changes_before_it_is_asked_for(repository: Path, run: Run) -> None:
    before = (repository / f"{NAME}.json").read_bytes()
    status, told, noted = run(repository)
    assert status == 0
    assert "PatientName" in told
    assert "--apply" in noted
    for secret in ("Smith", "SMITH", "40146", "2023"):
        assert secret not in told + noted
    assert (repository / f"{NAME}.json").read_bytes() == before
    assert not (repository / ".git" / "spinegate").exists()


def test_it_is_one_commit_and_can_be_taken_back(repository: Path, run: Run) -> None:
    first = git(repository, "rev-parse", "HEAD^{tree}")
    clean = read(repository)
    assert run(repository, "--apply")[0] == 0
    left = read(repository)
    assert left.keys() & SECRETS.keys() == {"DeviceSerialNumber", "SeriesDescription"}
    assert left["SeriesDescription"] == "T1w"
    assert len(left["DeviceSerialNumber"]) == 32
    assert left["FFTScaleFactor"] == clean["FFTScaleFactor"]
    assert git(repository, "status", "--porcelain") == ""
    message = git(repository, "log", "-1", "--format=%B")
    assert message.startswith("spinegate: deidentify: ")
    assert "Spinegate-Operation: deidentify" in message
    for secret in ("Smith", "SMITH", "40146"):
        assert secret not in message
    assert run(repository)[1].startswith("0 sidecars")
    assert run(repository, "--undo")[0] == 0
    assert git(repository, "rev-parse", "HEAD^{tree}") == first


def test_of_git_s_history_only_where_there_is_one(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    told = run(folder, "--apply", "--salt-file", folder.with_name("salt"))[2]
    assert "The former files are kept for --undo" in told
    assert "history" not in told


def test_a_plan_is_written_changed_and_given_back(
    repository: Path, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "plan.tsv"
    assert run(repository, "--plan", file)[0] == 0
    text = file.read_text()
    for secret in ("Smith", "SMITH", '40146"', "2023-05-19"):
        assert secret not in text
    assert {op.key for op in read_plan(file).operations if isinstance(op, Remove)} >= {
        "PatientName", "StationName",
    }  # fmt: skip
    kept = [
        line.replace("yes", "no", 1) if "StationName" in line else line
        for line in text.splitlines(keepends=True)
    ]
    file.write_text("".join(kept))
    assert run(repository, "--from-plan", file, "--apply", "--keep", "X")[0] == 2
    assert run(repository, "--from-plan", file, "--apply")[0] == 0
    assert read(repository)["StationName"] == "MRC40146"
    assert "PatientName" not in read(repository)


@pytest.mark.parametrize(
    "operation", [Delete(f"{NAME}.json"), Set("participants.tsv", "sex", "M", "F")]
)
def test_a_plan_that_does_something_else_is_refused(
    repository: Path, run: Run, tmp_path: Path, operation: Any
) -> None:
    from spinegate.curation.ingest.deidentify_plan import require_edits

    with pytest.raises(ConfigError, match="only sets and removes"):
        require_edits(Plan((Proposal(operation),)))


def test_a_folder_without_git_is_told_what_it_needs(
    folder: Path, run: Run, tmp_path: Path
) -> None:
    status, _, told = run(folder)
    assert status == 2
    assert "--salt-file" in told
    assert run(folder, "--salt-file", tmp_path / "salt", "--apply")[0] == 0
    assert "PatientName" not in read(folder)
    assert (tmp_path / "salt").exists()


def test_dates_and_keys_that_are_asked_for_stay(folder: Path, run: Run, tmp_path: Path) -> None:
    salt = ["--salt-file", tmp_path / "salt"]
    run(folder, *salt, "--keep-dates", "--keep", "StationName", "--apply")
    left = read(folder)
    assert left["AcquisitionDateTime"] == SECRETS["AcquisitionDateTime"]
    assert left["StationName"] == "MRC"  # the rest is the serial number


@pytest.mark.parametrize(
    "text", ["{", '{"EchoTime": 1, "PatientName": "A", "PatientName": "Smith"}', "[1]"]
)
def test_a_file_that_can_not_be_edited_is_named_and_the_others_go_on(
    repository: Path, run: Run, text: str
) -> None:
    other = repository / NAME.replace("T1w", "T2w")
    other.with_suffix(".json").write_text(text)
    git(repository, "commit", "-q", "-a", "-m", "broken")
    status, told, _ = run(repository, "--apply")
    assert status == 1
    assert "Can't be changed (1)" in told
    assert f"{NAME.replace('T1w', 'T2w')}.json" in told
    assert "Smith" not in told
    assert "PatientName" not in read(repository)
    assert other.with_suffix(".json").read_text() == text


def test_a_sidecar_that_is_a_link_is_named_and_not_followed(
    repository: Path, run: Run, tmp_path: Path
) -> None:
    other, outside = repository / f"{NAME.replace('T1w', 'T2w')}.json", tmp_path / "outside.json"
    outside.write_text('{"PatientName": "Smith"}')
    other.unlink()
    other.symlink_to(outside)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "a link")
    status, told, _ = run(repository, "--apply")
    assert status == 1
    assert f"{NAME.replace('T1w', 'T2w')}.json" in told
    assert outside.read_text() == '{"PatientName": "Smith"}'
    assert "PatientName" not in read(repository)


def test_changes_that_are_not_committed_are_not_swept_in(repository: Path, run: Run) -> None:
    path = repository / f"{NAME}.json"
    path.write_text(path.read_text().replace("T1w SMITH", "T1w mine"))
    status, _, told = run(repository, "--apply")
    assert status == 2
    assert "commit" in told
    assert "PatientName" in read(repository)


def test_twins_derivatives_and_orphans(folder: Path) -> None:
    derived = folder / "derivatives/labels/sub-siemensA01/anat"
    raw = folder / "sourcedata" / NAME
    for place in (derived / "sub-siemensA01_T1w_label-SC_seg", raw):
        place.parent.mkdir(parents=True)
    text = '{"Author": "R. Ater", "PatientName": "Smith", "Date": "2020-01-01 10:00:00"}'
    (derived / "sub-siemensA01_T1w_label-SC_seg.json").write_text(text)
    (raw.parent / "sub-siemensA01_T2star.json").write_text('{"MyKey": 1, "EchoTime": 1}')
    found = {(op.path, op.key) for op in plan(folder) if isinstance(op, Remove)}
    assert ("derivatives/labels/sub-siemensA01/anat/sub-siemensA01_T1w_label-SC_seg.json",
            "PatientName") in found  # fmt: skip
    assert not any(key == "Author" for _, key in found)
    assert (f"sourcedata/{NAME.replace('T1w', 'T2star')}.json", "MyKey") in found
    assert not any(path in ("participants.json", "dataset_description.json") for path, _ in found)


def test_the_validator_is_content_afterwards(repository: Path, run: Run) -> None:
    from spinegate.validator.options import Options as Asked
    from spinegate.validator.run import validate

    told = {"SIDECAR_IDENTIFIES_PERSON", "SIDECAR_IDENTIFIES_DEVICE", "SIDECAR_HOLDS_DATE"}
    assert {f.code for f in validate(Asked(repository)).findings} >= told
    run(repository, "--apply")
    assert not {f.code for f in validate(Asked(repository)).findings} & told


@pytest.mark.real
def test_the_real_dataset_loses_four_keys_only(bundle: Path) -> None:
    dataset = load_dataset(open_tree(bundle), load_spec("spine-generic"))
    planned = plan_deidentification(dataset, Options(b"0123456789abcdef"))
    assert planned.refused == ()
    gone = {op.key for op in planned.plan.operations if isinstance(op, Remove)}
    assert gone == {
        "StationName", "InstitutionalDepartmentName", "InstitutionAddress", "AcquisitionDateTime",
        "ProcedureStepDescription",
    }  # fmt: skip
    hashes = {
        op.value
        for op in planned.plan.operations
        if isinstance(op, Set) and op.key == "DeviceSerialNumber"
    }
    values = (sidecar.value.get("DeviceSerialNumber") for sidecar in dataset.json.values())
    assert len(hashes) == len({value for value in values if value})
