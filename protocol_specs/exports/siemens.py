"""Siemens: the protocol printed as PDF or text, and the ASCCONV text inside exar1 archives."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from pathlib import Path

from ...system.errors import ConfigError
from .export import Export, Setting, Step

# A printout repeats some labels in several cards; the first one counts. Older software puts the
# value on the next line, which \s+ spans as well.
_NUMBER = r"\s+([0-9]+(?:\.[0-9]+)?)"
_PRINTED: dict[str, tuple[str, float]] = {
    "RepetitionTime": (rf"TR{_NUMBER}\s*ms", 1e-3),
    "EchoTime": (rf"TE(?:\s+1(?=\s+[0-9.]+\s*ms))?{_NUMBER}\s*ms", 1e-3),
    "InversionTime": (rf"TI{_NUMBER}\s*ms", 1e-3),
    "FlipAngle": (rf"Flip [Aa]ngle(?:\s+1(?=\s+[0-9.]+\s*deg))?{_NUMBER}\s*deg", 1),
    "SliceThickness": (rf"Slice [Tt]hickness{_NUMBER}\s*mm", 1),
    "BaseResolution": (rf"Base [Rr]esolution{_NUMBER}", 1),
    "PixelBandwidth": (rf"Bandwidth{_NUMBER}\s*Hz/Px", 1),
    "ParallelReductionFactorInPlane": (rf"Accel(?:eration|\.) [Ff]actor PE{_NUMBER}", 1),
    "ImageScaleCorrectionFactor": (rf"(?:Img\. Scale Cor\.|Image Scaling){_NUMBER}", 1),
}
_HEAD = re.compile(r"^\\\\[^\n]*\\([^\\\n]+?)[ \t]*\n\s*TA:", re.MULTILINE)
_SYSTEM = re.compile(r"^SIEMENS MAGNETOM (?:3\.0T )?(\S+)\s+(?:syngo MR|Numaris/X)?\s*(\S*)", re.M)
_NORMALISED = re.compile(r"^\s*(?:Prescan Normalize\s+On|Normalize\s+Prescan)\s*$", re.MULTILINE)
_DIRECTIONS = re.compile(rf"^\s*Diff\. [Dd]irections{_NUMBER}", re.MULTILINE)
_B_VALUE = re.compile(rf"^\s*b-value(?: [0-9]+)?{_NUMBER}\s*s/mm", re.MULTILINE)
_ASSIGNED = re.compile(r"^([A-Za-z0-9_.\[\]]+)[ \t]*=[ \t]*(\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
_LIMIT = 50_000_000


def is_printout(text: str) -> bool:
    """Say whether a text is a Siemens protocol printout."""
    return "SIEMENS MAGNETOM" in text and _HEAD.search(text) is not None


def read_printout(text: str, file: str) -> Export:
    """Read the text of a protocol printout (VB, VE or XA software)."""
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    steps = [
        _printed_step(head[1].strip(), text[head.end() : end])
        for head, end in zip(heads, ends, strict=False)
    ]
    system = _SYSTEM.search(text)
    unread = "field of view, orientation, saturation bands, shim, number of b = 0 images"
    if not any("BaseResolution" in step.values for step in steps):
        unread += "; most of it, since its labels are not English"
    return Export(
        file=file,
        kind="Siemens protocol printout",
        manufacturer="Siemens",
        model=system[1] if system else "",
        software=system[2].strip("-") if system else "",
        steps=tuple(steps),
        unread=unread,
    )


def read_exar(path: Path) -> Export:
    """Read an exar1 archive: a SQLite file whose protocols hold ASCCONV text.

    Raises
    ------
    ConfigError
        It isn't such a file.
    """
    steps = [step for text in _contents(path) if (step := _archived_step(text)) is not None]
    if not steps:
        raise ConfigError("this exar1 file holds no protocol that can be read", str(path))
    return Export(
        file=str(path),
        kind="Siemens exar1 archive",
        manufacturer="Siemens",
        model="",
        software="",
        steps=tuple({step.name: step for step in steps}.values()),
        unread="the scanner's model, field of view, orientation, shim, number of b = 0 images",
    )


def _printed_step(name: str, text: str) -> Step:
    values: dict[str, Setting] = {}
    for key, (pattern, scale) in _PRINTED.items():
        found = re.search(rf"^\s*{pattern}", text, re.MULTILINE)
        if found:
            values[key] = _rounded(float(found[1]) * scale)
    if _NORMALISED.search(text):
        values["ImageType"] = "NORM"
    shells = {float(found) for found in _B_VALUE.findall(text)} - {0.0}
    directions = _DIRECTIONS.search(text)
    return Step(
        name, values, int(float(directions[1])) if directions else None, tuple(sorted(shells))
    )


def _contents(path: Path) -> list[str]:
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(address, uri=True)
        try:
            blobs = [row[0] for row in connection.execute("select Data from Content")]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ConfigError(f"not an exar1 archive: {error}", str(path)) from None
    texts = []
    for blob in blobs:
        try:
            content = zlib.decompressobj(-15).decompress(blob, _LIMIT)
        except (zlib.error, TypeError):
            continue
        texts.append(content.decode("utf-8", "replace"))
    return texts


def _archived_step(text: str) -> Step | None:
    head, _, body = text.partition("\n")
    if "EdfProtocolContent" not in head:
        return None
    try:
        data = json.loads(body)["Data"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return ascconv_step(data) if isinstance(data, str) else None


def ascconv_step(text: str) -> Step | None:
    """Read the ASCCONV part of a Siemens protocol: `alTR[0] = 2000000`, times in microseconds."""
    told = dict(
        re.findall(r"^([A-Za-z0-9_.\[\]]+)[ \t]*=[ \t]*(\S[^\r\n]*?)[ \t]*\r?$", text, re.M)
    )
    name = told.get("tProtocolName", "").strip('"')
    if not name:
        return None
    values: dict[str, Setting] = {}
    for key, (source, scale) in {
        "RepetitionTime": ("alTR[0]", 1e-6),
        "EchoTime": ("alTE[0]", 1e-6),
        "InversionTime": ("alTI[0]", 1e-6),
        "FlipAngle": ("adFlipAngleDegree[0]", 1),
        "BaseResolution": ("sKSpace.lBaseResolution", 1),
        "ParallelReductionFactorInPlane": ("sPat.lAccelFactPE", 1),
        "ImageScaleCorrectionFactor": ("sCoilSelectMeas.dOverallImageScaleCorrectionFactor", 1),
    }.items():
        number = _number(told.get(source))
        if number is not None:
            values[key] = _rounded(number * scale)
    if "tfl" not in told.get("tSequenceFileName", ""):  # others keep a TI that nothing uses
        values.pop("InversionTime", None)
    thickness = _number(told.get("sSliceArray.asSlice[0].dThickness"))
    partitions = _number(told.get("sKSpace.lImagesPerSlab"))
    if thickness:
        is_3d = told.get("sKSpace.ucDimension") in {"4", "0x4"}
        values["SliceThickness"] = _rounded(
            thickness / partitions if is_3d and partitions else thickness
        )
    if told.get("sPreScanNormalizeFilter.ucOn") in {"0x1", "1"}:
        values["ImageType"] = "NORM"
    directions = _number(told.get("sDiffusion.lDiffDirections"))
    shells = [_number(told.get(f"sDiffusion.alBValue[{i}]")) for i in range(16)]
    return Step(
        name,
        values,
        int(directions) if directions else None,
        tuple(shell for shell in shells if shell) if directions else (),
    )


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _rounded(value: float) -> Setting:
    value = float(f"{value:.9g}")
    return int(value) if value.is_integer() else value
