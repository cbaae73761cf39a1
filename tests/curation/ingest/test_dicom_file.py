"""Files read from strangers: broken, huge, odd, or not DICOM at all; grouped into series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.curation.ingest.archive import Found, Skipped
from spinegate.curation.ingest.dicom_file import DicomFile, read_files
from spinegate.curation.ingest.series import group_series, series_key


def read(path: Path) -> DicomFile | Skipped:
    (one,) = read_files([Found(path, path.name)])
    return one


@pytest.fixture(scope="module")
def sample(exams: Path) -> bytes:
    return (exams / "siemensA01" / "0002_T1w" / "00001.dcm").read_bytes()


def save(folder: Path, sample: bytes, **values: Any) -> Path:
    import pydicom

    source = folder / "source"
    source.write_bytes(sample)
    header = pydicom.dcmread(source)
    for key, value in values.items():
        setattr(header, key, value)
    path = folder / "changed"
    header.save_as(path)
    return path


def test_a_slice(tmp_path: Path, sample: bytes) -> None:
    found = read(save(tmp_path, sample))
    assert isinstance(found, DicomFile)
    assert (found.number, found.frames, found.pulse) == (2, 1, None)
    assert found.position is not None
    assert found.time.startswith("20")
    assert "NORM" in found.image_type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a DICOM file"),
        (b"%PDF-1.4", "not a DICOM file"),
        (b"\0" * 5000, "not a DICOM file"),
        (b"\0" * 128 + b"DICM", "a DICOM file without an image"),
    ],
)
def test_what_is_no_image(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x").write_bytes(content)
    found = read(tmp_path / "x")
    assert isinstance(found, Skipped)
    assert found.reason == reason
    assert not found.bad


def test_an_index_another_modality_a_document(tmp_path: Path, sample: bytes) -> None:
    cases: dict[str, dict[str, Any]] = {
        "DICOMDIR": {"SOPClassUID": "1.2.840.10008.1.3.10"},
        "not MR but CT": {"Modality": "CT"},
        "without an image": {"Rows": 0},
    }
    for words, values in cases.items():
        found = read(save(tmp_path, sample, **values))
        assert isinstance(found, Skipped)
        assert words in found.reason


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_is_a_crash(tmp_path: Path, sample: bytes, data: st.DataObject) -> None:
    content = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, min(len(content) - 1, 3000)))
        new = data.draw(st.binary(min_size=1, max_size=12))
        content[start : start + len(new)] = new
    end = data.draw(st.integers(0, len(content)))
    (tmp_path / "x").write_bytes(content[:end])
    assert isinstance(read(tmp_path / "x"), DicomFile | Skipped)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(codec="latin-1", exclude_characters="\\\0"), max_size=60),
    number=st.integers(-(2**31), 2**31 - 1),
)
def test_odd_values(tmp_path: Path, sample: bytes, text: str, number: int) -> None:
    path = save(tmp_path, sample, SeriesDescription=text, SeriesNumber=number)
    found = read(path)
    assert isinstance(found, DicomFile)
    assert found.number == number


def test_the_pulse_of_an_enhanced_header(tmp_path: Path, sample: bytes) -> None:
    from pydicom.dataset import Dataset

    for word, pulse in (("OFF_RESONANCE", True), ("NONE", False)):
        modifier, group = Dataset(), Dataset()
        modifier.MagnetizationTransfer = word
        group.MRModifierSequence = [modifier]
        path = save(tmp_path, sample, SharedFunctionalGroupsSequence=[group], NumberOfFrames=1)
        found = read(path)
        assert isinstance(found, DicomFile)
        assert found.pulse is pulse


def test_frames_without_number_are_cut_off(tmp_path: Path, sample: bytes) -> None:
    found = read(save(tmp_path, sample, NumberOfFrames=2_000_000_000))
    assert isinstance(found, Skipped)
    assert found.bad
    assert found.series


def slices(exams: Path, name: str) -> list[DicomFile]:
    paths = sorted((exams / "siemensA01" / name).iterdir())
    found = list(read_files(Found(path, path.name) for path in paths))
    return [one for one in found if isinstance(one, DicomFile)]


def test_series_whatever_the_order(exams: Path) -> None:
    headers = slices(exams, "0002_T1w") + slices(exams, "0003_T2w")
    series = group_series(headers)
    assert series == group_series(headers[::-1]) == group_series(headers + headers)
    assert [one.number for one in series] == [2, 3]
    assert series[0].images == series[0].slices == len(slices(exams, "0002_T1w"))
    assert not any(one.fault for one in series)
    assert series[0].key == series_key(series[0].uid, 2)


def test_missing_slices_are_seen(exams: Path) -> None:
    headers = slices(exams, "0002_T1w")
    assert len(headers) > 4
    (one,) = group_series(headers[:2] + headers[3:])
    assert one.fault == "there is a gap between its slices"
    (one,) = group_series(headers, damaged=[headers[0].series])
    assert one.fault == "1 of its files can't be used"
