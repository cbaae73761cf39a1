"""What is added to dcm2niix's sidecars, against the phantom's truth and real scanners' files."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from spinegate.curation.ingest.enrich import Facts, determine, enrich, merge, tell, vendor_of
from spinegate.curation.ingest.headers import HeaderError

pydicom = pytest.importorskip("pydicom")
DCM2NIIX = shutil.which(
    "dcm2niix", path=os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
)
VENDORS = ("siemens", "ge", "philips")
ADDED = (
    "ImageScaleCorrectionFactor", "OverallImageScaleFactor", "FFTScaleFactor", "ShimSetting",
    "ImagePositionPatientDICOM", "TablePosition", "CoilString", "BodyPartExamined",
    "RepetitionTimeExcitation", "TxRefAmp", "PhilipsScaleSlope", "PhilipsRescaleSlope",
)  # fmt: skip
SCALES = ADDED[:3]


def series(exams: Path, truth: Path, vendor: str) -> Iterator[tuple[list[Path], dict[str, Any]]]:
    sidecars = [json.loads(path.read_text()) for path in truth.glob(f"sub-{vendor}A01/*/*.json")]
    known = {sidecar["SeriesNumber"]: sidecar for sidecar in sidecars}
    for folder in sorted((exams / f"{vendor}A01").iterdir()):
        yield sorted(folder.iterdir()), known[int(folder.name[:4])]


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_headers_tell_what_is_true_of_the_phantom(
    exams: Path, truth: Path, vendor: str
) -> None:
    for files, expected in series(exams, truth, vendor):
        found = determine(files).values
        for key in ADDED:
            if key in expected or key in SCALES:
                one: Any = found.get(key)
                two: Any = expected.get(key)
                assert one == two or np.allclose(one, two, rtol=1e-5), (files[0], key)
        if "MTState" in expected and vendor != "philips":
            assert found["MTState"] is expected["MTState"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_frames_of_reference_group_as_in_the_truth(exams: Path, truth: Path, vendor: str) -> None:
    pairs = {
        (determine(files).values["FrameOfReferenceUID"], expected["FrameOfReferenceHash"])
        for files, expected in series(exams, truth, vendor)
    }
    assert len(pairs) == 1


@pytest.mark.parametrize("vendor", ["ge", "philips"])
def test_what_a_vendor_does_not_export_is_said_so(exams: Path, vendor: str) -> None:
    facts = determine(sorted((exams / f"{vendor}A01").rglob("*.dcm"))[:1])
    assert all("don't export it" in facts.missing[key] for key in SCALES)
    lines = list(tell(facts))
    assert any(line.startswith("FFTScaleFactor: not determinable") for line in lines)


@pytest.mark.skipif(DCM2NIIX is None, reason="dcm2niix is not installed")
def test_what_dcm2niix_wrote_stays(exams: Path, truth: Path, tmp_path: Path) -> None:
    argv = [str(DCM2NIIX), "-b", "y", "-ba", "n", "-z", "n", "-f", "%i_%s", "-o"]
    subprocess.run([*argv, tmp_path, exams], check=True, capture_output=True)
    for vendor in VENDORS:
        for files, expected in series(exams, truth, vendor):
            name = f"{vendor}A01_{expected['SeriesNumber']}.json"
            sidecar = json.loads((tmp_path / name).read_text())
            merged = merge(sidecar, determine(files))
            assert merged.disagreeing == merged.replaced == ()
            for key, value in sidecar.items():
                if key != "BodyPart":
                    assert merged.sidecar[key] == value
            assert set(merged.added) == merged.sidecar.keys() - sidecar.keys()
            assert enrich(sidecar, files) == merged.sidecar


@pytest.mark.parametrize("broken", [None, [], "", [1, 2], math.nan, ["", 1, 2]])
def test_what_is_no_value_gives_way(broken: Any) -> None:
    facts = Facts("GE", {"TablePosition": [0, 0, 5]}, {})
    merged = merge({"TablePosition": broken}, facts)
    assert merged.sidecar == {"TablePosition": [0, 0, 5]}
    assert merged.replaced == ("TablePosition",)


def test_where_they_disagree_dcm2niix_wins_and_it_is_told() -> None:
    facts = Facts("Siemens", {"TxRefAmp": 300.1, "ShimSetting": [1, 2]}, {"X": "why"})
    merged = merge({"TxRefAmp": 280, "ShimSetting": [1, 2], "X": 1}, facts)
    assert merged.sidecar == {"TxRefAmp": 280, "ShimSetting": [1, 2], "X": 1}
    assert merged.disagreeing == ("TxRefAmp",)
    assert merged.missing == {}


def test_ge_gains_are_taken(exam: Callable[[str], Path], rewrite: Any) -> None:
    folder = exam("ge")

    def add(header: Any) -> None:
        block = header.private_block(0x0019, "GEMS_ACQU_01")
        for offset, value in ((0x94, 118), (0x95, 13), (0x96, 15)):
            block.add_new(offset, "SS", value)

    rewrite(folder, add)
    found = determine(sorted(folder.rglob("*.dcm"))).values
    gains = ("PrescanTransmitGain", "PrescanAnalogReceiveGain", "PrescanDigitalReceiveGain")
    assert [found[key] for key in gains] == [118, 13, 15]


def test_philips_enhanced_files_keep_their_scaling_with_the_frames(tmp_path: Path) -> None:
    def make(**values: Any) -> Any:
        item = pydicom.dataset.Dataset()
        for key, value in values.items():
            setattr(item, key, value)
        return item

    own = make()
    own.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(0x0E, "FL", 0.5)
    frames = []
    for number, z in ((2, 10.0), (1, 5.0)):
        frame = make(
            PlanePositionSequence=[make(ImagePositionPatient=[1, 2, z])],
            FrameContentSequence=[make(InStackPositionNumber=number)],
            PixelValueTransformationSequence=[make(RescaleSlope="2.5", RescaleIntercept="0")],
            MRModifierSequence=[make(MagnetizationTransfer="OFF_RESONANCE")],
        )
        block = frame.private_block(0x2005, "Philips MR Imaging DD 005", create=True)
        block.add_new(0x0F, "SQ", [own])
        frames.append(frame)
    header = make(Manufacturer="Philips", PerFrameFunctionalGroupsSequence=frames)
    header.file_meta = pydicom.dataset.FileMetaDataset()
    header.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = pydicom.uid.EnhancedMRImageStorage
    header.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    header.save_as(tmp_path / "x", enforce_file_format=True)
    found = determine([tmp_path / "x"]).values
    assert found["PhilipsScaleSlope"] == 0.5
    assert found["PhilipsRescaleSlope"] == 2.5
    assert found["ImagePositionPatientDICOM"] == [1, 2, 5]
    assert found["MTState"] is True


def test_a_damaged_file_among_others_is_passed_over(exam: Callable[[str], Path]) -> None:
    files = sorted((exam("siemens") / "0006_GRE-MT0").iterdir())
    good = determine(files)
    files[0].write_bytes(b"junk")
    assert determine(files).values["FFTScaleFactor"] == good.values["FFTScaleFactor"]
    for path in files:
        path.write_bytes(b"junk")
    with pytest.raises(HeaderError):
        determine(files)
    with pytest.raises(HeaderError, match="no files"):
        determine([])


def test_vendors() -> None:
    assert vendor_of("SIEMENS") == vendor_of("Siemens Healthineers") == "Siemens"
    assert vendor_of("Philips Medical Systems") == "Philips"
    assert vendor_of("UIH") == ""


@pytest.mark.real
@pytest.mark.parametrize(("name", "reference"), [("mr_0003", "AP_3"), ("mr_0006", "LR_6")])
def test_real_siemens_series_tell_fft_scale_and_shim(
    shared_data: Path, name: str, reference: str
) -> None:
    files = sorted((shared_data / "dicom" / "siemens" / name).glob("*.dcm"))
    facts = determine(files)
    folder = shared_data / "dicom" / "dcm2niix_reference"
    sidecar = json.loads((folder / f"EPI_PE={reference}.json").read_text())
    assert facts.values["ImageScaleCorrectionFactor"] == 1
    assert facts.values["OverallImageScaleFactor"] == 0.468221307727
    assert len(facts.values["FFTScaleFactor"]) == 32
    assert facts.values["FFTScaleFactor"][:2] == [2.48591995239, 2.51088023186]
    assert facts.values["ShimSetting"] == sidecar["ShimSetting"]
    assert facts.values["NumberReceiveCoilActiveElements"] == 32
    assert merge(sidecar, facts).disagreeing == ()
    lines = list(tell(facts))
    assert "FFTScaleFactor: determined" in lines
    assert "ShimSetting: determined" in lines
    image: Any = nibabel.load(folder / f"EPI_PE={reference}.nii")
    corners = [image.affine @ [i, j, 0, 1] for i in (0, image.shape[0] - 1)
               for j in (0, image.shape[1] - 1)]  # fmt: skip
    place = np.array(facts.values["ImagePositionPatientDICOM"]) * [-1, -1, 1]
    assert min(np.abs(corner[:3] - place).max() for corner in corners) < 1e-3


@pytest.mark.real
def test_real_ge_series_tell_shim_and_gains_and_no_scale(shared_data: Path) -> None:
    facts = determine(sorted((shared_data / "dicom" / "ge" / "mr_0004").glob("*.dcm")))
    assert facts.values["ShimSetting"] == [3, 4, -12]
    assert facts.values["PrescanTransmitGain"] == 118
    assert facts.values["ImagePositionPatientDICOM"] == [-118.125, -143.344, -17.6875]
    assert all("don't export it" in facts.missing[key] for key in SCALES)
    folder = shared_data / "dicom" / "dcm2niix_reference"
    sidecar = json.loads((folder / "DCM2NIIX_regression_test_4.json").read_text())
    assert merge(sidecar, facts).disagreeing == ()
