"""Whatever a folder holds, `validate` ends with findings or a clear message, never a traceback."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run
from spinegate.cli import spinegate as group

SIDECAR = {"EchoTime": 0.12, "RepetitionTime": 1.5, "FlipAngle": 120, "Manufacturer": "Siemens"}


def dataset(folder: Path) -> Path:
    """Write a small sound dataset: one T2w image without content."""
    anat = folder / "sub-x01" / "anat"
    anat.mkdir(parents=True)
    (folder / "dataset_description.json").write_text('{"Name": "n", "BIDSVersion": "1.10.0"}')
    (folder / "participants.tsv").write_text("participant_id\nsub-x01\n")
    (anat / "sub-x01_T2w.json").write_text(json.dumps(SIDECAR))
    key = f"SHA256E-s10--{'a' * 64}.nii.gz"
    (anat / "sub-x01_T2w.nii.gz").write_text(f"/annex/objects/{key}\n")
    return anat


def codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    """Validate, and return the exit status and the location of one finding per code."""
    status = run(["validate", str(folder), "--format", "json"])
    out, err = capsys.readouterr()
    assert "Traceback" not in err, err
    return status, {f["code"]: f["location"] for f in json.loads(out)["findings"]}


def test_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", str(tmp_path)]) == 2
    assert "holds neither images" in capsys.readouterr().err


def test_folder_of_other_things(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("shopping")
    assert run(["validate", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nowhere"], "does not exist"),
        (["--ref", "main"], "not a git repository"),
        (["--format", "xml"], "no format 'xml'"),
        (["--spec", "other-protocol"], "no spec"),
        (["--profile", "lenient"], "no profile"),
        (["--participant-label", "nobody"], "no file of sub-nobody"),
        (["--letter", "atlantis"], "no site 'atlantis'"),
        (["--output", "missing/report.txt"], "cannot be written"),
        (["--format", "json", "--format", "text"], "only one report"),
    ],
)
def test_wrong_usage_is_told(
    arguments: list[str],
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dataset(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["validate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert word in err
    assert "Traceback" not in err + out


FAULTY: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"{", "SIDECAR_NOT_JSON"),
    "empty": (b"", "SIDECAR_NOT_JSON"),
    "Latin-1": (b'{"InstitutionName": "Universit\xe9"}', "SIDECAR_NOT_UTF8"),
    "UTF-16": ('{"EchoTime": 1}'.encode("utf-16"), "SIDECAR_NOT_UTF8"),
    "a list": (b"[]", "SIDECAR_NOT_OBJECT"),
    "a number": (b"7", "SIDECAR_NOT_OBJECT"),
    "null": (b"null", "SIDECAR_NOT_OBJECT"),
    "deep": (b"[" * 10_000 + b"]" * 10_000, "SIDECAR_TOO_DEEP"),
    "deep objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "SIDECAR_TOO_DEEP"),
    "50 MB": (b'{"a": "' + b"x" * 50_000_000 + b'"}', "SIDECAR_TOO_LARGE"),
    "a key twice": (b'{"EchoTime": 1, "EchoTime": 2}', "SIDECAR_DUPLICATE_KEY"),
    "NaN": (b'{"EchoTime": NaN}', "SIDECAR_NOT_A_NUMBER"),
    "Infinity": (b'{"EchoTime": -Infinity}', "SIDECAR_NOT_A_NUMBER"),
    "huge number": (b'{"EchoTime": ' + b"9" * 5000 + b"}", "SIDECAR_NOT_JSON"),
}


@pytest.mark.parametrize("kind", FAULTY)
def test_broken_sidecars(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, code = FAULTY[kind]
    sidecar = dataset(tmp_path) / "sub-x01_T2w.json"
    sidecar.write_bytes(content)
    status, found = codes(tmp_path, capsys)
    assert status == 1
    assert found[code] == "sub-x01/anat/sub-x01_T2w.json"


@pytest.mark.parametrize(
    "value", [None, True, "", "x", -1, 1e999, 10**400, [], {}, [None], [[1]], {"a": 1}, "\ud800"]
)
def test_any_value_under_any_key(
    value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = dataset(tmp_path) / "sub-x01_T2w.json"
    keys = (*SIDECAR, "ManufacturersModelName", "SoftwareVersions", "ImageType", "ScanOptions",
            "ShimSetting", "ImageOrientationPatientDICOM", "SeriesNumber", "AcquisitionTime",
            "PatientPosition", "SAR", "MagneticFieldStrength", "PatientName")  # fmt: skip
    sidecar.write_text(json.dumps(dict.fromkeys(keys, value)))
    status, _ = codes(tmp_path, capsys)
    assert status in (0, 1)


def nifti(shape: tuple[int, ...] = (2, 2, 2)) -> bytes:
    import nibabel as nib
    import numpy as np

    image = nib.Nifti1Image(np.zeros(shape, np.int16), np.eye(4))
    return bytes(image.to_bytes())


IMAGES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"no image at all",
    "truncated gzip": lambda: gzip.compress(nifti())[:25],
    "corrupt gzip": lambda: gzip.compress(nifti())[:30] + b"\xff" * 200,
    "short header": lambda: gzip.compress(nifti()[:200]),
    "wrong magic": lambda: gzip.compress(nifti()[:344] + b"nope" + nifti()[348:]),
    "NaN in the header": lambda: gzip.compress(nifti()[:76] + b"\xff" * 32 + nifti()[108:]),
    "no dimensions": lambda: gzip.compress(nifti()[:40] + b"\0" * 16 + nifti()[56:]),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_broken_images(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = dataset(tmp_path) / "sub-x01_T2w.nii.gz"
    image.write_bytes(IMAGES[kind]())
    status, found = codes(tmp_path, capsys)
    assert status == 1
    assert found["NIFTI_HEADER_BROKEN"] == "sub-x01/anat/sub-x01_T2w.nii.gz"


def test_strange_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    anat = dataset(tmp_path)
    names = [b"a\nb.nii.gz", b"\x1b[31mred.json", b"caf\xe9.nii.gz", b"sub-x01_\x00T1w"[:8]]
    for name in names:
        (Path(os.fsdecode(os.fsencode(anat) + b"/" + name))).write_text("{}")
    status = run(["validate", str(tmp_path)])
    out, err = capsys.readouterr()
    assert status == 1
    assert "\x1b[31m" not in out
    assert "Traceback" not in err


def test_links_are_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    anat = dataset(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path)
    (anat / "self.json").symlink_to("self.json")
    (anat / "sub-x01_T1w.json").symlink_to("/etc/passwd")
    (anat / "sub-x01_T1w.nii.gz").symlink_to("/etc/hostname")
    status, found = codes(tmp_path, capsys)
    assert status == 1
    assert "LINK_NOT_ANNEXED" in found


@pytest.mark.slow
def test_a_hundred_thousand_files_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anat = dataset(tmp_path)
    for number in range(100_000):
        os.close(os.open(anat / f"sub-x01_acq-{number}_T2w.txt", os.O_CREAT | os.O_WRONLY))
    status, _ = codes(tmp_path, capsys)
    assert status == 1


@pytest.mark.slow
def test_a_million_participants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset(tmp_path)
    rows = "".join(f"sub-y{number}\n" for number in range(1_000_000))
    (tmp_path / "participants.tsv").write_text(f"participant_id\nsub-x01\n{rows}")
    status, found = codes(tmp_path, capsys)
    assert status in (0, 1)
    assert "PARTICIPANT_WITHOUT_FOLDER" in found


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs root and setpriv, to become a user without rights",
)
def test_no_right_to_read(tmp_path: Path) -> None:
    anat = dataset(tmp_path)
    (anat / "sub-x01_T2w.json").chmod(0)
    (tmp_path / "sourcedata").mkdir(mode=0o700)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(0o755)
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable,
               "-m", "spinegate", "validate", str(tmp_path), "--format", "json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "spinegate" in done.stderr and "No module" in done.stderr:
        pytest.skip("the user without rights can't read this Python's packages")
    assert done.returncode == 1, done.stderr
    found = [f for f in json.loads(done.stdout)["findings"] if f["code"] == "FILE_UNREADABLE"]
    assert {f["location"] for f in found} >= {"sub-x01/anat/sub-x01_T2w.json"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    dataset(tmp_path)
    command = [sys.executable, "-m", "spinegate", "validate", str(tmp_path)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "can't be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_shut_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "data/.git/spinegate")

    monkeypatch.setattr(group, "main", refused)
    assert run(["curate", "deidentify", "data", "--apply"]) == 2
    assert "'data/.git/spinegate' can't be used: Read-only" in capsys.readouterr().err


@pytest.mark.parametrize("series", ["localizer", "some_phase_map"])
def test_series_that_are_none_of_the_protocols(
    series: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = {"Manufacturer": "Siemens", "ManufacturersModelName": "Prisma", "EchoTime": 0.005,
               "RepetitionTime": 0.02, "FlipAngle": 20, "SeriesDescription": series}  # fmt: skip
    (tmp_path / f"{series}_1.json").write_text(json.dumps(sidecar))
    (tmp_path / f"{series}_1.nii.gz").write_bytes(gzip.compress(nifti()))
    status, _ = codes(tmp_path, capsys)
    assert status in (0, 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_device_or_pipe_as_output_is_written_to(tmp_path: Path) -> None:
    dataset(tmp_path / "data")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    assert run(["validate", str(tmp_path / "data"), "--output", str(pipe)]) in (0, 1)
    out, _ = reader.communicate(timeout=30)
    assert out.startswith(b"spinegate ")
    assert pipe.is_fifo()
