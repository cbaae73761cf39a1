from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py


def test_a_misspelt_name_comes_with_its_renaming(check: Checker) -> None:
    check.write({"sub-amu01/anat/sub_amu01_T2w.nii.gz": ""})
    (found,) = check("names").of("NAME_NOT_BIDS")
    better = "sub-amu01/anat/sub-amu01_T2w.nii.gz"
    assert found.fix == {"op": "rename", "path": found.location, "to": better}
    assert found.suggestion == f"Rename it to {better}."
    assert found.site == "amu"
    assert "It looks like T2w" in found.message


def test_an_unnamed_image_is_named_after_what_it_looks_like(check: Checker) -> None:
    sidecar = {"MTState": True, "EchoTime": 0.004, "RepetitionTime": 0.035, "FlipAngle": 9}
    files = {"GRE-MT1_13.nii.gz": "", "GRE-MT1_13.json": sidecar, "sub-amu01_T1w.nii.gz": ""}
    check.write({f"sub-amu01/anat/{name}": value for name, value in files.items()})
    verdicts = check("names").of("NAME_NOT_BIDS")
    found = next(v for v in verdicts if v.location.endswith(".nii.gz"))
    assert found.expected == "sub-amu01/anat/sub-amu01_flip-1_mt-on_MTS.nii.gz"
    assert found.contrast == "MTon"


def test_no_renaming_onto_a_file_that_exists(check: Checker) -> None:
    names = ("sub-amu01_T2w.nii.gz", "sub_amu01_T2w.nii.gz", "T2w_4.nii.gz")
    check.write({f"sub-amu01/anat/{name}": "" for name in names})
    verdicts = check("names").of("NAME_NOT_BIDS")
    places = {v.location.rpartition("/")[2] for v in verdicts}
    assert places == {"sub_amu01_T2w.nii.gz", "T2w_4.nii.gz"}
    assert [v.fix for v in verdicts] == [None, None]


def test_hidden_files_are_a_blind_spot(check: Checker) -> None:
    for pattern in ("*_MTS*\n", "sub-a1/anat/*_MTS*\n"):  # by shape, and path by path
        check.write(
            {
                ".bidsignore": pattern,
                "sub-a1/anat/sub-a1_acq-MTon_MTS.nii.gz": "",
                "sub-a1/anat/sub-a1_acq-MTon_MTS.json": {},
                "sub-a1/anat/sub-a1_T1w.nii.gz": "",
            },
        )
        verdicts = check("names")
        assert not verdicts.of("NAME_OLD_CONVENTION")
        # .bidsignore itself is hidden as well
        assert verdicts.number("NAME_NOT_BIDS", Outcome.NOT_DETERMINABLE) == 3
        assert verdicts.number("NAME_NOT_BIDS", Outcome.MET) == 2
        (found,) = verdicts.of("BIDSIGNORE_HIDES_SCANS")
        assert (found.line, found.count) == (1, 1)
        assert "BIDS names, then" in found.suggestion


def test_what_must_be_done_before_a_line_can_go(check: Checker) -> None:
    check.write(
        {
            ".bidsignore": "# old names\n\n*_MTS*\n*_acq-b0_dwi*\n",
            "sub-a1/anat/sub-a1_flip-1_mt-on_MTS.nii.gz": "",
            "sub-a1/dwi/sub-a1_acq-b0_dwi.nii.gz": "",
        },
    )
    mts, b0 = check("names").of("BIDSIGNORE_HIDES_SCANS")
    assert (mts.line, mts.contrast) == (3, "MTon")
    assert "valid BIDS today" in mts.suggestion
    assert (b0.line, b0.contrast) == (4, "b0")
    assert ".bval" in b0.suggestion
