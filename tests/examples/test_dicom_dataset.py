"""The DICOM series are those of the BIDS phantom, header for header and voxel for voxel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from spinegate.cli import run
from spinegate.examples.dataset import Options, write_dataset
from spinegate.examples.dicom_dataset import _ds, make_uid, write_dicom
from spinegate.examples.protocol import CONTRASTS, VENDORS

pydicom = pytest.importorskip("pydicom")

DCM2NIIX = shutil.which(
    "dcm2niix", path=os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
)
OPTIONS = Options(sites=1, participants=1, size="tiny")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The tiny phantom as DICOM and as BIDS."""
    dicom, bids = tmp_path_factory.mktemp("dicom"), tmp_path_factory.mktemp("bids")
    write_dicom(dicom, OPTIONS)
    write_dataset(bids, OPTIONS)
    return dicom, bids


def series(both: tuple[Path, Path]) -> Iterator[tuple[str, str, list[Any], Any, dict[str, Any]]]:
    dicom, bids = both
    for vendor in VENDORS:
        name = f"{vendor}A01"
        folders = sorted(folder for folder in (dicom / name).iterdir())
        for folder, (contrast, entry) in zip(folders, CONTRASTS.items(), strict=True):
            headers = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
            stem = bids / f"sub-{name}" / entry.datatype / f"sub-{name}_{entry.suffix}"
            image: Any = nib.load(f"{stem}.nii.gz")
            meta = json.loads(Path(f"{stem}.json").read_text())
            yield vendor, contrast, headers, image, meta


def test_headers_agree_with_the_sidecars(both: tuple[Path, Path]) -> None:
    for _, _, headers, _, meta in series(both):
        first = headers[0]
        assert np.isclose(float(first.RepetitionTime) / 1000, meta["RepetitionTime"])
        assert np.isclose(float(first.EchoTime) / 1000, meta["EchoTime"])
        assert float(first.FlipAngle) == meta["FlipAngle"]
        assert first.get("InversionTime", 0) == 1000 * meta.get("InversionTime", 0)
        assert np.isclose(float(first.SAR), meta["SAR"])
        assert first.SeriesNumber == meta["SeriesNumber"]
        assert list(first.ImageType) == meta["ImageType"]
        assert first.ManufacturerModelName == meta["ManufacturersModelName"]
        for keyword in ("ScanningSequence", "SequenceVariant", "ScanOptions"):
            value = first.get(keyword, "")
            joined = value if isinstance(value, str) else "\\".join(value)
            assert joined == meta.get(keyword, "")
        assert np.allclose(first.ImageOrientationPatient, meta["ImageOrientationPatientDICOM"])
        time = meta["AcquisitionTime"].replace(":", "")
        assert first.AcquisitionTime == time


def _plane(header: Any) -> str:
    return "sagittal" if abs(header.ImageOrientationPatient[1]) > 0.9 else "axial"


def test_every_voxel_lies_where_the_nifti_image_has_it(both: tuple[Path, Path]) -> None:
    for _, _, headers, image, _ in series(both):
        data = np.asarray(image.dataobj)
        if "MOSAIC" in headers[0].ImageType:
            continue  # dcm2niix's test, below
        slices = headers[: image.shape[0 if _plane(headers[0]) == "sagittal" else 2]]
        for header in slices:
            row, column = np.reshape(header.ImageOrientationPatient, (2, 3)).astype(float)
            down, across = (float(x) for x in header.PixelSpacing)
            pixels = header.pixel_array
            for r, c in ((0, 0), (1, 2), (pixels.shape[0] - 1, pixels.shape[1] - 1)):
                place = np.array(header.ImagePositionPatient, dtype=float)
                place = (place + row * across * c + column * down * r) * [-1, -1, 1]
                voxel = np.linalg.inv(image.affine) @ [*place, 1]
                index = tuple(int(i) for i in np.rint(voxel[:3]))
                assert np.allclose(voxel[:3], index, atol=1e-3)
                value = data[index] if data.ndim == 3 else data[index][0]
                assert pixels[r, c] == value


def test_uids_are_unique_and_joined(both: tuple[Path, Path]) -> None:
    instances, studies, frames = set(), set(), set()
    count = 0
    for _, _, headers, _, _ in series(both):
        assert len({h.SeriesInstanceUID for h in headers}) == 1
        assert [h.InstanceNumber for h in headers] == list(range(1, len(headers) + 1))
        instances |= {h.SOPInstanceUID for h in headers}
        studies |= {h.StudyInstanceUID for h in headers}
        frames |= {h.FrameOfReferenceUID for h in headers}
        count += len(headers)
        assert all(h.file_meta.MediaStorageSOPInstanceUID == h.SOPInstanceUID for h in headers)
    assert len(instances) == count
    assert len(studies) == len(frames) == 3
    assert all(len(uid) <= 64 and uid.startswith("2.25.") for uid in instances)
    assert make_uid("a") != make_uid("b")


def test_private_tags_of_each_vendor(both: tuple[Path, Path], csareader: Any) -> None:
    for vendor, contrast, headers, _, meta in series(both):
        header = headers[-1]
        if vendor == "siemens":
            get = csareader.get_csa_header
            tags = get(header, "image")["tags"]
            assert tags["ImaCoilString"]["items"] == ["HC5-7;NC1,2"]
            assert (
                "### ASCCONV BEGIN"
                in get(header, "series")["tags"]["MrPhoenixProtocol"]["items"][0]
            )
            if contrast == "dwi":
                assert tags["NumberOfImagesInMosaic"]["items"] == [3]
                values = [int(h[0x0019, 0x100C].value) for h in headers]
                assert values == [0] + [800] * 30 + [0] * 4
        elif vendor == "ge":
            block = header.private_block(0x0043, "GEMS_PARM_01")
            assert [block[offset].value for offset in (2, 3, 4)] == meta["ShimSetting"]
            weight = 800 if contrast == "dwi" else 0
            assert block[0x39].value[0] == weight
        else:
            block = header.private_block(0x2005, "Philips MR Imaging DD 001")
            assert np.isclose(block[0x0E].value, meta["PhilipsScaleSlope"])
            assert np.isclose(float(header.RescaleSlope), meta["PhilipsRescaleSlope"])
            if contrast == "dwi":
                assert header.DiffusionBValue == 800


def test_there_is_something_to_remove(both: tuple[Path, Path]) -> None:
    for _, _, headers, _, _ in series(both):
        for keyword in ("PatientName", "PatientBirthDate", "DeviceSerialNumber", "StationName"):
            assert headers[0].get(keyword)


def test_the_same_seed_gives_the_same_bytes(both: tuple[Path, Path], tmp_path: Path) -> None:
    write_dicom(tmp_path, OPTIONS)
    for path in (both[0]).rglob("*.dcm"):
        assert path.read_bytes() == (tmp_path / path.relative_to(both[0])).read_bytes()


@pytest.mark.parametrize("value", [0.0, -0.0, -1e-12, 123.456789012345, -0.12345678901, 35.0])
def test_decimal_strings_fit(value: float) -> None:
    text = _ds(value)
    assert len(text) <= 16
    assert np.isclose(float(text), value, rtol=1e-9, atol=1e-8)
    assert text != "-0"


def test_without_pydicom_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import importlib

    real = importlib.import_module

    def missing(name: str, package: str | None = None) -> Any:
        if name == "pydicom":
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert run(["example", str(tmp_path / "phantom"), "--dicom"]) == 2
    assert "pip install pydicom" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(DCM2NIIX is None, reason="dcm2niix is not installed")
def test_dcm2niix_gives_back_the_bids_phantom(both: tuple[Path, Path], tmp_path: Path) -> None:
    names = [str(DCM2NIIX), "-b", "y", "-ba", "n", "-z", "n", "-f", "%i_%s", "-o"]
    subprocess.run([*names, tmp_path, both[0]], check=True, capture_output=True)
    compared = (
        *("RepetitionTime", "EchoTime", "FlipAngle", "InversionTime", "Manufacturer"),
        *("ManufacturersModelName", "SoftwareVersions", "ScanOptions", "SequenceVariant"),
        *("ImageOrientationPatientDICOM", "SAR", "TxRefAmp", "ReceiveCoilActiveElements"),
        *("AcquisitionTime", "SeriesNumber", "PhilipsScaleSlope", "PixelBandwidth"),
        *("ShimSetting", "SliceThickness", "PatientPosition", "ConsistencyInfo"),
    )
    for vendor, contrast, headers, image, meta in series(both):
        stem = tmp_path / f"{vendor}A01_{headers[0].SeriesNumber}"
        found = json.loads(stem.with_suffix(".json").read_text())
        for key in compared:
            one, two = found.get(key), meta.get(key)
            same = one == two or np.allclose(np.array(one, float), np.array(two, float), rtol=1e-4)
            assert same, (vendor, contrast, key)
        converted: Any = nib.load(stem.with_suffix(".nii"))
        orientations: Any = nib.orientations
        turn = orientations.ornt_transform(
            orientations.io_orientation(converted.affine),
            orientations.io_orientation(image.affine),
        )
        turned = converted.as_reoriented(turn)
        assert np.allclose(turned.affine, image.affine, atol=1e-4)
        scale = 1 / meta["PhilipsScaleSlope"] if vendor == "philips" else 1
        assert np.allclose(turned.get_fdata(), np.asarray(image.dataobj) * scale, rtol=1e-4)
        if contrast == "dwi":
            source = image.get_filename().replace(".nii.gz", "")
            for kind in (".bval", ".bvec"):
                assert np.allclose(
                    np.loadtxt(stem.with_suffix(kind)), np.loadtxt(source + kind), atol=1e-5
                )
