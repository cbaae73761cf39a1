"""What an image is, where headers tell little: pairs without a word of the pulse, one series."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from spinegate.curation.ingest.convert import find_dcm2niix
from spinegate.curation.ingest.pulse import compare_signals
from spinegate.curation.ingest.reading import Reading, read_source

from .conftest import Ingest, Rewrite

nib: Any = nibabel
ON, OFF, T1 = "0501_GRE-MT1", "0601_GRE-MT0", "0701_GRE-T1"


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Path], Reading]:
    """Read a source."""

    def call(source: Path) -> Reading:
        work = tmp_path / "work"
        work.mkdir()
        return read_source(source, work, lambda text: None)

    return call


def only(source: Path, *names: str) -> None:
    for folder in source.iterdir():
        if folder.name not in names:
            shutil.rmtree(folder)


def hide(header: Any) -> None:
    header.SeriesDescription = header.ProtocolName = "x"


def told(reading: Reading) -> dict[str, tuple[str, float]]:
    return {
        f"{one.output.series.number} {one.output.part}".strip(): (one.contrast, one.confidence)
        for one in reading.images
    }


def test_a_philips_pair_without_names_is_told_by_its_signals(
    exam: Callable[[str], Path], rewrite: Rewrite, read: Callable[[Path], Reading]
) -> None:
    source = exam("philips")
    only(source, ON, OFF)
    rewrite(source, hide)
    assert told(read(source)) == {"501": ("MTon", 0.9), "601": ("MToff", 0.9)}


def test_a_philips_pair_with_exchanged_names_is_doubtful(
    exam: Callable[[str], Path], rewrite: Rewrite, read: Callable[[Path], Reading]
) -> None:
    source = exam("philips")
    only(source, ON, OFF)
    for folder, name in ((ON, "GRE-MT0"), (OFF, "GRE-MT1")):

        def change(header: Any, name: str = name) -> None:
            header.SeriesDescription = header.ProtocolName = name

        rewrite(source / folder, change)
    reading = read(source)
    assert told(reading) == {"501": ("MTon", 0.5), "601": ("MToff", 0.5)}
    assert "but its name says MToff" in reading.images[0].reasons


def test_one_of_a_pair_alone_stays_undecided(
    exam: Callable[[str], Path], rewrite: Rewrite, read: Callable[[Path], Reading]
) -> None:
    source = exam("philips")
    only(source, ON)
    rewrite(source, hide)
    (image,) = read(source).images
    assert image.contrast == ""
    assert image.candidates == ("MTon", "MToff")


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("together", [False, True], ids=["dcm2niix splits", "one 4D image"])
def test_a_philips_pair_in_one_series_is_split(
    exam: Callable[[str], Path],
    dataset: Path,
    ingest: Ingest,
    rewrite: Rewrite,
    swapped: bool,
    together: bool,
) -> None:
    source = exam("philips")
    plain = source.parent / "separate"
    shutil.copytree(source, plain)
    only(source, ON, OFF)
    uid = "1.2.3.4"

    def join(volume: int) -> Callable[[Any], None]:
        def change(header: Any) -> None:
            hide(header)
            header.SeriesInstanceUID, header.SeriesNumber = uid, 501
            header.TemporalPositionIdentifier = volume + 1
            header.NumberOfTemporalPositions = 2
            header.InstanceNumber = int(header.InstanceNumber) + 100 * volume
            header.AcquisitionNumber = 1 if together else volume + 1
            time = f"12000{volume}"
            header.AcquisitionTime = header.ContentTime = header.SeriesTime = time
            if together:  # dcm2niix stacks by it
                header.StudyTime = "120000"

        return change

    for folder, volume in ((ON, int(swapped)), (OFF, int(not swapped))):
        rewrite(source / folder, join(volume))
    (source / "all").mkdir()
    for number, path in enumerate(sorted(source.rglob("*.dcm"))):
        path.rename(source / "all" / f"{number}.dcm")
    argv = (dataset, "--subject", "x", "--apply", "--despite-errors")
    status, said, _ = ingest(source, *argv)
    assert status == 0
    assert ("one series holds both images of the MT pair" in said) is together
    assert "the images compared: with the MT pulse" in said
    only(plain, ON, OFF)
    assert ingest(plain, *argv, "--session", "apart")[0] == 0
    for name in ("flip-1_mt-on_MTS", "flip-1_mt-off_MTS"):
        path = dataset / "sub-x" / "anat" / f"sub-x_{name}.nii.gz"
        one: Any = nib.as_closest_canonical(nib.load(path))
        path = dataset / "sub-x" / "ses-apart" / "anat" / f"sub-x_ses-apart_{name}.nii.gz"
        other: Any = nib.as_closest_canonical(nib.load(path))  # 4D images aren't turned
        assert np.allclose(one.get_fdata(), other.get_fdata(), rtol=1e-3)
        assert np.allclose(one.affine, other.affine)


def test_a_siemens_pair_in_one_series_is_split_by_the_header(
    exam: Callable[[str], Path], rewrite: Rewrite, read: Callable[[Path], Reading]
) -> None:
    source = exam("siemens")
    only(source, "0005_GRE-MT1", "0006_GRE-MT0")

    def join(header: Any) -> None:
        hide(header)
        header.SeriesInstanceUID, header.SeriesNumber = "1.2.3.4", 5

    rewrite(source, join)
    found = {part: contrast for part, (contrast, _) in told(read(source)).items()}
    assert found == {"5 on": "MTon", "5 off": "MToff"}


def test_the_program_is_beside_python() -> None:
    assert Path(find_dcm2niix()).is_file()


def test_signals_that_are_alike_decide_nothing(tmp_path: Path) -> None:
    data = np.random.default_rng(0).uniform(100, 200, (20, 20, 5))
    data[:5] = 1
    paths = []
    for name, values in (("a", data), ("b", data * 0.6), ("c", data * 0.95)):
        paths.append(tmp_path / f"{name}.nii")
        image: Any = nib.Nifti1Image(values.astype(np.float32), np.eye(4))
        image.to_filename(paths[-1])
    a, b, c = ((path, None) for path in paths)
    first, second = compare_signals(a, b), compare_signals(b, a)
    assert first is not None
    assert second is not None
    assert (first.first_is_on, second.first_is_on) == (False, True)
    assert first.reason == "the images compared: with the MT pulse 60% of the signal is left"
    assert compare_signals(a, c) is None
    assert compare_signals(a, a) is None


@pytest.mark.parametrize(("word", "contrast"), [("OFF_RESONANCE", "MTon"), ("NONE", "MToff")])
def test_an_enhanced_multi_frame_file(
    exams: Path, tmp_path: Path, read: Callable[[Path], Reading], word: str, contrast: str
) -> None:
    source = tmp_path / "enhanced"
    source.mkdir()
    _join_frames(exams / "philipsA01" / ON, word).save_as(source / "IM1", enforce_file_format=True)
    reading = read(source)
    assert told(reading) == {"501": (contrast, reading.images[0].confidence)}
    assert reading.series[0].images == len(list((exams / "philipsA01" / ON).iterdir()))
    assert reading.images[0].shape[2] == reading.series[0].images


def _join_frames(folder: Path, word: str) -> Any:
    """Make one enhanced file of the slices of a series, as Siemens XA software would."""
    import pydicom
    from pydicom.dataset import Dataset

    def item(**values: Any) -> list[Any]:
        made = Dataset()
        for key, value in values.items():
            setattr(made, key, value)
        return [made]

    slices = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    first = slices[0]
    whole = Dataset()
    whole.file_meta = first.file_meta
    for element in first:
        if not element.tag.is_private and element.keyword not in _PER_FRAME:
            whole.add(element)
    whole.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
    whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID
    whole.Manufacturer, whole.SoftwareVersions = "SIEMENS", "syngo MR XA20"
    whole.SeriesDescription = whole.ProtocolName = "x"
    whole.EchoPulseSequence, whole.PulseSequenceName = "GRADIENT", "x"
    whole.NumberOfFrames = len(slices)
    whole.PixelData = b"".join(one.PixelData for one in slices)
    timing = item(RepetitionTime=first.RepetitionTime, FlipAngle=first.FlipAngle)
    whole.SharedFunctionalGroupsSequence = item(
        PixelMeasuresSequence=item(
            PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness
        ),
        PlaneOrientationSequence=item(ImageOrientationPatient=first.ImageOrientationPatient),
        MRTimingAndRelatedParametersSequence=timing,
        MREchoSequence=item(EffectiveEchoTime=float(first.EchoTime)),
        MRModifierSequence=item(MagnetizationTransfer=word),
    )
    whole.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=item(ImagePositionPatient=one.ImagePositionPatient),
            FrameContentSequence=item(
                DimensionIndexValues=[1, number], StackID="1", InStackPositionNumber=number
            ),
        )[0]
        for number, one in enumerate(slices, start=1)
    ]
    return whole


_PER_FRAME = frozenset(
    (
        *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
        *("EchoTime", "RepetitionTime", "FlipAngle", "PixelData", "RescaleSlope", "SAR"),
        *("RescaleIntercept", "RescaleType", "SliceLocation", "EchoNumbers", "ScanOptions"),
        *("ScanningSequence", "SequenceVariant"),
    )
)
