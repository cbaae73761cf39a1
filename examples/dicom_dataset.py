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
from .dicom_slices import Plane, cut, mosaic, pixel_spacing
from .dicom_vendors import MARKS, Weighting
from .exam import Series, plan_exam
from .grids import Grid
from .images import make_scheme, render
from .participants import Participant, draw_participants
from .sidecars import institution
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
        raise ConfigError(
            "writing DICOM needs pydicom: pip install 'spinegate[phantom]'"
        ) from None


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
    participant, vendor, timing = series.participant, series.participant.vendor, series.timing
    date, time = participant.date.replace("-", ""), series.time.replace(":", "")
    header = pydicom.dataset.Dataset()
    meta = pydicom.dataset.FileMetaDataset()
    study, frame = f"{participant.name} study", f"{participant.name} frame"
    uid = make_uid(f"{participant.name} {series.number} {instance}")
    meta.MediaStorageSOPClassUID = header.SOPClassUID = _MR
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = uid
    meta.TransferSyntaxUID = _EXPLICIT
    meta.ImplementationClassUID = make_uid("spinegate")
    meta.ImplementationVersionName = "SPINEGATE"
    header.file_meta = meta
    header.SpecificCharacterSet = "ISO_IR 100"
    header.ImageType = list(play.image_type) + _tile_mark(series)
    for kind in ("Study", "Series", "Acquisition", "Content"):
        setattr(header, f"{kind}Date", date)
        setattr(header, f"{kind}Time", time)
    header.AccessionNumber = ""
    header.Modality = "MR"
    header.Manufacturer = _MAKERS[vendor.name]
    header.InstitutionName = institution(participant.site)
    header.InstitutionAddress = "1 Cord Street, Phantomtown"
    header.InstitutionalDepartmentName = "Phantoms"
    header.ReferringPhysicianName = "Hantom^P"
    header.StationName = f"PH{vendor.name.upper()}"[:16]
    header.StudyDescription = "spine generic"
    header.SeriesDescription = header.ProtocolName = series.description
    header.ManufacturerModelName = vendor.model
    header.PatientName = f"Phantom^{participant.label}"
    header.PatientID = participant.label
    header.PatientBirthDate = f"{int(date[:4]) - participant.age}0101"
    header.PatientSex = participant.sex
    header.PatientAge = f"{participant.age:03d}Y"
    header.PatientSize = participant.height / 100
    header.PatientWeight = participant.weight
    header.BodyPartExamined = "CSPINE"
    header.ScanningSequence = play.sequence.split("\\")
    header.SequenceVariant = play.variant.split("\\")
    if play.options:
        header.ScanOptions = play.options.split("\\")
    header.MRAcquisitionType = play.acquisition
    if play.name:
        header.SequenceName = play.name
    header.RepetitionTime = _ds(timing.tr * 1000)
    header.EchoTime = _ds(timing.te * 1000)
    if timing.ti is not None:
        header.InversionTime = _ds(timing.ti * 1000)
    header.NumberOfAverages = 1
    header.ImagingFrequency = _ds(vendor.frequency)
    header.ImagedNucleus = "1H"
    header.EchoNumbers = 1
    header.MagneticFieldStrength = 3
    header.NumberOfPhaseEncodingSteps = series.grid.shape[1]
    header.EchoTrainLength = play.train
    header.PercentSampling = 100
    header.PercentPhaseFieldOfView = _ds(play.phase_fov)
    header.PixelBandwidth = _ds(play.bandwidth)
    header.DeviceSerialNumber = "000001"
    header.SoftwareVersions = vendor.software.split("\\")
    if vendor.name != "siemens":
        header.ReceiveCoilName = vendor.coil
    header.InPlanePhaseEncodingDirection = play.phase
    header.FlipAngle = _ds(timing.flip)
    header.SAR = _ds(series.sar)
    header.PatientPosition = "HFS"
    header.StudyInstanceUID = make_uid(study)
    header.SeriesInstanceUID = make_uid(f"{participant.name} {series.number}")
    header.FrameOfReferenceUID = make_uid(frame)
    header.StudyID = "1"
    header.SeriesNumber = series.number
    header.AcquisitionNumber = _acquisition_number(series, plane)
    header.InstanceNumber = instance
    _place(header, series, plane)
    return header


def _place(header: Any, series: Series, plane: Plane) -> None:
    between_rows, between_columns, between_slices = pixel_spacing(series.grid)
    row, column, along = series.grid.dicom_axes()
    header.SliceThickness = header.SpacingBetweenSlices = _ds(between_slices)
    header.ImagePositionPatient = [_ds(x) for x in plane.position.tolist()]
    header.ImageOrientationPatient = [_ds(x) for x in (*row.tolist(), *column.tolist())]
    header.SliceLocation = _ds(float(plane.position @ along))
    rows, columns = plane.pixels.shape
    header.AcquisitionMatrix = [0, columns, rows, 0]
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.Rows, header.Columns = rows, columns
    header.PixelSpacing = [_ds(between_rows), _ds(between_columns)]
    header.BitsAllocated = header.BitsStored = 16
    header.HighBit = 15
    header.PixelRepresentation = 0
    header.PixelData = plane.pixels.astype("<u2").tobytes()


def _tile_mark(series: Series) -> list[str]:
    vendor = series.participant.vendor.name
    return ["MOSAIC"] if vendor == "siemens" and series.contrast == "dwi" else []


def _acquisition_number(series: Series, plane: Plane) -> int:
    vendor = series.participant.vendor.name
    if vendor == "philips":
        return series.number // 100
    return plane.volume + 1 if vendor == "siemens" else 1


def make_uid(text: str) -> str:
    """Return a UID that is the same for the same text (UUID-derived, root 2.25)."""
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])}"


def _ds(value: float) -> str:
    """Write a decimal string of at most 16 bytes."""
    text = f"{value + 0.0:.10g}"
    if len(text) > 16:
        text = f"{value:.8f}"
    return re.sub(r"^-0(\.0*)?$", "0", text)
