"""GE LxProtocol files and protocol reports."""

from __future__ import annotations

from spinegate.protocol_specs.exports.ge import (
    is_lx_protocol,
    is_report,
    read_lx_protocol,
    read_report,
)

LX = """
    set PLANE "OBLIQUE"
    set IMODE "3D"
    set PSEQ "SPGR"
    set FLIPANG "9"
    set TE "4.0"
    set TR "35.0"
    set SLTHICK "5.0"
    set MATRIXY "192"
"""
REPORT = """Protocol: adult_spine
T1w
 PATIENT POSITION
 Patient Entry Head First
 Series Description T1w
 SCAN TIMING
 Flip Angle 9
 TE Minimum
 TI 1000
 SCAN RANGE
 Slice Thickness 1.0
 ACQ TIMING
 Freq 320
 Phase 256
 Phase FOV 0.80
Some Hospital
DISCOVERY 750 3T
Page 1
 PATIENT POSITION
 Patient Entry Head First
 Series Description DWI
 BVALUE 800
 Number of Diffusion
Directions
30
 PATIENT POSITION
 Patient Entry Head First
 no name here
"""


def test_an_lx_protocol_is_one_scan() -> None:
    export = read_lx_protocol(LX, "adult/GRE-MT1_20171011103924602_8/LxProtocol")
    (step,) = export.steps
    assert step.name == "GRE-MT1"
    assert step.values == {
        "RepetitionTime": 0.035,
        "EchoTime": 0.004,
        "FlipAngle": 9,
        "SliceThickness": 5,
        "AcquisitionMatrixPE": 192,
    }


def test_minimum_is_not_a_number() -> None:
    text = LX.replace('TE "4.0"', 'TE "Minimum"').replace('TR "35.0"', 'TR "nan"')
    (step,) = read_lx_protocol(text, "LxProtocol").steps
    assert step.name == "LxProtocol"
    assert not {"EchoTime", "RepetitionTime"} & set(step.values)


def test_a_report_of_several_scans() -> None:
    export = read_report(REPORT, "report.txt")
    assert export.model == "DISCOVERY 750"
    t1w, dwi = export.steps
    assert t1w.name == "T1w"
    assert t1w.values == {
        "InversionTime": 1,
        "FlipAngle": 9,
        "SliceThickness": 1,
        "AcquisitionMatrixPE": 256,
    }
    assert (dwi.name, dwi.directions, dwi.b_values) == ("DWI", 30, (800.0,))


def test_texts_are_told_apart() -> None:
    assert is_lx_protocol(LX)
    assert not is_lx_protocol(REPORT)
    assert is_report(REPORT)
    assert not is_report(LX)
