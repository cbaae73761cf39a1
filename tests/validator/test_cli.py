"""The command line: options, exit status, where reports go."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spinegate.system.errors import ConfigError, SpinegateError
from spinegate.validator.cli import FORMAT_NAMES, command
from spinegate.validator.report.formats import FORMATS


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The command switches the collector off, which a test must not leave behind."""
    yield
    gc.enable()


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    path = folder / "sub-a01/anat/sub-a01_T2w.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"Manufacturer": "GE", "FlipAngle": 90}')
    path.with_suffix(".nii.gz").write_bytes(b"")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(
        command, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False
    )


def test_the_names_of_formats_are_those_there_are() -> None:
    assert set(FORMAT_NAMES) == set(FORMATS)


def test_findings_at_error_level_give_1(dataset: Path) -> None:
    assert run(dataset, "--format", "json").return_value == 1


def test_the_report_alone_goes_to_the_screen(dataset: Path) -> None:
    report = json.loads(run(dataset, "--format", "json").output)
    keys = {"dataset", "origin", "base", "findings", "fixed", "rules", "summary"}
    assert set(report) == keys


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_a_report_names_the_folder_as_it_was_typed(
    name: str, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dataset)
    assert str(dataset) not in run(".", "--format", name).output


def test_each_report_has_its_file(dataset: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("report.json", "report.jsonl")]
    result = run(
        dataset,
        "--format",
        "json",
        "--format",
        "jsonl",
        "--output",
        files[0],
        "--output",
        files[1],
    )
    assert result.output == ""
    assert json.loads(files[0].read_text())["summary"]["scans"] == 1
    assert all(json.loads(line) for line in files[1].read_text().splitlines())


def test_a_saved_report_is_rendered_again(dataset: Path, tmp_path: Path) -> None:
    saved = tmp_path / "report.jsonl"
    run(dataset, "--format", "jsonl", "--output", saved)
    one = json.loads(run("--load", saved, "--format", "json").output)
    other = json.loads(run(dataset, "--format", "json").output)
    assert one["findings"] == other["findings"]


def test_participants_in_the_form_of_bids_apps(dataset: Path) -> None:
    forms: tuple[list[str | Path], ...] = (
        ["--participant-label", "a01", "--format", "json", dataset],
        [dataset, "--participant-label", "sub-a01", "--format", "json"],
    )
    for arguments in forms:
        assert json.loads(run(*arguments).output)["summary"]["scans"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "pdf"],
        ["--format", "json", "--format", "text"],
        ["--output", "a", "--output", "b"],
        ["--bids", "some"],
        ["--load", "report.jsonl", "--participant-label", "a01"],
        ["--load", "report.jsonl", "--only", "README"],
        ["--load", "report.jsonl", "--ref", "HEAD"],
        ["--load", "report.jsonl", "--base", "HEAD"],
        ["--load", "report.jsonl", "--with-plan", "plan.tsv"],
    ],
)
def test_what_can_not_be_done_is_a_usage_error(dataset: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(command, [str(dataset), *arguments])
    assert result.exit_code == 2
    assert "Usage" in result.output


@pytest.mark.parametrize(
    ("arguments", "status"), [(["validate", "{}"], 1), (["rules", "list"], 0), (["--help"], 0)]
)
def test_a_reader_that_has_gone(dataset: Path, arguments: list[str], status: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [word.format(dataset) for word in arguments]
    command_line = [sys.executable, "-m", "spinegate", *words]
    done = subprocess.run(command_line, check=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (status, b"")


def test_a_report_that_can_not_be_written_is_told(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        run(dataset, "--format", "json", "--output", tmp_path / "missing" / "report.json")


def test_a_folder_within_a_dataset(dataset: Path) -> None:
    result = run(dataset / "sub-a01", "--format", "json")
    assert "lies in the dataset" not in result.stderr
    (dataset / "dataset_description.json").write_text("{}")
    result = run(dataset / "sub-a01", "--format", "json")
    assert "lies in the dataset" in result.stderr
    assert json.loads(result.stdout)
    assert run(dataset, "--format", "json").stderr == ""


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(SpinegateError):
        run(tmp_path / "nowhere")
