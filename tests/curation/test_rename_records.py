"""Renaming and what the dataset's own records say: waivers, decisions, contributions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface.held import hold
from spinegate.curation.place import find_place

SUB = "sub-siemensA01"
ON = f"{SUB}/anat/{SUB}_flip-1_mt-on_MTS.nii.gz"
SETTINGS = f"""\
# {SUB} in a comment
protocol: spine-generic
overrides:
- code: ECHO_TIME_OUT_OF_TOLERANCE  # of siemensA
  site: 'siemensA'
  location: [{ON}, "{SUB}/*_T1w.nii.gz", sub-siemensA0*]
  severity: warning
  reason: {SUB} was measured so
- {{code: README_*, site: siemens?, severity: warning, reason: none}}
"""
CONTRIBUTION = f"""\
id: siemensA-20260101
site: siemensA
source: "{SUB}"
participants: ["{SUB}", sub-geA01]
"""
QC = f"path\tdecision\tnote\r\n{ON}\tredo\t{ON}\r\nsub-geA01/x\topen\tn/a\r\n{ON}\tpass\tn/a\r\n"


@pytest.fixture
def dataset(
    repository: Path, run: Callable[..., str], tool_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:  # fmt: skip
    monkeypatch.setenv("HOME", tool_environment["HOME"])
    sidecar = repository / ON.replace(".nii.gz", ".json")
    sidecar.write_text(sidecar.read_text().replace('"EchoTime": 0.', '"EchoTime": 0.5'))
    own = repository / ".spinegate"
    (own / "contributions").mkdir(parents=True)
    argv = [
        "baseline",
        str(repository),
        "--reason",
        f"{SUB} so",
        "--by",
        "A",
        "--until",
        "2999-12-31",
    ]
    assert spinegate(argv) == 0
    (own / "qc.tsv").write_bytes(QC.encode())
    (own / "defacing.tsv").write_bytes(QC.encode())
    (own / "contributions" / "siemensA-20260101.yml").write_text(CONTRIBUTION)
    (repository / ".spinegate.yml").write_text(SETTINGS)
    run(repository, "git", "add", ".")
    run(repository, "git", "commit", "-q", "-m", "Records")
    return repository


def rename(dataset: Path, *options: str) -> None:
    assert spinegate(["curate", "rename", str(dataset), "--apply", *options]) == 0


def test_a_site_and_back(
    dataset: Path,
    fingerprint: Callable[[Path], dict[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = fingerprint(dataset)
    baseline = (dataset / ".spinegate/baseline.yml").read_text()
    assert ON in baseline
    assert spinegate(["validate", str(dataset)]) == 0
    waived = capsys.readouterr().out.splitlines()[-1].split(" waived")[0]
    rename(dataset, "--site", "siemensA=montreal")
    told = capsys.readouterr().out
    assert ".spinegate.yml, line 4: sub-siemensA0* won't fit " in told
    assert ".spinegate.yml, line 9: siemens? won't fit the site montreal; " in told
    new = ON.replace(SUB, "sub-montreal01")
    settings = (dataset / ".spinegate.yml").read_text()
    assert settings == SETTINGS.replace("'siemensA'", "'montreal'").replace(ON, new).replace(
        f'"{SUB}/*', '"sub-montreal01/*'
    )
    contribution = (dataset / ".spinegate/contributions/siemensA-20260101.yml").read_text()
    assert contribution == CONTRIBUTION.replace("site: siemensA", "site: montreal").replace(
        f'["{SUB}"', '["sub-montreal01"'
    )
    assert (dataset / ".spinegate/qc.tsv").read_bytes().decode() == (
        QC.replace(f"\n{ON}", f"\n{new}")
    )
    assert (dataset / ".spinegate/baseline.yml").read_text() == (
        baseline.replace("siemensA", "montreal").replace("sub-montreal01 so", f"{SUB} so")
    )
    assert spinegate(["validate", str(dataset)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split(" waived")[0] == waived
    rename(dataset, "--site", "montreal=siemensA")
    assert fingerprint(dataset) == before


def test_a_file_whose_twin_the_waivers_name(dataset: Path) -> None:
    new = ON.replace("flip-1_", "run-2_flip-1_")
    rename(dataset, "--file", ON, new)
    baseline = (dataset / ".spinegate/baseline.yml").read_text()
    assert ON not in baseline
    assert new in baseline
    assert (dataset / ".spinegate/defacing.tsv").read_text().count(f"\n{new}\t") == 2


def test_waivers_that_cannot_be_read_are_told(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (dataset / ".spinegate.yml").write_text("overrides: 3\n")
    assert spinegate(["curate", "rename", str(dataset), "--site", "siemensA=x"]) == 2
    assert ".spinegate.yml" in capsys.readouterr().err


def test_an_image_that_waits_for_its_defacing_is_told(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = f"{SUB}/anat/{SUB}_run-2_T1w.nii.gz"
    waiting = tmp_path / "image.nii.gz"
    waiting.write_bytes(b"x")
    hold(find_place(dataset), {image: waiting}, "Enter")
    assert spinegate(["curate", "rename", str(dataset), "--subject", f"{SUB}=sub-x1"]) == 0
    assert f"{image} waits outside of git under its old name" in capsys.readouterr().out


def test_a_folder_that_was_renamed_by_hand(dataset: Path, run: Callable[..., str]) -> None:
    run(dataset, "git", "mv", SUB, "sub-montreal01")
    run(dataset, "git", "commit", "-q", "-m", "By hand")
    rename(dataset, "--subject", "siemensA01=montreal01")
    assert SUB not in run(dataset, "git", "ls-files")
    assert (dataset / ON.replace(SUB, "sub-montreal01")).exists()


def test_what_is_hidden_stays_hidden(
    dataset: Path, run: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    ignore = dataset / ".bidsignore"
    ignore.write_bytes(f"# {SUB}\r\n/{ON}\r\n{SUB}/dwi/\r\n*siemensA0*_T2w*\n".encode())
    run(dataset, "git", "commit", "-q", "-a", "-m", "Hide")
    before = ignore.read_bytes()
    rename(dataset, "--subject", f"{SUB}=sub-x1")
    assert ignore.read_bytes() == before.replace(f"{SUB}/".encode(), b"sub-x1/").replace(
        f"anat/{SUB}".encode(), b"anat/sub-x1"
    )
    told = capsys.readouterr().out
    assert "_T2w" in told.split(".bidsignore: ")[1].split("will no longer be hidden")[0]
    rename(dataset, "--subject", f"sub-x1={SUB}")
    assert ignore.read_bytes() == before
