"""Siemens's CSA header: the binary list of tags in (0029,1010) and (0029,1020), version SV10.

Layout after nibabel's description of it (nibabel.nicom.csareader, doc "Siemens format DICOM with
CSA header"): "SV10", four fixed bytes, the number of tags, 77; then per tag its name (64 bytes),
multiplicity, VR, syngo data type, number of items, 77; then per item four lengths and the text,
padded to four bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from .exam import Series
from .vendor_keys import Played

# A tag: its VR and its values as text; the syngo data types are those of real headers.
Tag = tuple[str, Sequence[str]]
_DATA_TYPES = {"IS": 6, "DS": 3, "FD": 4, "LO": 19, "SH": 22, "CS": 16, "US": 10, "SL": 7, "UN": 0}
_ITEMS = 6
_MARK = 77


def pack_csa(tags: Mapping[str, Tag]) -> bytes:
    """Return the header's bytes for tags in their order."""
    parts = [b"SV10\x04\x03\x02\x01", struct.pack("<II", len(tags), _MARK)]
    for name, (kind, values) in tags.items():
        items = list(values) + [""] * (_ITEMS - len(values))
        parts.append(
            struct.pack(
                "<64si4siii",
                name.encode("ascii"),
                len(values),
                kind.encode("ascii"),
                _DATA_TYPES[kind],
                len(items),
                _MARK,
            )
        )
        for number, item in enumerate(items):
            text = item.encode("latin-1") + b"\0" if number < len(values) else b""
            parts.append(struct.pack("<4i", len(text), len(text), _MARK, len(text)))
            parts.append(text + b"\0" * (-len(text) % 4))
    return b"".join(parts) + b"\0" * 4


def series_header(series: Series, play: Played, slices: int) -> bytes:
    """Return the series' header, which holds the protocol as text."""
    protocol = (
        '<XProtocol> \n{\n  <Name> "PhoenixMetaProtocol" \n  <ID> 1000002 \n'
        "  <Userversion> 2.0 \n}\n" + asc_conv(series, play, slices)
    )
    return pack_csa(
        {
            "UsedPatientWeight": ("IS", [str(series.participant.weight)]),
            "TransmitterCalibration": ("DS", [f"{series.reference:.6f}"]),
            "MrProtocolVersion": ("IS", ["51130001"]),
            "CoilString": ("LO", ["HC5-7;NC1,2"]),
            "MrPhoenixProtocol": ("UN", [protocol]),
        }
    )


def asc_conv(series: Series, play: Played, slices: int) -> str:
    """Return the protocol's text between the ASCCONV marks, as MrPhoenixProtocol holds it."""
    vendor, timing = series.participant.vendor, series.timing
    offsets, currents = series.shim[:3], series.shim[3:]
    selection = "sCoilSelectMeas.aRxCoilSelectData[0]"
    lines: list[tuple[str, str]] = [
        ("ulVersion", "51130001"),
        ("tSequenceFileName", f'""{play.details}""'),
        ("tProtocolName", f'""{series.description}""'),
        ("sProtConsistencyInfo.tMeasuredBaselineString", '""N4_VE11C_LATEST_20160120""'),
        ("sProtConsistencyInfo.tBaselineString", '""N4_VE11C_LATEST_20160120""'),
        ("sProtConsistencyInfo.flNominalB0", "2.89362001419"),
        ("sGRADSPEC.bShimCurrentValid", "1"),
        *(
            (f"sGRADSPEC.asGPAData[0].lOffset{axis}", str(value))
            for axis, value in zip("XYZ", offsets, strict=True)
        ),
        ("sGRADSPEC.alShimCurrent.__attribute__.size", "15"),
        *((f"sGRADSPEC.alShimCurrent[{i}]", str(value)) for i, value in enumerate(currents)),
        ("sTXSPEC.asNucleusInfo[0].tNucleus", '""1H""'),
        ("sTXSPEC.asNucleusInfo[0].lFrequency", str(round(vendor.frequency * 1e6))),
        ("sTXSPEC.asNucleusInfo[0].flReferenceAmplitude", f"{series.reference:.6f}"),
        ("alTR[0]", str(round(timing.tr * 1e6))),
        *([("alTI[0]", str(round(timing.ti * 1e6)))] if timing.ti else []),
        ("alTE[0]", str(round(timing.te * 1e6))),
        ("adFlipAngleDegree[0]", str(timing.flip)),
        ("lContrasts", "1"),
        ("sSliceArray.lSize", str(slices if play.acquisition == "2D" else 1)),
        ("sKSpace.lBaseResolution", str(play.base)),
        ("sKSpace.lPhaseEncodingLines", str(series.grid.shape[1])),
        ("sKSpace.dPhaseResolution", "1.0"),
        ("sKSpace.ucDimension", "0x4" if play.acquisition == "3D" else "0x2"),
        ("sKSpace.ucPhasePartialFourier", "8" if play.partial < 1 else "16"),
        ("ucCoilCombineMode", "0x2"),
        *(
            [("sPat.lAccelFactPE", str(play.acceleration)), ("sPat.ucPATMode", "0x2")]
            if play.acceleration > 1
            else []
        ),
        ("sPreScanNormalizeFilter.ucMode", "2" if "NORM" in play.image_type else "1"),
        ("sPreScanNormalizeFilter.ucOn", "0x1"),
        ("sCoilSelectMeas.dOverallImageScaleFactor", str(series.overall_scale)),
        ("sCoilSelectMeas.dOverallImageScaleCorrectionFactor", str(series.scale_correction)),
    ]
    lines.append(("sCoilSelectMeas.sCoilStringForConversion", '""HC5-7;NC1,2""'))
    elements = ("HC5", "HC6", "HC7", "NC1", "NC2")
    for i, element in enumerate(elements):
        place = f"{selection}.asList[{i}].sCoilElementID"
        lines.append((f"{place}.tCoilID", f'""{vendor.coil}""'))
        lines.append((f"{place}.tElement", f'""{element}""'))
    for i, factor in enumerate(series.channel_scales):
        lines.append((f"{selection}.aFFT_SCALE[{i}].flFactor", str(factor)))
    body = "".join(f"{key}\t = \t{value}\n" for key, value in lines)
    return (
        "### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=51130001 "
        f"converter=%MEASCONST%/ConverterList/Prot_Converter.txt ###\n{body}### ASCCONV END ###\n"
    )
