"""Philips ExamCards and printed protocol dumps."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.exports.philips import (
    is_dump,
    is_exam_card,
    read_dump,
    read_exam_card,
    unpack,
)

DUMP = """Page 1 of 2Philips MRI Protocol Dump
 Hospital (1) |  InBox (1) |  spine (7) 25:06.7 |  T1w 04:22.0
INFO PAGE
 Act. TR/TE (ms)  7.8 / 3.5
 WFS (pix) / BW (Hz)  2.268 / 191.5
 Flip angle (deg)  9
 TFE prepulse  invert
    slice selection  no
    delay  user defined
    (ms)  1000
 Hospital (1) |  InBox (1) |  spine (7) 25:06.7 |  DWI 05:34.1
INFO PAGE
 Act. TR (ms)  3429
 Act. TE (ms)  70
 WFS (pix) / BW (Hz)  23.594 / 18.4
 Fast Imaging mode  EPI
 Hospital (1) |  InBox (1) |  spine (7) 25:06.7 |  GRE-ME 04:30.6
INFO PAGE
 Act. TR/TE1/delta TE
(ms)
 600 / 7.2 / 6.5
"""


def block(**values: str | float | int) -> str:
    """Pack parameters as an ExamCard does: entries of 50 bytes, then the values."""
    entries, data = b"", b""
    start = 32 + 50 * len(values)
    for i, (name, value) in enumerate(values.items()):
        kind, packed = (
            (2, value.encode().ljust(81, b"\0"))
            if isinstance(value, str)
            else (0, struct.pack("<f", value))
            if isinstance(value, float)
            else (1, struct.pack("<i", value))
        )
        distance = start + len(data) - (32 + 50 * i + 46)
        entries += name.encode().ljust(34, b"\0") + struct.pack("<4i", kind, 1, 0, distance)
        data += packed
    raw = struct.pack("<8i", 0, 0, 0, 0, 0, 0, 8, len(values)) + entries + data + b"\0" * 64
    return base64.b64encode(raw).decode()


def card(*scans: tuple[str, str]) -> str:
    """Write an ExamCard of named scans with their blocks."""
    text = '<SOAP-ENV:Envelope><a1:ExamCard id="ref-1"><name id="ref-7">x_R53_y</name>'
    for i, (name, packed) in enumerate(scans):
        text += (
            f'<a11:ScanProcedure id="ref-9{i}" xmlns:a11="x">\n'
            f'<parameterData href="#ref-{i}00"/>\n<name id="ref-{i}01">{name}</name>\n'
            f"</a11:ScanProcedure>"
            f'<SOAP-ENC:Array id="ref-{i}00" xsi:type="SOAP-ENC:base64">{packed}</SOAP-ENC:Array>'
        )
    return text


def test_an_exam_card() -> None:
    mt = block(
        IF_act_rep_time_echo_time="57 / 2.0",
        EX_ACQ_flip_angle=9.0,
        EX_GEO_slice_thickness=5.0,
        IF_wf_shift_bw_per_pix_echo1="1.6 / 261.1",
        EX_DIFF_enable=0,
    )
    dwi = block(
        IF_act_rep_time_echo_time="3429",
        IF_act_SE_echo_time="70",
        IF_wf_shift_bw_per_pix_echo1="23.6 / 18.4",
        EX_DIFF_enable=1,
        EX_DIFF_b_factor=800,
        EX_DIFF_dti_scheme_name="opt32+5b=0 (37, 800)",
    )
    export = read_exam_card(card(("GRE-MT", mt), ("DWI", dwi)), "x.ExamCard")
    assert export.software == "R5.3"
    first, second = export.steps
    assert first.values == {
        "RepetitionTime": 0.057,
        "EchoTime": 0.002,
        "FlipAngle": 9,
        "SliceThickness": 5,
        "PixelBandwidth": 261.1,
    }
    assert second.values == {"RepetitionTime": 3.429, "EchoTime": 0.07}
    assert (second.directions, second.b_values) == (32, (800,))


def test_a_scan_whose_block_is_damaged_keeps_its_name() -> None:
    export = read_exam_card(card(("T1w", "AAAA"), ("T2w", "####")), "x")
    assert [(step.name, step.values) for step in export.steps] == [("T1w", {}), ("T2w", {})]


@given(st.binary(max_size=400))
def test_any_block_is_unpacked_or_left(raw: bytes) -> None:
    head = struct.pack("<8i", 0, 0, 0, 0, 0, 0, 0, 2**31 - 1)
    for content in (raw, head + raw):
        assert isinstance(unpack(base64.b64encode(content).decode()), dict)


@pytest.mark.parametrize("text", ["", "!", "AAA"])
def test_what_is_no_block(text: str) -> None:
    assert unpack(text) == {}


def test_a_printed_dump() -> None:
    t1w, dwi, multi = read_dump(DUMP, "x.txt").steps
    assert t1w.name == "T1w"
    assert t1w.values == {
        "RepetitionTime": 0.0078,
        "EchoTime": 0.0035,
        "FlipAngle": 9,
        "PixelBandwidth": 191.5,
        "InversionTime": 1,
    }
    assert dwi.values == {"RepetitionTime": 3.429, "EchoTime": 0.07}
    assert multi.values == {"RepetitionTime": 0.6, "EchoTime": 0.0072}


def test_texts_are_told_apart() -> None:
    assert is_exam_card(card())
    assert not is_exam_card(DUMP)
    assert is_dump(DUMP)
    assert not is_dump(card())
