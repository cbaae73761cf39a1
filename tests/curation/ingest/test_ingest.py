"""From DICOM to the dataset: the phantom's exams become the phantom's dataset."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from .conftest import NO_FACE, Change, Ingest, Rewrite

COMPARED = (
    *("RepetitionTime", "EchoTime", "FlipAngle", "InversionTime", "Manufacturer", "MTState"),
    *("ManufacturersModelName", "SoftwareVersions", "ScanOptions", "SequenceVariant", "SAR"),
    *("ImageOrientationPatientDICOM", "ImagePositionPatientDICOM", "TxRefAmp", "TablePosition"),
    *("AcquisitionTime", "SeriesNumber", "PhilipsScaleSlope", "PixelBandwidth", "ShimSetting"),
    *("SliceThickness", "PatientPosition", "ConsistencyInfo", "RepetitionTimeExcitation"),
    *("ImageScaleCorrectionFactor", "OverallImageScaleFactor", "FFTScaleFactor"),
    *("ReceiveCoilActiveElements", "BodyPartExamined"),
)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def hide_names(header: Any) -> None:
    header.SeriesDescription = header.ProtocolName = f"SERIES {header.SeriesNumber}"


@pytest.mark.parametrize("vendor", ["siemens", "ge", "philips"])
@pytest.mark.parametrize("hidden", [False, True], ids=["named", "nameless"])
def test_the_phantom_comes_back(
    vendor: str,
    hidden: bool,
    exam: Callable[[str], Path],
    truth: Path,
    dataset: Path,
    ingest: Ingest,
    rewrite: Rewrite,
) -> None:
    source, subject = exam(vendor), f"sub-{vendor}A01"
    if hidden:
        rewrite(source, hide_names)
    status, said, _ = ingest(source, dataset, "--subject", subject, "--apply", *NO_FACE)
    assert status == 0, said
    assert names(dataset / subject) == names(truth / subject)
    for path in sorted((truth / subject).rglob("*.json")):
        wanted = json.loads(path.read_text())
        found = json.loads((dataset / path.relative_to(truth)).read_text())
        for key in COMPARED:
            one, two = found.get(key), wanted.get(key)
            same = one == two or np.allclose(np.array(one, float), np.array(two, float), rtol=1e-4)
            assert same, (path.name, key, one, two)
        assert len(found["FrameOfReferenceHash"]) == 32
        for key in ("PatientName", "PatientBirthDate", "StationName", "InstitutionAddress"):
            assert key not in found
        assert "Hantom" not in json.dumps(found)
    for path in sorted((truth / subject).rglob("*.nii.gz")):
        _compare_images(path, dataset / path.relative_to(truth))


def _compare_images(wanted: Path, found: Path) -> None:
    one: Any = nib.load(wanted)
    two: Any = nib.load(found)
    orientations: Any = nib.orientations
    turn = orientations.ornt_transform(
        orientations.io_orientation(two.affine), orientations.io_orientation(one.affine)
    )
    turned = two.as_reoriented(turn)
    assert np.allclose(turned.affine, one.affine, atol=1e-4)
    meta = json.loads(wanted.with_name(wanted.name.replace(".nii.gz", ".json")).read_text())
    scale = 1 / meta.get("PhilipsScaleSlope", 1)
    assert np.allclose(turned.get_fdata(), np.asarray(one.dataobj) * scale, rtol=1e-4)
    assert two.header["descrip"].item() == b""
    for kind in (".bval", ".bvec"):
        source = wanted.with_name(wanted.name.replace(".nii.gz", kind))
        if source.exists():
            assert np.allclose(
                np.loadtxt(source), np.loadtxt(found.with_name(source.name)), atol=1e-5
            )


def test_without_apply_nothing_changes(
    exams: Path, dataset: Path, ingest: Ingest, tmp_path: Path
) -> None:
    before = names(dataset)
    status, said, told = ingest(exams / "geA01", dataset, "--subject", "geA01")
    assert status == 0
    assert "sub-geA01/anat/sub-geA01_flip-1_mt-on_MTS.nii.gz" in said
    assert "Nothing was changed" in told
    assert names(dataset) == before
    assert not (tmp_path / "salt").exists()
    assert not (tmp_path / ".dataset.spinegate").exists()


def test_a_zip_with_nested_folders_and_junk(
    exams: Path, dataset: Path, ingest: Ingest, tmp_path: Path
) -> None:
    source = tmp_path / "export.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, path in enumerate(sorted((exams / "siemensA01").rglob("*.dcm"))):
            archive.write(path, f"a/b/{number % 7}/IM{number}")
        archive.writestr("../../evil.txt", "x")
        archive.writestr("/etc/evil", "x" * 500)
        archive.writestr("a/report.pdf", b"%PDF")
    status, said, _ = ingest(source, dataset, "--subject", "siemensA01", "--apply", *NO_FACE)
    assert status == 0, said
    assert len(names(dataset / "sub-siemensA01")) == 16
    assert "not a DICOM file: ../../evil.txt" in said
    assert not list(tmp_path.rglob("evil*"))


def test_a_damaged_file_is_named_and_the_others_go_on(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest
) -> None:
    source = exam("siemens")
    broken = sorted((source / "0008_GRE-ME").iterdir())[1]
    broken.write_bytes(broken.read_bytes()[:-100])
    garbage = source / "0002_T1w" / "scan.dcm"
    garbage.write_bytes(b"\0" * 128 + b"DICM" + bytes(range(256)) * 20)
    status, said, _ = ingest(
        source, dataset, "--subject", "siemensA01", "--apply", "--despite-errors", *NO_FACE
    )
    assert status == 1
    assert f"0008_GRE-ME/{broken.name}: cut off: 100 bytes" in said
    assert "0002_T1w/scan.dcm" in said
    assert "incomplete: 1 of its files can't be used" in said
    assert "Missing, though the protocol has it: T2star" in said
    have = names(dataset / "sub-siemensA01")
    assert "anat/sub-siemensA01_T1w.nii.gz" in have
    assert "anat/sub-siemensA01_T2star.nii.gz" not in have


def test_of_a_repeated_series_the_last_complete_one(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest, rewrite: Rewrite
) -> None:
    source = exam("ge")
    _repeat(source, rewrite, "0003_T2w", 13, "235000")
    _repeat(source, rewrite, "0003_T2w", 14, "235500")
    for path in sorted((source / "again14").iterdir())[2:]:
        path.unlink()
    argv = (source, dataset, "--subject", "geA01", *NO_FACE)
    status, said, _ = ingest(*argv)
    assert status == 0
    assert "_T2w.nii.gz\n      from series 13" in said
    assert "measured 3 times; this is the last complete one" in said
    assert "measured again later, as series 13" in said
    assert "series 14 " in said
    assert "incomplete: 2 slices, series" in said
    status, said, _ = ingest(*argv, "--every-run", "--apply")
    assert status == 0, said
    have = names(dataset / "sub-geA01")
    assert {f"anat/sub-geA01_run-0{n}_T2w.nii.gz" for n in (1, 2)} <= have
    assert not any("run-03" in name for name in have)


def _repeat(source: Path, rewrite: Rewrite, name: str, number: int, time: str) -> Path:
    folder = Path(shutil.copytree(source / name, source / f"again{number}"))

    def change(header: Any) -> None:
        header.SeriesNumber = number
        header.SeriesInstanceUID = f"{header.SeriesInstanceUID[:40]}.{number}"
        header.SOPInstanceUID = f"{header.SOPInstanceUID[:40]}.{number}"
        header.AcquisitionTime = header.SeriesTime = time
        header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID

    rewrite(folder, change)
    return folder


def test_of_two_reconstructions_the_one_that_the_protocol_asks_for(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest, rewrite: Rewrite
) -> None:
    source = exam("siemens")
    for name in ("0002_T1w", "0003_T2w"):
        number = int(name[:4]) + 20
        folder = Path(shutil.copytree(source / name, source / f"plain{number}"))
        rewrite(folder, _reconstructed(number))
    status, said, _ = ingest(source, dataset, "--subject", "siemensA01", "--apply", *NO_FACE)
    assert status == 0, said
    assert "the data of series 2 again, without DIS2D, DIS3D, NORM" in said
    sidecar = dataset / "sub-siemensA01" / "anat" / "sub-siemensA01_T1w.json"
    assert "NORM" in json.loads(sidecar.read_text())["ImageType"]


def _reconstructed(number: int) -> Change:
    def change(header: Any) -> None:
        header.SeriesNumber = number
        header.SeriesInstanceUID = f"{header.SeriesInstanceUID[:40]}.{number}"
        header.SOPInstanceUID = f"{header.SOPInstanceUID[:40]}.{number}"
        header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
        header.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]

    return change


def test_phase_images_localizers_and_maps_are_left_out(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest, rewrite: Rewrite
) -> None:
    source = exam("siemens")
    kinds = {
        31: ["ORIGINAL", "PRIMARY", "P", "NORM", "DIS2D"],
        32: ["ORIGINAL", "PRIMARY", "M", "LOCALIZER"],
        33: ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"],
    }
    for number, kind in kinds.items():
        folder = _repeat(source, rewrite, "0008_GRE-ME", number, f"23{number}00")
        rewrite(folder, lambda header, kind=kind: setattr(header, "ImageType", kind))  # type: ignore[misc]
    status, said, _ = ingest(source, dataset, "--subject", "siemensA01")
    assert status == 0
    left = said.partition("Left out")[2]
    assert "the phase image; the protocol wants the magnitude" in left
    assert "ImageType says localizer" in left
    assert "ImageType says ADC, DERIVED" in left


def test_nothing_is_overwritten(exams: Path, dataset: Path, ingest: Ingest) -> None:
    argv = (exams / "geA01", dataset, "--subject", "geA01", "--apply")
    assert ingest(*argv)[0] == 0
    before = {name: (dataset / name).read_bytes() for name in names(dataset)}
    status, _, told = ingest(*argv)
    assert status == 2
    assert "the dataset has these files already, and nothing is overwritten" in told
    assert {name: (dataset / name).read_bytes() for name in names(dataset)} == before
    assert ingest(*argv, "--session", "two")[0] == 0
    assert (dataset / "sub-geA01" / "ses-two" / "dwi").is_dir()


def test_undo_takes_it_back(exams: Path, dataset: Path, ingest: Ingest) -> None:
    before = names(dataset)
    assert ingest(exams / "geA01", dataset, "--subject", "geA01", "--apply")[0] == 0
    from spinegate.cli import run

    assert run(["curate", "ingest", "--undo", str(dataset)]) == 0
    assert names(dataset) == before


def test_images_of_several_people_are_refused(exams: Path, dataset: Path, ingest: Ingest) -> None:
    status, _, told = ingest(exams, dataset, "--subject", "x")
    assert status == 2
    assert "holds images of 3 people" in told
    assert "Phantom^" not in told


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["nowhere", ".", "--subject", "x"], "there is no such folder or zip"),
        (["."], "--subject"),
        ([".", ".", "--subject", "a_b"], "letters and digits"),
        ([".", "nowhere", "--subject", "x"], "nowhere is not a folder"),
        (["--undo", ".", "--apply"], "goes alone"),
        ([".", ".", "--subject", "x", "--plan", "p.tsv", "--apply"], "only writes the plan"),
    ],
)
def test_bad_usage(
    argv: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ingest: Ingest,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, told = ingest(*argv)
    assert status == 2
    assert words in told


def test_a_folder_without_dicom(dataset: Path, ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no files" in ingest(tmp_path / "empty", dataset, "--subject", "x")[2]
    status, _, told = ingest(dataset, dataset, "--subject", "x")
    assert status == 2
    assert "none of them DICOM with an image" in told


def test_echoes_become_files_of_their_own(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest, rewrite: Rewrite
) -> None:
    source = exam("ge")
    for echo in (2, 3):
        folder = Path(shutil.copytree(source / "0008_GRE-ME", source / f"echo{echo}"))

        def change(header: Any, echo: int = echo) -> None:
            header.EchoNumbers, header.EchoTime = echo, 6.0 * echo
            header.InstanceNumber = int(header.InstanceNumber) + 100 * echo
            header.SOPInstanceUID = f"{header.SOPInstanceUID[:40]}.{echo}"
            header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID

        rewrite(folder, change)
    status, said, _ = ingest(source, dataset, "--subject", "geA01", "--apply")
    assert status == 0, said
    have = names(dataset / "sub-geA01" / "anat")
    assert {f"sub-geA01_echo-{echo}_MEGRE.nii.gz" for echo in (1, 2, 3)} <= have
    assert "Missing" not in said


def test_below_sourcedata_two_studies_and_files_without_preamble(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest, rewrite: Rewrite
) -> None:
    source = exam("siemens")
    for path in (source / "0002_T1w").iterdir():
        path.write_bytes(path.read_bytes()[132:])
    rewrite(source / "0003_T2w", lambda header: setattr(header, "StudyInstanceUID", "1.2"))
    argv = (
        "--subject",
        "siemensA01",
        "--below",
        "sourcedata",
        "--apply",
        "--despite-errors",
        *NO_FACE,
    )
    status, said, _ = ingest(source, dataset, *argv)
    assert status == 0, said
    assert "They come from 2 studies" in said
    assert len(names(dataset / "sourcedata" / "sub-siemensA01")) == 16


def test_into_git_annex_with_the_participants_row(
    exams: Path,
    dataset: Path,
    run: Callable[..., str],
    annex_tool: str,
    tool_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from spinegate.cli import run as spinegate

    for key in ("HOME", "PATH"):
        monkeypatch.setenv(key, tool_environment[key])
    table = (dataset / "participants.tsv").read_text().splitlines(keepends=True)
    (dataset / "participants.tsv").write_text("".join(table[:1]))
    (dataset / ".gitattributes").write_text("*.nii.gz filter=annex annex.largefiles=anything\n")
    run(dataset, "git", "init", "-q")
    run(dataset, annex_tool, "init", "-q", "here")
    run(dataset, "git", "add", ".")
    run(dataset, "git", "commit", "-q", "-m", "Begin")
    argv = ["curate", "ingest", str(exams / "siemensA01"), str(dataset)]
    argv += ["--subject", "siemensA01", "--site", "siemensA", *NO_FACE]
    assert spinegate(argv) == 0
    assert not (dataset / ".git" / "spinegate").exists()
    assert run(dataset, "git", "log", "--format=%s") == "Begin\n"
    assert spinegate([*argv, "--apply"]) == 0
    said = capfd.readouterr().out
    assert "New row of sub-siemensA01" in said
    assert run(dataset, "git", "status", "--porcelain") == ""
    assert run(dataset, "git", "log", "-1", "--format=%s").startswith(
        "spinegate: ingest: 7 images"
    )
    assert len(run(dataset, annex_tool, "find", "--in=here").split()) == 7
    clone = dataset.with_name("clone")
    run(dataset, "git", "clone", "-q", str(dataset), str(clone))
    argv[3:6] = [str(clone), "--subject", "other"]
    capfd.readouterr()
    assert spinegate(argv) == 0
    told = capfd.readouterr().err
    assert "Nothing was changed.\n--apply will refuse: " in told
    assert "git annex init, then again" in told
    assert spinegate([*argv, "--apply"]) == 2
    assert "Converting" not in (told := capfd.readouterr().err)
    assert "git annex init, then again" in told
    rows = (dataset / "participants.tsv").read_text().splitlines()
    assert rows[1].startswith("sub-siemensA01\tM\t28")
    assert spinegate(["curate", "ingest", "--undo", str(dataset)]) == 0
    assert run(dataset, "git", "status", "--porcelain") == ""
    assert (dataset / "participants.tsv").read_text() == table[0]
