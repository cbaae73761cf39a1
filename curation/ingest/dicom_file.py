"""One DICOM file as a value: what tells its series and its place, its pixels never read."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...system.errors import SpinegateError
from .archive import Found, Skipped
from .headers import quiet

_TAGS = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "Modality", "ImageType"),
    *("SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName"),
    *("SeriesNumber", "SeriesDescription", "ProtocolName", "InstanceNumber", "AcquisitionNumber"),
    *("SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime"),
    *("Rows", "Columns", "NumberOfFrames", "BitsAllocated", "SamplesPerPixel"),
    *("ImagePositionPatient", "ImageOrientationPatient", "EchoNumbers", "ScanOptions"),
    *("SequenceVariant", "TemporalPositionIdentifier"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
)
_PREAMBLE = 128
_RAW = (b"\x08\x00", b"\x02\x00")
_IMPLICIT = "1.2.840.10008.1.2"
_UNCOMPRESSED = (_IMPLICIT, "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
_DIRECTORY = "1.2.840.10008.1.3.10"
_FRAMES = 100_000
_TEXT = 300


@dataclass(frozen=True, slots=True)
class DicomFile:
    """What one file says of itself.

    Attributes
    ----------
    position
        Image position along the slice normal, mm; None where the file doesn't tell it, or holds
        many slices.
    pulse
        Whether the MT pulse was on; None where nothing is said.
    frames
        Number of frames; 1 for a file of one slice (or one mosaic).
    """

    found: Found
    series: str
    study: str
    patient: str
    frame: str
    number: int
    instance: int
    description: str
    protocol: str
    time: str
    image_type: tuple[str, ...]
    echo: int
    temporal: int
    position: float | None
    pulse: bool | None
    frames: int
    size: tuple[int, int]
    instance_uid: str = field(default="", repr=False)


def read_files(files: Iterable[Found]) -> Iterator[DicomFile | Skipped]:
    """Read files in turn; what is no MR image comes back with the reason.

    Raises
    ------
    SpinegateError
        pydicom is not installed.
    """
    try:
        import pydicom
    except ImportError:
        raise SpinegateError(
            "reading DICOM needs pydicom: pip install 'spinegate[curate]'"
        ) from None
    with quiet():
        for found in files:
            yield _read(pydicom, found)


def _read(pydicom: Any, found: Found) -> DicomFile | Skipped:
    try:
        with found.path.open("rb") as file:
            start = file.read(_PREAMBLE + 4)
            marked = start[_PREAMBLE:] == b"DICM"
            if not marked and start[:2] not in _RAW:
                return Skipped(found.name, "not a DICOM file")
            file.seek(0)
            header = pydicom.dcmread(
                file, stop_before_pixels=True, specific_tags=list(_TAGS), force=not marked
            )
            missing = _missing(header, os.fstat(file.fileno()).st_size - file.tell())
            return _header(header, found, missing)
    except OSError as error:
        return Skipped(found.name, f"can't be read: {error.strerror}", bad=True)
    except MemoryError:
        return Skipped(found.name, "damaged: its header asks for too much memory", bad=True)
    except Exception as error:  # a broken header can raise anything in the parser
        return Skipped(found.name, f"damaged: {type(error).__name__}: {error}"[:_TEXT], bad=True)


def _missing(header: Any, left: int) -> int:
    """Return how many bytes of the pixels a file lacks; 0 where they are compressed."""
    syntax = str(getattr(header.file_meta, "TransferSyntaxUID", ""))
    if syntax not in _UNCOMPRESSED or not header.get("Rows"):
        return 0
    frames = max(_whole(header.get("NumberOfFrames")), 1)
    sample = _whole(header.get("SamplesPerPixel", 1)) * _whole(header.get("BitsAllocated", 16))
    wanted = int(header.Rows) * int(header.Columns) * frames * sample // 8
    start = 8 if syntax == _IMPLICIT else 12  # the reader stops before the element's own head
    return max(wanted + start - left, 0)


def _header(header: Any, found: Found, missing: int) -> DicomFile | Skipped:
    kind = str(header.get("SOPClassUID", "")) or str(
        getattr(header.file_meta, "MediaStorageSOPClassUID", "")
    )
    if kind == _DIRECTORY:
        return Skipped(found.name, "an index of DICOM files (DICOMDIR)")
    series = _text(header.get("SeriesInstanceUID"))
    if not series or not header.get("Rows") or not header.get("Columns"):
        return Skipped(found.name, "a DICOM file without an image")
    if _text(header.get("Modality", "MR")) != "MR":
        return Skipped(found.name, f"not MR but {_text(header.Modality)}")
    number = _whole(header.get("SeriesNumber"))
    if missing:
        reason = f"cut off: {missing:,} bytes of the image are missing (series {number})"
        return Skipped(found.name, reason, bad=True, series=series)
    frames = max(_whole(header.get("NumberOfFrames")), 1)
    if frames > _FRAMES:
        return Skipped(found.name, f"says that it holds {frames:,} frames", bad=True)
    return DicomFile(
        found,
        series,
        study=_text(header.get("StudyInstanceUID")),
        patient=f"{_text(header.get('PatientID'))}\n{_text(header.get('PatientName'))}",
        frame=_text(header.get("FrameOfReferenceUID")),
        number=number,
        instance=_whole(header.get("InstanceNumber")),
        description=_text(header.get("SeriesDescription")),
        protocol=_text(header.get("ProtocolName")),
        time=_time(header),
        image_type=_words(header.get("ImageType")),
        echo=_whole(header.get("EchoNumbers")),
        temporal=_whole(header.get("TemporalPositionIdentifier")),
        position=_position(header) if frames == 1 else None,
        pulse=_pulse(header),
        frames=frames,
        size=(_whole(header.Rows), _whole(header.Columns)),
        instance_uid=_text(header.get("SOPInstanceUID")),
    )


def _time(header: Any) -> str:
    """Return when the acquisition began, as text that sorts; "" where nothing says."""
    whole = _text(header.get("AcquisitionDateTime"))
    if whole:
        return whole
    for kind in ("Acquisition", "Series"):
        day, time = (_text(header.get(f"{kind}{part}")) for part in ("Date", "Time"))
        if time:
            return day + time
    return ""


def _position(header: Any) -> float | None:
    """Project the position on the slice's normal."""
    place, axes = header.get("ImagePositionPatient"), header.get("ImageOrientationPatient")
    if not place or not axes or len(place) != 3 or len(axes) != 6:
        return None
    a, b, c, d, e, f = (float(x) for x in axes)
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    along = sum(float(x) * y for x, y in zip(place, normal, strict=True))
    return along if math.isfinite(along) else None


def _pulse(header: Any) -> bool | None:
    """Tell the MT pulse: by the enhanced header's own word, else by the vendors' words.

    None also where frames differ: then the file holds both images of a pair.
    """
    words = set()
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in header.get(name) or []:
            for modifier in (group.get("MRModifierSequence") or [])[:1]:
                words.add(_text(modifier.get("MagnetizationTransfer")).upper() or "NONE")
    if words:
        return None if "NONE" in words and len(words) > 1 else "NONE" not in words
    options = set(_words(header.get("ScanOptions")))
    if options & {"MT", "MT_GEMS", "MTC"} or "MTC" in _words(header.get("SequenceVariant")):
        return True
    return None


def _whole(value: object) -> int:
    """Read a whole number, the first of several; 0 where it is none."""
    if isinstance(value, str | bytes | int | float):
        one: Any = value
    else:
        try:
            one = next(iter(value), 0)  # type: ignore[call-overload]
        except TypeError:
            return 0
    try:
        return int(one)
    except (TypeError, ValueError, OverflowError):
        return 0


def _text(value: object) -> str:
    return "" if value is None else str(value)[:_TEXT].strip()


def _words(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = value.split("\\") if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    return tuple(_text(part) for part in parts[:20])
