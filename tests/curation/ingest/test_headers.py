"""DICOM headers from strangers: what is broken is missing, and nothing crashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.ingest.headers import (
    HeaderError,
    number_of,
    numbers_of,
    plain,
    private_value,
    read_header,
    shared_value,
    text_of,
    value_of,
    words_of,
)
from spinegate.system.errors import SpinegateError

pydicom = pytest.importorskip("pydicom")
PREAMBLE = b"\0" * 128 + b"DICM"


def first(exams: Path, vendor: str = "siemens") -> Path:
    return sorted(exams.glob(f"{vendor}A01/*/*.dcm"))[0]


def test_a_header_is_read_without_its_pixels(exams: Path) -> None:
    header = read_header(first(exams))
    assert "PixelData" not in header
    assert text_of(value_of(header, "ImageType")).startswith("ORIGINAL\\PRIMARY")
    assert number_of(value_of(header, "RepetitionTime"))
    assert len(numbers_of(value_of(header, "ImagePositionPatient"), 3) or ()) == 3


def test_only_what_is_asked_for_is_read(exams: Path) -> None:
    header = read_header(first(exams), ["InstanceNumber"])
    assert value_of(header, "InstanceNumber") == 1
    assert value_of(header, "PatientName") is None


def test_a_file_without_preamble_is_read(exams: Path, tmp_path: Path) -> None:
    header = pydicom.dcmread(first(exams), stop_before_pixels=True)
    content = first(exams).read_bytes()[132:]
    (tmp_path / "old").write_bytes(content)
    assert value_of(read_header(tmp_path / "old"), "PatientID") == header.PatientID


@pytest.mark.parametrize(
    "content",
    [b"", b"no", PREAMBLE, PREAMBLE + b"\xff" * 600, b"\x08\x00", b"{}" * 400],
)
def test_what_is_no_dicom_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(HeaderError, match=r"^x: "):
        read_header(tmp_path / "x")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(HeaderError, match="No such file"):
        read_header(tmp_path / "x")


def test_a_deflated_file_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    header = pydicom.dataset.Dataset()
    header.PatientName = "A" * 60
    header.file_meta = pydicom.dataset.FileMetaDataset()
    header.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = pydicom.uid.MRImageStorage
    header.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    header.save_as(tmp_path / "bomb", enforce_file_format=True)
    with pytest.raises(HeaderError, match="deflated"):
        read_header(tmp_path / "bomb")


def test_deep_nesting_is_no_crash(tmp_path: Path) -> None:
    start = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    content = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" + start * 5000
    (tmp_path / "deep").write_bytes(content)
    with pytest.raises(HeaderError):
        value_of(read_header(tmp_path / "deep"), (0x0008, 0x1140))


@given(cut=st.integers(0, 6000), noise=st.binary(max_size=40), at=st.integers(0, 6000))
def test_damaged_files_never_crash(
    exams: Path, tmp_path_factory: pytest.TempPathFactory, cut: int, noise: bytes, at: int
) -> None:
    content = first(exams).read_bytes()
    content = content[:at] + noise + content[at + len(noise) : cut + at]
    path = tmp_path_factory.mktemp("x") / "x"
    path.write_bytes(content)
    try:
        header = read_header(path)
    except HeaderError:
        return
    for tag in list(header.keys()):
        text_of(value_of(header, tag))
        numbers_of(value_of(header, tag))


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(ANYTHING)
def test_any_value_becomes_text_and_finite_numbers_or_nothing(value: Any) -> None:
    assert all(word.isprintable() for word in words_of(value))
    numbers = numbers_of(value)
    assert numbers is None or all(number - number == 0 for number in numbers)


def test_numbers_are_written_as_dcm2niix_does() -> None:
    assert repr(plain(2.0)) == "2"
    assert repr(plain(2.5)) == "2.5"
    assert numbers_of(["1", "x"]) is None
    assert numbers_of([1, 2], 3) is None
    assert number_of([1, 2]) is None
    assert number_of("nan") is None


def test_bad_values_are_missing() -> None:
    header = pydicom.dataset.Dataset()
    header.add_new((0x0018, 0x0080), "LO", "fast")
    assert number_of(value_of(header, "RepetitionTime")) is None
    assert value_of(header, "NoSuchKeyword") is None
    assert private_value(header, 0x29, "SIEMENS CSA HEADER", 0x10) is None
    assert shared_value(header, "PlanePositionSequence", "ImagePositionPatient") is None


def test_without_pydicom_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import importlib

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(SpinegateError, match=r"pip install 'spinegate\[curate\]'"):
        read_header(tmp_path / "x")
