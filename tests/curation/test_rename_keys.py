"""A convention there and back: the sidecars say what they said, whatever it wrote meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
STATES = (
    '{"FlipAngle": 9}\n',
    '{\n\t"MTState": true,\r\n\t"FlipAngle": 9\n}',
    '{"MTState": false, "B": 1.50}',
    '{"MTState": "true"}',
    "{}",
)
OWN = """\
rules:
- {from: acq-MTon_MTS, to: flip-1_mt-on_MTS, set: {MTState: true}, remove: {FlipAngle: 9}}
"""


@pytest.fixture(params=["acq-MTon_MTS", "flip-1_mt-on_MTS"])
def dataset(
    request: pytest.FixtureRequest, tmp_path: Path, run: Run, tool_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:  # fmt: skip
    monkeypatch.setenv("HOME", tool_environment["HOME"])
    top = tmp_path / "data"
    for number, text in enumerate(STATES):
        folder = top / f"sub-x{number}/anat"
        folder.mkdir(parents=True)
        (folder / f"sub-x{number}_{request.param}.json").write_bytes(text.encode())
        (folder / f"sub-x{number}_{request.param}.nii.gz").write_text(str(number))
    (tmp_path / "own.yaml").write_text(OWN)
    run(top, "git", "init", "-q")
    run(top, "git", "add", ".")
    run(top, "git", "commit", "-q", "-m", "x")
    return top


def rename(dataset: Path, *options: str) -> None:
    argv = ["curate", "rename", str(dataset), "--apply", "--convention", *options]
    assert spinegate(argv) == 0


def sidecar(dataset: Path, number: int) -> Path:
    return next((dataset / f"sub-x{number}/anat").glob("*.json"))


def directions(dataset: Path) -> list[list[str]]:
    """The way there and the way back, as options."""
    new = "flip" in sidecar(dataset, 0).name
    return [["--reverse"], []] if new else [[], ["--reverse"]]


# A convention that takes keys out of the middle can only put them back at the end.
@pytest.mark.parametrize("name", ["mts-flip-mt", "../own.yaml"])
def test_there_and_back_and_again(
    dataset: Path, fingerprint: Fingerprint, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dataset)
    there, back = directions(dataset)
    before = fingerprint(dataset)
    rename(dataset, name, *there)
    other = fingerprint(dataset)
    rename(dataset, name, *back)
    if name == "mts-flip-mt":
        assert fingerprint(dataset) == before
    said = {key: json.loads(STATES[key]) for key in range(5)}
    assert {key: json.loads(sidecar(dataset, key).read_text()) for key in said} == said
    rename(dataset, name, *there)
    if name == "mts-flip-mt":
        assert fingerprint(dataset) == other


def test_what_people_wrote_since_stays(dataset: Path, run: Run) -> None:
    there, back = directions(dataset)
    rename(dataset, "mts-flip-mt", *there)
    sidecar(dataset, 0).write_text('{"FlipAngle": 8, "MTState": false}')
    sidecar(dataset, 1).write_text('{"FlipAngle": 7, "MTState": true}')
    run(dataset, "git", "commit", "-q", "-a", "-m", "y")
    rename(dataset, "mts-flip-mt", *back)
    assert sidecar(dataset, 0).read_text() == '{"FlipAngle": 8, "MTState": false}'
    assert sidecar(dataset, 1).read_text() == '{"FlipAngle": 7, "MTState": true}'


def test_all_keys_or_none(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, back = directions(dataset)
    rename(dataset, "mts-flip-mt", "--names-only", *there)
    assert [sidecar(dataset, n).read_bytes() for n in range(5)] == [t.encode() for t in STATES]
    capsys.readouterr()
    rename(dataset, "mts-flip-mt", *back)
    told = "sidecars will say what they said under these names before"
    assert (told in capsys.readouterr().out) is (back == [])
    rename(dataset, "mts-flip-mt", "--all-keys", *there)
    rename(dataset, "mts-flip-mt", "--all-keys", *back)
    assert "MTState" not in sidecar(dataset, 0).read_text() or not back
    assert ("MTState" in sidecar(dataset, 4).read_text()) is (back == [])
    argv = ["curate", "rename", str(dataset), "--convention", "mts-flip-mt"]
    assert spinegate([*argv, "--all-keys", "--names-only"]) == 2


def test_a_plan_from_a_file_is_remembered_too(
    dataset: Path, fingerprint: Fingerprint, tmp_path: Path, run: Run
) -> None:
    there, back = directions(dataset)
    before = fingerprint(dataset)
    plan = str(tmp_path / "plan.tsv")
    base = ["curate", "rename", str(dataset)]
    assert spinegate([*base, "--convention", "mts-flip-mt", *there, "--plan", plan]) == 0
    assert spinegate([*base, "--from-plan", plan, "--apply"]) == 0
    assert " -> " in run(dataset, "git", "log", "-1", "--format=%s")
    rename(dataset, "mts-flip-mt", *back)
    assert fingerprint(dataset) == before
