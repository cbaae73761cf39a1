"""The sidecars say what the protocol's table says, and agree with the images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

# RepetitionTime, EchoTime, FlipAngle, InversionTime; None is not asserted.
PROTOCOL: dict[str, dict[str, tuple[float | None, ...]]] = {
    "sub-siemensA01": {
        "T1w": (2.0, 0.00372, 9, 1.0),
        "T2w": (1.5, 0.12, 120, None),
        "dwi": (0.62, 0.06, None, None),
        "flip-1_mt-on_MTS": (0.035, 0.00313, 9, None),
        "flip-1_mt-off_MTS": (0.035, 0.00313, 9, None),
        "flip-2_mt-off_MTS": (0.015, 0.00313, 15, None),
        "T2star": (0.6, 0.014, 30, None),
    },
    "sub-geA01": {
        "T1w": (None, None, 9, 1.0),
        "T2w": (2.5, None, None, None),
        "dwi": (None, None, None, None),
        "flip-1_mt-on_MTS": (0.035, 0.004, 9, None),
        "flip-1_mt-off_MTS": (0.035, 0.004, 9, None),
        "flip-2_mt-off_MTS": (0.015, 0.004, 15, None),
        "T2star": (0.6, None, 30, None),
    },
    "sub-philipsA01": {
        "T1w": (0.0078, 0.0035, 9, None),
        "T2w": (3.5, 0.12, 90, None),
        "dwi": (3.429, 0.07, None, None),
        "flip-1_mt-on_MTS": (0.057, 0.002, 9, None),
        "flip-1_mt-off_MTS": (0.057, 0.002, 9, None),
        "flip-2_mt-off_MTS": (0.015, 0.002, 15, None),
        "T2star": (0.6, 0.0072, 30, None),
    },
}
KEYS = ("RepetitionTime", "EchoTime", "FlipAngle", "InversionTime")
MTS = ("flip-1_mt-on_MTS", "flip-1_mt-off_MTS", "flip-2_mt-off_MTS")
IDENTIFYING = (
    "Patient",
    "Serial",
    "StationName",
    "Address",
    "Physician",
    "Operator",
    "UID",
    "AcquisitionDateTime",
    "AccessionNumber",
)


def read(phantom: Path, name: str, suffix: str) -> dict[str, Any]:
    datatype = "dwi" if suffix == "dwi" else "anat"
    path = phantom / name / datatype / f"{name}_{suffix}.json"
    content: dict[str, Any] = json.loads(path.read_text())
    return content


@pytest.mark.parametrize("name", PROTOCOL)
def test_parameters_are_the_protocols(phantom: Path, name: str) -> None:
    for suffix, expected in PROTOCOL[name].items():
        meta = read(phantom, name, suffix)
        for key, value in zip(KEYS, expected, strict=True):
            if value is not None:
                assert meta[key] == value, (suffix, key)


@pytest.mark.parametrize("name", PROTOCOL)
def test_the_mt_series_is_consistent_and_complete(phantom: Path, name: str) -> None:
    series = [read(phantom, name, suffix) for suffix in MTS]
    assert [meta["MTState"] for meta in series] == [True, False, False]
    for meta in series:
        assert meta["RepetitionTimeExcitation"] == meta["RepetitionTime"]
    for key in (
        "ShimSetting",
        "TxRefAmp",
        "ReceiveCoilActiveElements",
        "FFTScaleFactor",
        "ImageScaleCorrectionFactor",
        "PhilipsScaleSlope",
        "PhilipsRescaleSlope",
        "ImageOrientationPatientDICOM",
        "ImagePositionPatientDICOM",
        "PixelBandwidth",
        "EchoTime",
        "FrameOfReferenceHash",
    ):
        values = [json.dumps(meta.get(key)) for meta in series]
        assert len(set(values)) == 1, key


def test_the_mt_pulse_shows_where_the_vendor_shows_it(phantom: Path) -> None:
    on, off, _ = (read(phantom, "sub-siemensA01", suffix) for suffix in MTS)
    assert (on["ScanOptions"], on["SequenceVariant"]) == ("MT", "MTC\\SP")
    assert "ScanOptions" not in off
    assert 86 <= on["SAR"] / off["SAR"] <= 113
    on, off, _ = (read(phantom, "sub-geA01", suffix) for suffix in MTS)
    assert "MT_GEMS" in on["ScanOptions"]
    assert "MT_GEMS" not in off["ScanOptions"]
    assert 405 <= on["SAR"] / off["SAR"] <= 413
    on, off, _ = (read(phantom, "sub-philipsA01", suffix) for suffix in MTS)
    assert on["SAR"] == off["SAR"]


def test_what_only_one_vendor_exports(phantom: Path) -> None:
    for suffix in PROTOCOL["sub-siemensA01"]:
        siemens, ge, philips = (read(phantom, name, suffix) for name in PROTOCOL)
        assert len(siemens["ShimSetting"]) == 8
        assert len(ge["ShimSetting"]) == 3
        assert "ShimSetting" not in philips
        assert "NORM" in siemens["ImageType"]
        correction = {"T2w": 4, "dwi": 5, **dict.fromkeys(MTS, 5)}.get(suffix, 1)
        assert siemens["ImageScaleCorrectionFactor"] == correction


def test_dwi_is_gated_and_fat_saturated(phantom: Path) -> None:
    siemens, ge, philips = (read(phantom, name, "dwi")["ScanOptions"] for name in PROTOCOL)
    assert {"CT", "SFS"} <= set(siemens.split("\\"))
    assert {"PPG", "FS"} <= set(ge.split("\\"))
    assert philips == "FS"


@pytest.mark.parametrize("name", PROTOCOL)
def test_series_follow_one_another(phantom: Path, name: str) -> None:
    metas = [read(phantom, name, suffix) for suffix in PROTOCOL[name]]
    numbers = [meta["SeriesNumber"] for meta in metas]
    times = [meta["AcquisitionTime"] for meta in metas]
    assert numbers == sorted(set(numbers))
    assert times == sorted(set(times))


@pytest.mark.parametrize("name", PROTOCOL)
def test_geometry_agrees_with_the_image(phantom: Path, name: str) -> None:
    for suffix in PROTOCOL[name]:
        meta = read(phantom, name, suffix)
        datatype = "dwi" if suffix == "dwi" else "anat"
        image: Any = nib.load(phantom / name / datatype / f"{name}_{suffix}.nii.gz")
        unit = image.affine[:3, :3] / np.sqrt((image.affine[:3, :3] ** 2).sum(axis=0))
        slices = 0 if suffix in {"T1w", "T2w"} else 2
        row, column = np.reshape(meta["ImageOrientationPatientDICOM"], (2, 3))
        normal = np.cross(row, column) * [-1, -1, 1]
        assert abs(abs(normal @ unit[:, slices]) - 1) < 1e-6
        assert np.isclose(image.header.get_zooms()[slices], meta["SliceThickness"])
        corner = np.array([*np.multiply(meta["ImagePositionPatientDICOM"], [-1, -1, 1]), 1])
        voxel = np.linalg.inv(image.affine) @ corner
        ends = np.array([[0, n - 1] for n in image.shape[:3]])
        assert all(np.isclose(v, e, atol=1e-3).any() for v, e in zip(voxel[:3], ends, strict=True))


def test_nothing_identifies_a_person_or_a_device(phantom: Path) -> None:
    allowed = {"PatientPosition"}
    for path in phantom.glob("sub-*/*/*.json"):
        keys = {k.replace("PatientDICOM", "") for k in json.loads(path.read_text())} - allowed
        assert not [key for key in keys for word in IDENTIFYING if word in key]
        assert "ImageOrientation" in keys
