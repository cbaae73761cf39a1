"""Names, numbers and dates in free texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.ingest.deidentify import Options, deidentify_sidecar
from spinegate.curation.ingest.deidentify_names import (
    LIMIT,
    Identity,
    cut_out,
    make_identity,
    read_identity,
    sidecar_identity,
)

SOMEBODY = make_identity(
    ["Smith^John=山田^太郎", "Li", "MÜLLER^X", "王^小", "anonymous"],
    ["40146", "12", "0000", "none", "GENE"],
    ["19800312", "", "x", "00000000"],
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("T1w_sagittal", "T1w_sagittal"),
        ("  odd  spaces ", "  odd  spaces "),
        ("JohnSmith_T1w", "T1w"),
        ("T1w_johnsmith", "T1w"),
        ("T1w_SMITH_sagittal", "T1w_sagittal"),
        ("T1w - Smith, John - sagittal", "T1w sagittal"),
        ("LiT1", "T1"),
        ("line_T1_linear", "line_T1_linear"),
        ("_Li_", ""),
        ("Müller-T2", "T2"),
        ("muellerT2", "T2"),
        ("mullerT2", "T2"),
        ("王T1", "T1"),
        ("太郎_T2", "T2"),
        ("nr40146b", "nr b"),
        ("12 slices", "12 slices"),
        ("generic gene", "generic"),
        ("born 12.03.1980 T1", "born T1"),
        ("born 03/12/1980 T1", "born T1"),
        ("t2_20190212_x", "t2_x"),
        ("t2 2019-02-12", "t2"),
        ("on 1.2.2019 at noon", "on at noon"),
        ("N4_VE11C_20160120", "N4_VE11C"),
        ("123456789012345", "123456789012345"),
        ("20191399", "20191399"),
        ("john smith", ""),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(text: str, left: str) -> None:
    assert cut_out(text, SOMEBODY) == left
    assert cut_out(left, SOMEBODY) == left


def test_dates_stay_where_they_are_asked_for_but_not_that_of_birth() -> None:
    assert cut_out("t2 20190212", SOMEBODY, keep_dates=True) == "t2 20190212"
    assert cut_out("t2 19800312", SOMEBODY, keep_dates=True) == "t2"


@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=4))
def test_cutting_twice_does_no_more(text: str, names: list[str]) -> None:
    identity = make_identity(names, names, names)
    once = cut_out(text, identity)
    assert len(once) <= len(text)
    assert cut_out(once, identity) == once


def test_a_text_without_end_is_bounded() -> None:
    assert len(cut_out("a" * 10**6, SOMEBODY)) == LIMIT


def test_words_of_anonymisers_are_no_names() -> None:
    assert make_identity(["Anonymous", "anonymized^none", ""], ["0000", "n/a"]) == Identity()


def test_what_a_sidecar_tells_itself() -> None:
    sidecar = {"PatientName": "Smith^John", "PatientID": ["40146"], "PatientBirthDate": 19800312}
    identity = sidecar_identity(sidecar)
    assert identity.names == {"smith", "john"}
    assert {"40146", "12.03.1980"} <= identity.numbers


def test_names_of_all_people_in_the_headers(exam: Callable[[str], Path], rewrite: Any) -> None:
    pydicom = pytest.importorskip("pydicom")
    folder = exam("ge") / "0006_GRE-MT0"

    def add(header: Any) -> None:
        header.OperatorsName = ["Nurse^Nora", "Tech^Tom"]
        item = pydicom.dataset.Dataset()
        item.ScheduledPerformingPhysicianName = "Deep^Dora"
        header.RequestAttributesSequence = [item]

    rewrite(folder, add)
    identity = read_identity(sorted(folder.iterdir()))
    assert {"nora", "tom", "dora", "phantom", "gea01", "hantom"} <= identity.names
    assert {"phge", "000001", "gea01"} <= identity.numbers
    (folder / "00001.dcm").write_bytes(b"junk")
    assert "nora" in read_identity(sorted(folder.iterdir())).names
    assert read_identity([]) == Identity()


def test_in_the_scanner_s_words_names_go_as_words_and_codes_stay() -> None:
    identity = make_identity(["Philips^Se^Spine"], ["40146"])
    sidecar = {
        "CoilString": "Neck spine 40146",
        "SequenceName": "Philips",
        "ScanningSequence": "SE",
        "Manufacturer": "Philips",
        "InstitutionName": "Spine center",
        "ReceiveCoilName": "HeadSpinet",
        "NumberShots": ["Philips", 2],
    }
    removed = deidentify_sidecar(sidecar, Options(b"0123456789abcdef", identity))
    assert removed.sidecar == {
        "CoilString": "Neck 40146",
        "ScanningSequence": "SE",
        "Manufacturer": "Philips",
        "InstitutionName": "Spine center",
        "ReceiveCoilName": "HeadSpinet",
        "NumberShots": [2],
    }
    assert removed.gone == ("SequenceName",)
    assert removed.shortened == ("CoilString", "NumberShots")
