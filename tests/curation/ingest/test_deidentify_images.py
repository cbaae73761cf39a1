"""Headers of images that a dataset has: their free texts go, the image stays bit by bit."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.ingest.deidentify_images import is_harmless

Run = Callable[..., str]
Deidentify = Callable[..., tuple[int, str, str]]
NAME = "sub-1/anat/sub-1_T1w"
OTHER = "sub-1/anat/sub-1_T2w"
SECRET = b"Smith^John 1980"


def write_image(path: Path, descrip: bytes, seed: int, **fields: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = np.random.default_rng(seed).integers(0, 999, (6, 5, 4)).astype("i2")
    affine = np.array([[-1, 0.1, 0, 5], [0, 2, 0, 6], [0, 0, 3, 7], [0, 0, 0, 1.0]])
    image: Any = nib.Nifti1Image(data, affine)
    image.header.set_slope_inter(2.5, -3)
    image.header["descrip"] = descrip
    for key, value in fields.items():
        image.header[key] = value
    if fields:
        image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", SECRET))
    image.to_filename(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An image that tells too much, one that doesn't, and tables with dates."""
    dataset = tmp_path / "dataset"
    write_image(dataset / f"{NAME}.nii.gz", SECRET, 1, db_name=SECRET, aux_file=SECRET)
    write_image(dataset / f"{OTHER}.nii.gz", b"TE=3.1;Time=125917.967;phase=1", 2)
    for name in (NAME, OTHER):
        (dataset / f"{name}.json").write_text('{"EchoTime": 0.1, "CoilString": "Neck Smith"}\n')
    (dataset / f"{OTHER}.json").write_text('{"EchoTime": 0.1, "PatientName": "Smith^John"}\n')
    (dataset / "participants.tsv").write_text("participant_id\tdate_of_scan\nsub-1\t2019-02-12\n")
    (dataset / "sub-1/sub-1_scans.tsv").write_text(
        "filename\tacq_time\nanat/sub-1_T1w.nii.gz\t2019-02-12T10:00:00\n"
    )
    (dataset / "dataset_description.json").write_text(json.dumps({"Name": "x"}))
    return dataset


@pytest.fixture
def annexed(
    folder: Path,
    run: Run,
    annex_tool: str,
    tool_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    for key in ("HOME", "PATH"):
        monkeypatch.setenv(key, tool_environment[key])
    (folder / ".gitattributes").write_text("*.nii.gz filter=annex annex.largefiles=anything\n")
    run(folder, "git", "init", "-q")
    run(folder, annex_tool, "init", "-q", "here")
    run(folder, annex_tool, "add", "-q", f"{NAME}.nii.gz", f"{OTHER}.nii.gz")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "Begin")
    return folder


@pytest.fixture
def deidentify(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Deidentify:
    def call(*argv: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        status = spinegate(["curate", "deidentify", *map(str, argv)])
        told = capfd.readouterr()
        return status, told.out, told.err

    return call


def test_shown_carried_out_and_taken_back(
    annexed: Path, deidentify: Deidentify, run: Run, annex_tool: str
) -> None:
    before: Any = nib.load(annexed / f"{NAME}.nii.gz")
    data, keys = np.asarray(before.dataobj.get_unscaled()), run(annexed, annex_tool, "find",
                                                                  "--format=${key}\n")  # fmt: skip
    status, said, _ = deidentify(annexed)
    assert status == 0
    assert said.startswith("2 sidecars, 2 tables and 1 image header to change.\n")
    for line in ("emptied    db_name  (1 file)", "emptied    extensions  (1 file)",
                 "replaced   acq_time  (1 file)", "replaced   CoilString  (1 file)"):  # fmt: skip
        assert f"  {line}\n" in said
    assert "Smith" not in said
    status, _, told = deidentify(annexed, "--apply")
    assert status == 0
    assert "What was committed before stays in git's history" in told
    assert "git annex dropunused all --force" in told
    after: Any = nib.load(annexed / f"{NAME}.nii.gz")
    assert np.array_equal(np.asarray(after.dataobj.get_unscaled()), data)
    for key in after.header:
        if key not in ("descrip", "db_name", "aux_file", "vox_offset"):
            assert after.header[key].tobytes() == before.header[key].tobytes(), key
    assert SECRET[:5] not in gzip.decompress((annexed / f"{NAME}.nii.gz").read_bytes())
    assert json.loads((annexed / f"{NAME}.json").read_bytes())["CoilString"] == "Neck"
    assert (annexed / "participants.tsv").read_text().endswith("sub-1\t2019\n")
    assert (annexed / "sub-1/sub-1_scans.tsv").read_text().endswith("nii.gz\tn/a\n")
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert run(annexed, "git", "rev-list", "--count", "HEAD") == "2\n"
    now = run(annexed, annex_tool, "find", "--format=${key}\n")
    assert len(set(keys.split()) - set(now.split())) == 1
    assert "ok" in run(annexed, annex_tool, "fsck", f"{NAME}.nii.gz")
    assert deidentify(annexed)[1].startswith("0 sidecars to change.")
    assert not list((annexed / ".git" / "spinegate").glob("spinegate-*"))
    assert deidentify(annexed, "--undo")[0] == 0
    assert run(annexed, annex_tool, "find", "--format=${key}\n") == keys
    assert run(annexed, "git", "status", "--porcelain") == ""


def test_the_words_of_how_to_be_rid_of_the_former_images_are_true(
    annexed: Path, deidentify: Deidentify, run: Run, annex_tool: str
) -> None:
    former = (annexed / f"{NAME}.nii.gz").resolve()
    deidentify(annexed, "--apply")
    assert former.exists()
    run(annexed, annex_tool, "unused")
    run(annexed, annex_tool, "dropunused", "all", "--force")
    assert not former.exists()
    assert (annexed / f"{NAME}.nii.gz").exists()


def test_only_what_the_plan_says_is_emptied(
    annexed: Path, deidentify: Deidentify, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.tsv"
    assert deidentify(annexed, "--plan", plan)[0] == 0
    text = plan.read_text()
    assert "Smith" not in text
    assert "2019-02" not in text
    rows = [
        "no" + row.removeprefix("yes") if any(key in row for key in ("db_name", "extens")) else row
        for row in text.splitlines(keepends=True)
    ]
    plan.write_text("".join(rows))
    assert deidentify(annexed, "--from-plan", plan, "--apply")[0] == 0
    image: Any = nib.load(annexed / f"{NAME}.nii.gz")
    assert image.header["descrip"].item() == b""
    assert image.header["db_name"].item() == SECRET
    assert len(image.header.extensions) == 1
    assert np.asarray(image.dataobj).shape == (6, 5, 4)


def test_images_that_are_not_here_are_named(
    annexed: Path, deidentify: Deidentify, run: Run, annex_tool: str, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.tsv"
    assert deidentify(annexed, "--plan", plan)[0] == 0
    run(annexed, annex_tool, "drop", "-q", "--force", f"{NAME}.nii.gz")
    status, said, _ = deidentify(annexed)
    assert status == 0
    assert f"1 image of which the content isn't here was not looked into: {NAME}.nii.gz" in said
    assert "git annex get" in said
    status, _, told = deidentify(annexed, "--from-plan", plan, "--apply")
    assert status == 2
    assert f"the content of {NAME}.nii.gz isn't here" in told
    assert run(annexed, "git", "status", "--porcelain") == ""


def test_a_damaged_image_is_named_and_the_others_go_on(
    folder: Path, deidentify: Deidentify, tmp_path: Path
) -> None:
    other = folder / f"{OTHER}.nii.gz"
    other.write_bytes(other.read_bytes()[:100])
    status, said, _ = deidentify(folder, "--salt-file", tmp_path / "salt", "--apply")
    assert status == 1
    assert f"  {OTHER}.nii.gz: " in said
    assert "damaged or cut off" in said
    image: Any = nib.load(folder / f"{NAME}.nii.gz")
    assert image.header["descrip"].item() == b""


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        (b"TE=1.2e+02;Time=172102.168;phase=1\0\0", True),
        (b"FSL5.0", True),
        (b"sub-1_T1w", True),
        (b"sub-smith_T1w", False),
        (b"6.0.5:9e026117", True),
        (b"Red-Yellow", True),
        (b"Smith", False),
        (b"TE=3;Name=12", False),
        (b"TE=3;Smith", False),
        (b"FSL5.0 Smith", False),
        (b"Red-Yellow\x13\xac", False),
    ],
)
def test_what_programs_write_may_stay(text: bytes, harmless: bool) -> None:
    assert is_harmless(text, "sub-1/anat/sub-1_T1w.nii.gz") == harmless
