"""The protocol's text in Siemens headers, of the versions that there are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.ingest.siemens import (
    LIMIT,
    parse_protocol,
    protocol_facts,
    read_csa,
    read_protocol,
    siemens_facts,
)

pydicom = pytest.importorskip("pydicom")


def wrap(*lines: str) -> str:
    body = "\n".join(lines)
    return (
        f"<XProtocol> {{}}\n### ASCCONV BEGIN object=X version=1 ###\n{body}\n### ASCCONV END ###"
    )


def facts(*lines: str) -> dict[str, Any]:
    return protocol_facts(parse_protocol(wrap(*lines)))


def test_quotes_comments_and_numbers() -> None:
    told = parse_protocol(wrap('a = ""x # y""', "b\t = \t0x10 # 16", "c = 1.5", "broken", "= 3"))
    assert told == {"a": "x # y", "b": "0x10", "c": "1.5"}


def test_no_protocol_no_facts() -> None:
    assert parse_protocol("") == {}
    assert parse_protocol("### ASCCONV END ###") == {}
    assert facts() == {}


@pytest.mark.parametrize(
    "prefix",
    ["sCoilSelectMeas.aRxCoilSelectData[0].", "asCoilSelectMeas[0].", "sRXSPEC."],
    ids=["VD and later", "VB", "VA"],
)
def test_fft_factors_of_each_version_in_coil_order(prefix: str) -> None:
    lines = [f"{prefix}aFFT_SCALE[{i}].flFactor = {1 + i / 4}" for i in (10, 2, 0, 1)]
    off = f"{prefix}aFFT_SCALE[1].bValid = 0"
    other = "sCoilSelectMeas.aRxCoilSelectData[1].aFFT_SCALE[0].flFactor = 9"
    chosen = "sCoilSelectUI.aRxCoilSelectData[0].aFFT_SCALE[0].flFactor = 9"
    assert facts(*lines, off, other, chosen)["FFTScaleFactor"] == [1, 1.5, 3.5]


@pytest.mark.parametrize("prefix", ["sCoilSelectMeas.", "asCoilSelectMeas[0].", ""])
def test_image_scale_of_each_version(prefix: str) -> None:
    told = facts(
        "sCoilSelectUI.dOverallImageScaleFactor = 7",
        f"{prefix}dOverallImageScaleFactor = 0.5",
        f"{prefix}dOverallImageScaleCorrectionFactor = 10.0",
    )
    assert told == {"ImageScaleCorrectionFactor": 10, "OverallImageScaleFactor": 0.5}


def test_a_line_of_the_shim_that_is_left_out_is_zero() -> None:
    told = facts("sGRADSPEC.asGPAData[0].lOffsetX = -7", "sGRADSPEC.alShimCurrent[3] = 12")
    assert told["ShimSetting"] == [-7, 0, 0, 0, 0, 0, 12, 0]
    assert facts("sGRADSPEC.lOffsetZ = 5")["ShimSetting"][:3] == [0, 0, 5]


def test_elements_that_were_off_are_not_counted() -> None:
    place = "sCoilSelectMeas.aRxCoilSelectData[0].asList"
    told = facts(
        f'{place}[0].sCoilElementID.tCoilID = ""HeadNeck_64""',
        f'{place}[0].sCoilElementID.tElement = ""HC1""',
        f'{place}[1].sCoilElementID.tElement = ""HC2""',
        f"{place}[1].lElementSelected = 0",
    )
    assert told == {"ReceiveCoilName": "HeadNeck_64", "NumberReceiveCoilActiveElements": 1}


@pytest.mark.parametrize("bad", ["inf", "nan", "1e999", "x", "", "0x", "0", "-1"])
def test_a_factor_that_can_not_be_is_missing(bad: str) -> None:
    assert facts(f"sCoilSelectMeas.dOverallImageScaleFactor = {bad}") == {}


@given(st.text(max_size=400))
def test_any_text_gives_values_that_json_can_hold(text: str) -> None:
    for told in (facts(text), protocol_facts(parse_protocol(text))):
        json.dumps(told, allow_nan=False)


def test_bounds_of_lines_keys_and_values() -> None:
    long = wrap(f"{'k' * 300} = 1", f"v = {'1' * 2000}", *(f"a[{i}] = {i}" for i in range(60_000)))
    told = parse_protocol(long)
    assert len(told) <= 50_000
    assert "v" not in told
    assert parse_protocol("x" * (LIMIT + 10) + wrap("a = 1")) == {}


def make(block: int, creator: str, offset: int, value: bytes) -> Any:
    header = pydicom.dataset.Dataset()
    header.private_block(block, creator, create=True).add_new(offset, "OB", value)
    return header


def test_the_protocol_of_xa_software_is_found_in_group_0021() -> None:
    text = wrap("dOverallImageScaleFactor = 2.0").encode()
    plain = make(0x0021, "SIEMENS MR SDS 01", 0x19, text)
    assert read_protocol(plain) == {"dOverallImageScaleFactor": "2.0"}
    group, header = pydicom.dataset.Dataset(), pydicom.dataset.Dataset()
    block = group.private_block(0x0021, "SIEMENS MR SDS 01", create=True)
    block.add_new(0xFE, "SQ", [plain])
    header.SharedFunctionalGroupsSequence = [group]
    assert siemens_facts(header)[0]["OverallImageScaleFactor"] == 2


def test_a_csa_header_that_can_not_be_parsed_still_gives_its_protocol() -> None:
    content = b"SV10\4\3\2\1\xff\xff\xff\xff" + wrap("alTR[0] = 5").encode()
    header = make(0x0029, "SIEMENS CSA HEADER", 0x20, content)
    assert read_csa(header, "series") == {}
    assert read_protocol(header) == {"alTR[0]": "5"}


@given(st.binary(max_size=300))
def test_any_csa_header_is_no_crash(content: bytes) -> None:
    for start in (b"", b"SV10\4\3\2\1"):
        header = make(0x0029, "SIEMENS CSA HEADER", 0x20, start + content)
        json.dumps(siemens_facts(header)[0], allow_nan=False)


def test_a_protocol_that_was_taken_out_is_said_to_be() -> None:
    found, why = siemens_facts(pydicom.dataset.Dataset())
    assert found == {}
    assert "anonymiser" in why["FFTScaleFactor"]
    header = make(0x0021, "SIEMENS MR SDS 01", 0x19, wrap("alTR[0] = 5").encode())
    assert siemens_facts(header)[1]["FFTScaleFactor"].endswith("no FFTScaleFactor")


def test_sequences_without_end_are_bounded() -> None:
    inner = pydicom.dataset.Dataset()
    for _ in range(30):
        outer = pydicom.dataset.Dataset()
        outer.private_block(0x0021, "X", create=True).add_new(0x01, "SQ", [inner] * 20)
        inner = outer
    assert read_protocol(inner) == {}
