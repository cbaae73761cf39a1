"""One run: what is read, what is left out, what is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.system.errors import ConfigError, SpinegateError
from spinegate.validator.finding import Severity, Status
from spinegate.validator.options import Options
from spinegate.validator.run import validate

Run = Callable[..., str]
PRISMA = {"Manufacturer": "Siemens", "ManufacturersModelName": "Prisma"}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    for label, flip in (("a01", 120), ("a02", 180), ("b01", 120)):
        path = folder / f"sub-{label}/anat/sub-{label}_T2w.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({**PRISMA, "FlipAngle": flip}))
        path.with_suffix(".nii.gz").write_bytes(b"")
    (folder / "dataset_description.json").write_text('{"Name": "Spines", "BIDSVersion": "1.11.0"}')
    (folder / "participants.tsv").write_text("participant_id\nsub-a01\nsub-a02\nsub-b01\n")
    return folder


def test_the_report_tells_of_everything(dataset: Path) -> None:
    report = validate(Options(dataset))
    assert (report.header.dataset, report.header.profile) == ("Spines", "strict")
    assert report.header.protocol.startswith("spine-generic ")
    assert report.summary.scans == 3
    assert report.sites == {"a": 2, "b": 1}
    assert {use.participant: use.variant for use in report.variants} == {
        f"sub-{label}": "siemens-prisma" for label in ("a01", "a02", "b01")
    }
    (flip,) = (f for f in report.findings if f.code == "FLIP_ANGLE_OUT_OF_TOLERANCE")
    assert flip.location == "sub-a02/anat/sub-a02_T2w.nii.gz"
    assert report.failed
    assert [finding.order for finding in report.findings] == sorted(
        finding.order for finding in report.findings
    )


def test_a_part_of_the_participants(dataset: Path) -> None:
    report = validate(Options(dataset, labels=("a01",)))
    assert report.summary.scans == 1
    assert not [f for f in report.findings if "a02" in f.location or "b01" in f.location]


def test_only_what_concerns_some_files(dataset: Path) -> None:
    path = dataset / "sub-a02/anat/sub-a02_T2w.json"
    report = validate(Options(dataset, only=(str(path),)))
    assert {f.location for f in report.findings} <= {
        "sub-a02/anat/sub-a02_T2w.json",
        "sub-a02/anat/sub-a02_T2w.nii.gz",
    }
    assert "FLIP_ANGLE_OUT_OF_TOLERANCE" in {f.code for f in report.findings}
    clean = validate(Options(dataset, only=(str(dataset / "participants.tsv"),)))
    assert {f.location for f in clean.findings} <= {"participants.tsv"}


def test_without_names(dataset: Path) -> None:
    (dataset / "sub-a01/anat/sub_a01_T2w.nii.gz").write_bytes(b"")
    assert any(f.rule.startswith("names.") for f in validate(Options(dataset)).findings)
    codes = {rule.code for rule in validate(Options(dataset, bids="off")).rules}
    assert "NAME_NOT_BIDS" not in codes


def test_a_change_of_site_does_not_borrow_its_waivers(dataset: Path, run: Run) -> None:
    table = "participant_id\tinstitution_id\nsub-a01\ta\nsub-a02\ta\nsub-b01\tb\n"
    (dataset / "participants.tsv").write_text(table)
    (dataset / ".spinegate.yml").write_text(
        "overrides:\n- {code: FLIP_ANGLE_OUT_OF_TOLERANCE, site: b, severity: ignore, reason: x, "
        "by: y}\n"
    )
    run(dataset, "git", "init", "-q", "-b", "main")
    run(dataset, "git", "add", "-A")
    run(dataset, "git", "commit", "-q", "-m", "base")
    sidecars = {site: dataset / f"sub-{site}01/anat/sub-{site}01_T2w.json" for site in "ab"}
    for sidecar in sidecars.values():
        sidecar.write_text(json.dumps({**PRISMA, "FlipAngle": 90}))
    for text in (table, table.replace("\ta\n", "\tb\n")):
        (dataset / "participants.tsv").write_text(text)
        report = validate(Options(dataset, base="main"))
        angles = [f for f in report.findings if f.code == "FLIP_ANGLE_OUT_OF_TOLERANCE"]
        new = [f for f in angles if f.status is Status.NEW and f.severity is Severity.ERROR]
        assert ["sub-a01/anat/sub-a01_T2w.nii.gz" in f.paths for f in new] == [True]


def test_nothing_to_validate(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SpinegateError, match="neither images"):
        validate(Options(tmp_path))


@pytest.mark.parametrize(
    "options",
    [{"spec": "nobody's"}, {"profile": "lax"}, {"labels": ("c01",)}, {"ref": "HEAD"}],
)
def test_what_is_not_there_is_an_error(dataset: Path, options: dict[str, str]) -> None:
    with pytest.raises((ConfigError, SpinegateError)):
        validate(Options(dataset, **options))  # type: ignore[arg-type]
