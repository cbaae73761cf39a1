from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.examples.csa import asc_conv, pack_csa, series_header
from spinegate.examples.exam import plan_exam
from spinegate.examples.participants import draw
from spinegate.examples.protocol import CONTRASTS, SIEMENS
from spinegate.examples.vendor_keys import played

EXAM = plan_exam(draw(SIEMENS, 0, 0, 0), 0)
NAMES = st.text("ABCDEFabcdef_", min_size=1, max_size=40)
WORDS = st.text("abc XYZ:_;\n", min_size=1, max_size=60).map(lambda word: f"x{word}x")


@given(st.dictionaries(NAMES, st.lists(WORDS, min_size=1, max_size=6), min_size=1, max_size=8))
def test_nibabel_reads_what_was_packed(csareader: Any, content: dict[str, list[str]]) -> None:
    packed = pack_csa({name: ("LO", words) for name, words in content.items()})
    tags = csareader.read(packed)["tags"]
    assert {name: tag["items"] for name, tag in tags.items()} == content


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_the_protocol_s_text_holds_what_the_exam_set(csareader: Any, contrast: str) -> None:
    series, play = EXAM[contrast], played("siemens", contrast)
    tags = csareader.read(series_header(series, play, 15))["tags"]
    (protocol,) = tags["MrPhoenixProtocol"]["items"]
    assert asc_conv(series, play, 15) in protocol
    body = re.search(r"### ASCCONV BEGIN[^\n]*\n(.*)### ASCCONV END ###", protocol, re.S)
    assert body
    pairs = dict(line.split("\t = \t") for line in body[1].splitlines())
    shim = [pairs[f"sGRADSPEC.asGPAData[0].lOffset{axis}"] for axis in "XYZ"]
    shim += [pairs[f"sGRADSPEC.alShimCurrent[{i}]"] for i in range(5)]
    assert [int(value) for value in shim] == list(series.shim)
    coil = "sCoilSelectMeas"
    assert float(pairs[f"{coil}.dOverallImageScaleCorrectionFactor"]) == series.scale_correction
    assert float(pairs[f"{coil}.dOverallImageScaleFactor"]) == series.overall_scale
    factors = [v for k, v in pairs.items() if re.search(r"aFFT_SCALE\[\d\]\.flFactor$", k)]
    assert [float(value) for value in factors] == list(series.channel_scales)
    assert int(pairs["alTR[0]"]) == round(series.timing.tr * 1e6)
