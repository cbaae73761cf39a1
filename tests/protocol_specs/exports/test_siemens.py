"""Siemens printouts of three software generations, and exar1 archives."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

import pytest

from spinegate.protocol_specs.exports.siemens import (
    ascconv_step,
    is_printout,
    read_exar,
    read_printout,
)
from spinegate.system.errors import ConfigError

VE = r"""Table of contents
\\someone
T1w
SIEMENS MAGNETOM Prisma_fit
- 1 -
\\someone\spine\T1w
TA: 4:44 PM: ISO Voxel size: 1.0x1.0x1.0 mmPAT: 2 Rel. SNR: 1.00 : tfl
Slice thickness 1.00 mm
TR 2000.0 ms
TE 3.72 ms
TI 1000 ms
Flip angle 9 deg
Base resolution 320
Accel. factor PE 2
Prescan Normalize On
Normalize Off
Img. Scale Cor. 1.000
Bandwidth 150 Hz/Px
\\someone\spine\DWI
TA: 2:06 PM: ISO Voxel size: 0.9x0.9x5.0 mmPAT: Off Rel. SNR: 1.00 : ezse
TR 620 ms
TE 60.0 ms
Diff. directions 30
b-value 1 0 s/mm2
b-value 2 800 s/mm2
b-value 1 5
Normalize Off
"""
VB = r"""SIEMENS MAGNETOM TrioTim syngo MR B17
\\USER\someone\GRE-ME
TA: 4:52       PAT: 2      Voxel size: 0.5x0.5x5.0 mm
Routine
TR
600 ms
TE 1
6.86 ms
TE 2
13.86 ms
Flip angle
30 deg
Prescan Normalize
Off
"""
XA = r"""SIEMENS MAGNETOM Vida-XQ Numaris/X VA20A-04LS
\\Someone\spine\T2w
TA: 4:06 min Coil Selection: Auto
TR 1500.0 ms
TE 122.00 ms
Flip Angle Mode Constant
Flip Angle 1 120 deg
Flip Angle 2 90 deg
Acceleration Factor PE 3
Normalize Prescan
Image Scaling 4.000
"""
ASCCONV = """### ASCCONV BEGIN ###
tSequenceFileName\t = \t"%SiemensSeq%\\\\tfl"
tProtocolName\t = \t"T1w"
alTR[0]\t = \t2000000
alTI[0]\t = \t1000000
alTE[0]\t = \t3720
adFlipAngleDegree[0]\t = \t9.0
sSliceArray.asSlice[0].dThickness\t = \t192.0
sKSpace.lBaseResolution\t = \t320
sKSpace.lImagesPerSlab\t = \t192
sKSpace.ucDimension\t = \t4
sPat.lAccelFactPE\t = \t2
sPreScanNormalizeFilter.ucOn\t = \t0x1
sCoilSelectMeas.dOverallImageScaleCorrectionFactor\t = \t1.0
### ASCCONV END ###
"""


def test_a_printout_with_values_on_the_line() -> None:
    export = read_printout(VE, "p.txt")
    assert (export.model, export.software) == ("Prisma_fit", "")
    t1w, dwi = export.steps
    assert (t1w.name, dwi.name) == ("T1w", "DWI")
    assert t1w.values == {
        "RepetitionTime": 2,
        "EchoTime": 0.00372,
        "InversionTime": 1,
        "FlipAngle": 9,
        "SliceThickness": 1,
        "BaseResolution": 320,
        "PixelBandwidth": 150,
        "ParallelReductionFactorInPlane": 2,
        "ImageScaleCorrectionFactor": 1,
        "ImageType": "NORM",
    }
    assert (dwi.directions, dwi.b_values) == (30, (800.0,))
    assert dwi.values == {"RepetitionTime": 0.62, "EchoTime": 0.06}


def test_a_printout_with_values_on_the_next_line() -> None:
    export = read_printout(VB, "p.txt")
    assert (export.model, export.software) == ("TrioTim", "B17")
    (step,) = export.steps
    assert step.values == {"RepetitionTime": 0.6, "EchoTime": 0.00686, "FlipAngle": 30}
    assert "not English" in export.unread


def test_a_printout_of_xa_software() -> None:
    (step,) = read_printout(XA, "p.txt").steps
    assert step.values == {
        "RepetitionTime": 1.5,
        "EchoTime": 0.122,
        "FlipAngle": 120,
        "ParallelReductionFactorInPlane": 3,
        "ImageScaleCorrectionFactor": 4,
        "ImageType": "NORM",
    }


def test_other_texts_are_no_printout() -> None:
    assert is_printout(VE)
    assert not is_printout("SIEMENS MAGNETOM")
    assert not is_printout("TR 2000 ms")


def test_the_part_in_ascconv() -> None:
    step = ascconv_step(ASCCONV)
    assert step is not None
    assert step.name == "T1w"
    assert step.values["InversionTime"] == 1
    assert step.values["SliceThickness"] == 1  # a slab of 192 mm in 192 partitions
    assert step.values["ImageType"] == "NORM"
    gre = ascconv_step(ASCCONV.replace("tfl", "gre").replace("ucDimension\t = \t4", "x\t = \t2"))
    assert gre is not None
    assert "InversionTime" not in gre.values
    assert gre.values["SliceThickness"] == 192
    assert ascconv_step("nothing") is None


def archive(path: Path, *contents: bytes) -> Path:
    """Write a SQLite file with contents, as an exar1 archive holds them."""
    connection = sqlite3.connect(path)
    connection.execute("create table Content (Hash text, Data blob, Format text)")
    for i, content in enumerate(contents):
        connection.execute("insert into Content values (?, ?, 'DS')", (str(i), content))
    connection.commit()
    connection.close()
    return path


def packed(text: str, kind: str = "EdfProtocolContent") -> bytes:
    """Compress a content the way an archive does."""
    body = f"EDF V1: ContentType=syngo.MR.{kind};\r\n" + json.dumps({"Data": text})
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body.encode()) + squeezer.flush()


def test_an_exar_archive(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "p.exar1",
        packed("x", "EdfStringContent"),
        packed(ASCCONV),
        packed("no protocol"),
        b"not compressed",
        packed(ASCCONV)[:20],
    )
    export = read_exar(path)
    assert [step.name for step in export.steps] == ["T1w"]
    assert export.steps[0].values["EchoTime"] == 0.00372
    assert "model" in export.unread


def test_an_archive_without_protocols(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no protocol"):
        read_exar(archive(tmp_path / "p.exar1", packed("x")))


def test_a_file_that_only_looks_like_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "p.exar1"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 200)
    with pytest.raises(ConfigError, match="not an exar1 archive"):
        read_exar(path)
