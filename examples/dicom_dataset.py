"""`--dicom`: the phantom as the DICOM series that the three scanners would send.

``<participant>/<series number>_<description>/<instance>.dcm``; the names, dates and serial
numbers in the headers are made up, so that there is something to remove.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..system.errors import ConfigError
from .dataset import Options
from .dicom_slices import Plane, cut, mosaic, pixel_spacing, slice_count
from .dicom_vendors import MARKS, Weighting
from .exam import Series, plan_exam
from .grids import Grid
from .images import make_scheme, render
from .participants import Participant, draw_participants
from .sidecars import DEPARTMENT, institution, phase_lines
from .texts import json_text
from .tissues import Composition, compose
from .truth import make_truth
from .vendor_keys import Played, played

_MR = "1.2.840.10008.5.1.4.1.1.4"
_EXPLICIT = "1.2.840.10008.1.2.1"
_MAKERS = {"siemens": "SIEMENS", "ge": "GE MEDICAL SYSTEMS", "philips": "Philips Medical Systems"}


def write_dicom(folder: Path, options: Options) -> list[Participant]:
    """Write every participant's exam as DICOM series, and truth.json, into an empty folder.

    Raises
    ------
    ConfigError
        pydicom is not installed.
    """
    pydicom = _pydicom()
    people = draw_participants(options.sites, options.participants, options.vendors, options.seed)
    truth = make_truth(people, options.seed, options.noise)
    (folder / "truth.json").write_text(json_text(truth), encoding="utf-8")
    for one in people:
        last: tuple[Grid, Composition] | None = None
        for series in plan_exam(one, options.seed, options.size).values():
            grid = series.grid
            if last is None or not _same(last[0], grid):
                last = grid, compose(one.anatomy, grid)
            image = render(one, series.contrast, last[1], options.noise, options.seed)
            place = folder / one.label / f"{series.number:04d}_{series.description}"
            place.mkdir(parents=True)
            _write_series(pydicom, place, series, image)
    return people


def _pydicom() -> Any:
    try:
        return importlib.import_module("pydicom")
    except ImportError:
        raise ConfigError("writing DICOM needs pydicom: pip install pydicom") from None


def _same(one: Grid, two: Grid) -> bool:
    return one.shape == two.shape and bool((one.affine == two.affine).all())


def _write_series(pydicom: Any, place: Path, series: Series, image: Any) -> None:
    vendor = series.participant.vendor
    play = played(vendor.name, series.contrast)
    weighted = series.contrast == "dwi"
    tiled = weighted and vendor.name == "siemens"
    scheme = make_scheme(vendor.scheme)
    planes = (mosaic if tiled else cut)(series.grid, image)
    for instance, plane in enumerate(planes, start=1):
        weighting = None
        if weighted:
            lps = scheme.directions[plane.volume] * np.array([-1, -1, 1])
            weighting = Weighting(float(scheme.b[plane.volume]), lps + 0.0)
        header = _header(pydicom, series, play, plane, instance)
        MARKS[vendor.name](header, series, plane, weighting)
        header.save_as(place / f"{instance:05d}.dcm", enforce_file_format=True)


def _header(pydicom: Any, series: Series, play: Played, plane: Plane, instance: int) -> Any:
    header = pydicom.dataset.Dataset()
    header.file_meta = pydicom.dataset.FileMetaDataset()
    for part in (_identity, _people, _sequence, _place):
        for keyword, value in part(series, play, plane, instance).items():
            setattr(header, keyword, value)
    meta = header.file_meta
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    meta.TransferSyntaxUID = _EXPLICIT
    meta.ImplementationClassUID = make_uid("spinegate")
    meta.ImplementationVersionName = "SPINEGATE"
    return header


def _identity(series: Series, play: Played, plane: Plane, instance: int) -> dict[str, Any]:
    name = series.participant.name
    date, time = series.participant.date.replace("-", ""), series.time.replace(":", "")
    times: dict[str, Any] = {}
    for kind in ("Study", "Series", "Acquisition", "Content"):
        times |= {f"{kind}Date": date, f"{kind}Time": time}
    if play.acquisition == "2D" and "MOSAIC" not in play.image_type:
        times["AcquisitionTime"] = _slice_time(series, plane)
    siemens = series.participant.vendor.name == "siemens"
    usual = plane.volume + 1 if siemens else 1
    philips = series.participant.vendor.name == "philips"
    return times | {
        "SpecificCharacterSet": "ISO_IR 100",
        "ImageType": list(play.image_type),
        "SOPClassUID": _MR,
        "SOPInstanceUID": make_uid(f"{name} {series.number} {instance}"),
        "StudyInstanceUID": make_uid(f"{name} study"),
        "SeriesInstanceUID": make_uid(f"{name} {series.number}"),
        "FrameOfReferenceUID": make_uid(f"{name} frame"),
        "Modality": "MR",
        "StudyID": "1",
        "AccessionNumber": "",
        "StudyDescription": "spine generic",
        "PerformedProcedureStepDescription": "spine generic",
        "SeriesDescription": series.description,
        "ProtocolName": series.description,
        "SeriesNumber": series.number,
        "AcquisitionNumber": series.number // 100 if philips else usual,
        "InstanceNumber": instance,
    }


def _slice_time(series: Series, plane: Plane) -> str:
    """Return the slice's own AcquisitionTime; equal ones would mean simultaneous slices."""
    hours, minutes, seconds = series.time.split(":")
    later = plane.slice_number * series.timing.tr / slice_count(series.grid)
    total = round((int(hours) * 3600 + int(minutes) * 60 + float(seconds) + later) * 1e6)
    whole, fraction = divmod(total, 1_000_000)
    return f"{whole // 3600:02d}{whole // 60 % 60:02d}{whole % 60:02d}.{fraction:06d}"


def _people(series: Series, play: Played, plane: Plane, instance: int) -> dict[str, Any]:
    participant, vendor = series.participant, series.participant.vendor
    keys: dict[str, Any] = {
        "Manufacturer": _MAKERS[vendor.name],
        "ManufacturerModelName": vendor.model,
        "SoftwareVersions": vendor.software.split("\\"),
        "DeviceSerialNumber": "000001",
        "StationName": f"PH{vendor.name.upper()}",
        "InstitutionName": institution(participant.site),
        "InstitutionAddress": "1 Cord Street, Phantomtown",
        "InstitutionalDepartmentName": DEPARTMENT,
        "ReferringPhysicianName": "Hantom^P",
        "PatientName": f"Phantom^{participant.label}",
        "PatientID": participant.label,
        "PatientBirthDate": f"{int(participant.date[:4]) - participant.age}0101",
        "PatientSex": participant.sex,
        "PatientAge": f"{participant.age:03d}Y",
        "PatientSize": _ds(participant.height / 100),
        "PatientWeight": participant.weight,
        "BodyPartExamined": "CSPINE",
        "PatientPosition": "HFS",
    }
    return keys if vendor.name == "siemens" else keys | {"ReceiveCoilName": vendor.coil}


def _sequence(series: Series, play: Played, plane: Plane, instance: int) -> dict[str, Any]:
    vendor, timing = series.participant.vendor, series.timing
    keys: dict[str, Any] = {
        "ScanningSequence": play.sequence.split("\\"),
        "SequenceVariant": play.variant.split("\\"),
        "MRAcquisitionType": play.acquisition,
        "RepetitionTime": _ds(timing.tr * 1000),
        "EchoTime": _ds(timing.te * 1000),
        "NumberOfAverages": 1,
        "ImagingFrequency": _ds(vendor.frequency),
        "ImagedNucleus": "1H",
        "EchoNumbers": 1,
        "MagneticFieldStrength": 3,
        "NumberOfPhaseEncodingSteps": phase_lines(series, play),
        "EchoTrainLength": play.train,
        "PercentSampling": 100,
        "PercentPhaseFieldOfView": _ds(play.phase_fov),
        "PixelBandwidth": _ds(play.bandwidth),
        "InPlanePhaseEncodingDirection": play.phase,
        "FlipAngle": _ds(timing.flip),
        "SAR": _ds(series.sar),
        "AcquisitionMatrix": _matrix(series, play),
    }
    if play.options:
        keys["ScanOptions"] = play.options.split("\\")
    if play.name:
        keys["SequenceName"] = play.name
    if timing.ti is not None:
        keys["InversionTime"] = _ds(timing.ti * 1000)
    if vendor.name != "siemens" or play.acquisition == "2D":
        keys["SpacingBetweenSlices"] = _ds(pixel_spacing(series.grid)[2])
    return keys


def _matrix(series: Series, play: Played) -> list[int]:
    """Return AcquisitionMatrix: frequency rows and columns, phase rows and columns."""
    x, y, z = series.participant.vendor.geometry[series.family].matrix
    columns, rows = (y, z) if series.grid.plane == "sagittal" else (x, y)
    lines = phase_lines(series, play)
    return [rows, 0, 0, lines] if play.phase == "ROW" else [0, columns, lines, 0]


def _place(series: Series, play: Played, plane: Plane, instance: int) -> dict[str, Any]:
    between_rows, between_columns, between_slices = pixel_spacing(series.grid)
    row, column, along = series.grid.dicom_axes()
    rows, columns = plane.pixels.shape
    return {
        "SliceThickness": _ds(between_slices),
        "ImagePositionPatient": [_ds(x) for x in plane.position.tolist()],
        "ImageOrientationPatient": [_ds(x) for x in (*row.tolist(), *column.tolist())],
        "SliceLocation": _ds(float(plane.position @ along)),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": rows,
        "Columns": columns,
        "PixelSpacing": [_ds(between_rows), _ds(between_columns)],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "PixelData": plane.pixels.astype("<u2").tobytes(),
    }


def make_uid(text: str) -> str:
    """Return a UID that is the same for the same text (UUID-derived, root 2.25)."""
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])}"


def _ds(value: float) -> str:
    """Write a decimal string of at most 16 bytes."""
    text = f"{value + 0.0:.10g}"
    if len(text) > 16:
        text = f"{value:.8f}"
    return re.sub(r"^-0(\.0*)?$", "0", text)
