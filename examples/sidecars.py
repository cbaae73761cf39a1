"""The JSON sidecars, with the keys and units of dcm2niix and of BIDS."""

from __future__ import annotations

import json
from typing import Any

from .exam import Series
from .protocol import CONTRASTS
from .vendor_keys import Played, played

CONVERTER = "v1.0.20250505"
DEPARTMENT = "Phantoms"


def make_sidecar(series: Series, echo: int | None = None) -> dict[str, Any]:
    """Return the sidecar of a raw image.

    Parameters
    ----------
    series
        The series as acquired.
    echo
        The echo of a multi-echo T2star, from 1; None for the combined image.
    """
    participant, vendor, timing = series.participant, series.participant.vendor, series.timing
    play = played(vendor.name, series.contrast)
    meta: dict[str, Any] = {
        "Modality": "MR",
        "MagneticFieldStrength": 3,
        "ImagingFrequency": vendor.frequency,
        "Manufacturer": vendor.manufacturer,
        "ManufacturersModelName": vendor.model,
        "InstitutionName": institution(participant.site),
        "InstitutionalDepartmentName": DEPARTMENT,
        "BodyPartExamined": "CSPINE",
        "PatientPosition": "HFS",
        "ProcedureStepDescription": "spine generic",
        "SoftwareVersions": vendor.software,
        "MRAcquisitionType": play.acquisition,
        "SeriesDescription": series.description,
        "ProtocolName": series.description,
        "ScanningSequence": play.sequence,
        "SequenceVariant": play.variant,
    }
    if play.options:
        meta["ScanOptions"] = play.options
    if vendor.name == "siemens":
        meta["SequenceName"] = play.name
        meta["NonlinearGradientCorrection"] = "DIS2D" in play.image_type
    meta |= {
        "ImageType": list(play.image_type),
        "SeriesNumber": series.number,
        "AcquisitionTime": series.time,
        "AcquisitionNumber": series.number // 100 if vendor.name == "philips" else 1,
    }
    if vendor.name == "philips":
        meta |= _philips(series)
    meta["SliceThickness"] = series.grid.spacing[2 if series.grid.plane == "axial" else 0]
    if vendor.name != "siemens" or play.acquisition == "2D":
        meta["SpacingBetweenSlices"] = meta["SliceThickness"]
    meta["SliceThickness"] = round(meta["SliceThickness"], 4)
    meta["TablePosition"] = list(series.table)
    meta["SAR"] = series.sar
    meta["EchoTime"] = timing.te if echo is None else vendor.echoes[echo - 1]
    if echo is not None:
        meta["EchoNumber"] = echo
    meta["RepetitionTime"] = timing.tr
    meta["FlipAngle"] = timing.flip
    if timing.ti is not None:
        meta["InversionTime"] = timing.ti
    if series.family == "MTS":
        meta["RepetitionTimeExcitation"] = timing.tr
        meta["MTState"] = series.contrast == "MTon"
    if vendor.name == "siemens":
        meta |= _siemens(series, play)
    elif vendor.name == "ge":
        meta |= {"ShimSetting": list(series.shim), "CoilString": vendor.coil}
    else:
        meta["CoilString"] = vendor.coil
    meta |= _encoding(series, play)
    meta["ImagePositionPatientDICOM"] = [round(x, 5) for x in series.grid.position(0).tolist()]
    meta["ImageOrientationPatientDICOM"] = series.grid.orientation()
    meta["InPlanePhaseEncodingDirectionDICOM"] = play.phase
    meta["FrameOfReferenceHash"] = series.frame_of_reference
    meta["ConversionSoftware"] = "dcm2niix"
    meta["ConversionSoftwareVersion"] = CONVERTER
    return _tidy(meta)


def institution(site: str) -> str:
    """Return the made-up name of a site."""
    return f"Phantom institute {site}"


def sidecar_text(meta: dict[str, Any]) -> str:
    """Write a sidecar as dcm2niix lays it out: one key a line, indented by tabs."""
    return json.dumps(meta, indent="\t", ensure_ascii=False) + "\n"


def _siemens(series: Series, play: Played) -> dict[str, Any]:
    return {
        "PartialFourier": play.partial,
        "BaseResolution": play.base,
        "ShimSetting": list(series.shim),
        "TxRefAmp": series.reference,
        "PhaseResolution": 1,
        "ReceiveCoilName": series.participant.vendor.coil,
        "ReceiveCoilActiveElements": "HC5-7;NC1,2",
        "CoilString": "HC5-7;NC1,2",
        "CoilCombinationMethod": "Adaptive Combine",
        "MatrixCoilMode": "GRAPPA" if play.acceleration > 1 else "None",
        "PulseSequenceDetails": play.details,
        "ConsistencyInfo": "N4_VE11C_LATEST_20160120",
        "ImageScaleCorrectionFactor": series.scale_correction,
        "OverallImageScaleFactor": series.overall_scale,
        "FFTScaleFactor": list(series.channel_scales),
    }


def _philips(series: Series) -> dict[str, Any]:
    return {
        "PhilipsRescaleSlope": series.rescale_slope,
        "PhilipsRescaleIntercept": 0,
        "PhilipsScaleSlope": series.scale_slope,
        "UsePhilipsFloatNotDisplayScaling": 1,
    }


def _encoding(series: Series, play: Played) -> dict[str, Any]:
    geometry = series.participant.vendor.geometry[series.family]
    lines = phase_lines(series, play)
    keys: dict[str, Any] = {"PercentPhaseFOV": play.phase_fov, "PercentSampling": 100}
    if play.train > 1:
        keys["EchoTrainLength"] = play.train
    keys |= {
        "PhaseEncodingSteps": lines,
        "AcquisitionMatrixPE": lines,
        "ReconMatrixPE": geometry.matrix[1],
    }
    if play.acceleration > 1:
        keys["ParallelReductionFactorInPlane"] = play.acceleration
    keys["PixelBandwidth"] = play.bandwidth
    if play.spacing:
        keys["EffectiveEchoSpacing"] = play.spacing
        keys["TotalReadoutTime"] = round(play.spacing * (geometry.matrix[1] - 1), 6)
        keys["PhaseEncodingDirection"] = "j-"
    return keys


def phase_lines(series: Series, play: Played) -> int:
    """Return the number of phase encoding lines that the protocol acquires."""
    return play.lines or series.participant.vendor.geometry[series.family].matrix[1]


def _tidy(meta: dict[str, Any]) -> dict[str, Any]:
    """Write whole numbers as dcm2niix does: 2, not 2.0."""

    def tidy(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, float):
            return round(value, 9)
        return [tidy(item) for item in value] if isinstance(value, list) else value

    return {key: tidy(value) for key, value in meta.items()}


def bids_stem(name: str, contrast: str, echo: int | None = None) -> str:
    """Return the file name of a raw image without its extension."""
    suffix = CONTRASTS[contrast].suffix
    return f"{name}_{suffix}" if echo is None else f"{name}_echo-{echo}_{suffix}"
