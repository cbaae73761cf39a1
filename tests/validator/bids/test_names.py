from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spinegate.validator.bids.ignore import BidsIgnore
from spinegate.validator.bids.names import SEVERITIES, NameFault, check_names
from spinegate.validator.bids.schema import misfits
from spinegate.validator.entities import format_path
from tests.strategies import ANY_PATHS

NOTHING = BidsIgnore.parse()


def check(*paths: str) -> list[NameFault]:
    return list(check_names(paths, NOTHING))


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "participants.tsv",
        "sub-a/anat/sub-a_T2w.nii.gz",
        "sub-a/anat/sub-a_flip-1_mt-on_MTS.nii.gz",
        "sub-a/dwi/sub-a_run-01_dwi.bval",
        "sourcedata/README.md",
        "sourcedata/sub-a/anat/sub-a_T2w.nii.gz",
        "sourcedata/sub-a/dicom/IM0001",
        "derivatives/labels/sub-a/anat/sub-a_T1w_label-SC_seg.nii.gz",
        "derivatives/labels/sub-a/anat/sub-a_T1w_desc-softseg_label-SC_seg.json",
        "derivatives/labels/README.txt",
        "derivatives/qc/sub-a/index.html",
        ".bidsignore",
    ],
)
def test_fine(path: str) -> None:
    assert check(path) == []


@pytest.mark.parametrize(
    ("path", "better"),
    [
        ("sub_amu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub_amu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/SUB-amu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("SUB-amu01/anat/SUB-amu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu_01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/subamu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/amu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2W.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_t2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2*.nii.gz", "sub-amu01/anat/sub-amu01_T2star.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2_star.nii.gz", "sub-amu01/anat/sub-amu01_T2star.nii.gz"),
        ("sub-amu01/anat/sub-amu01 _T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01 T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01__T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2w.nii.GZ", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2w.nii.gz.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2w.nii.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/anat/sub-amu01_T2w.jsn", "sub-amu01/anat/sub-amu01_T2w.json"),
        ("sub-amu01/Anat/sub-amu01_T2w.nii.gz", "sub-amu01/anat/sub-amu01_T2w.nii.gz"),
        ("sub-amu01/dwi/sub-amu01_DWI.nii.gz", "sub-amu01/dwi/sub-amu01_dwi.nii.gz"),
        (
            "sub-amu01/anat/sub-amu01_mt-on_flip-1_MTS.nii.gz",
            "sub-amu01/anat/sub-amu01_flip-1_mt-on_MTS.nii.gz",
        ),
        (
            "sub-amu01/anat/sub-amu01_flip-1_mt-ON_MTS.nii.gz",
            "sub-amu01/anat/sub-amu01_flip-1_mt-on_MTS.nii.gz",
        ),
        (
            "sub-amu01/dwi/sub-amu01_run_01_dwi.nii.gz",
            "sub-amu01/dwi/sub-amu01_run-01_dwi.nii.gz",
        ),
        ("sub-amu01/dwi/sub-amu01_run2_dwi.bval", "sub-amu01/dwi/sub-amu01_run-2_dwi.bval"),
        (
            "sub-amu01/anat/sub-amu01_acquisition-sag_T2w.nii.gz",
            "sub-amu01/anat/sub-amu01_acq-sag_T2w.nii.gz",
        ),
        (
            "sub-amu01/ses-1/anat/sub-amu01_T2w.nii.gz",
            "sub-amu01/ses-1/anat/sub-amu01_ses-1_T2w.nii.gz",
        ),
        (
            "sub-amu01/anat/sub_amu01_acq-MTon_MTS.nii.gz",
            "sub-amu01/anat/sub-amu01_flip-1_mt-on_MTS.nii.gz",
        ),
    ],
)
def test_a_better_name(path: str, better: str) -> None:
    [fault] = check(path)
    assert (fault.path, fault.code, fault.suggestion) == (path, "NAME_NOT_BIDS", better)
    assert better in fault.message
    assert check(better) == []


@pytest.mark.parametrize(
    ("path", "code", "better"),
    [
        (
            "sub-amu01/anat/sub-amu02_T2w.nii.gz",
            "NAME_FOLDER_MISMATCH",
            "sub-amu01/anat/sub-amu01_T2w.nii.gz",
        ),
        (
            "sourcedata/sub-amu01/anat/sub-amu02_T2w.nii.gz",
            "NAME_FOLDER_MISMATCH",
            "sourcedata/sub-amu01/anat/sub-amu01_T2w.nii.gz",
        ),
        (
            "derivatives/labels/sub-amu01/anat/sub-amu02_T2w_label-SC_seg.nii.gz",
            "NAME_FOLDER_MISMATCH",
            "derivatives/labels/sub-amu01/anat/sub-amu01_T2w_label-SC_seg.nii.gz",
        ),
        (
            "sub-amu01/dwi/sub-amu01_T2w.nii.gz",
            "NAME_WRONG_FOLDER",
            "sub-amu01/anat/sub-amu01_T2w.nii.gz",
        ),
        (
            "sub-amu01/anat/sub-amu01_dwi.bvec",
            "NAME_WRONG_FOLDER",
            "sub-amu01/dwi/sub-amu01_dwi.bvec",
        ),
        (
            "sub-amu01/anat/sub-amu01_acq-MTon_MTS.nii.gz",
            "NAME_OLD_CONVENTION",
            "sub-amu01/anat/sub-amu01_flip-1_mt-on_MTS.nii.gz",
        ),
        (
            "sub-amu01/anat/sub-amu01_acq-MToff_MTS.json",
            "NAME_OLD_CONVENTION",
            "sub-amu01/anat/sub-amu01_flip-1_mt-off_MTS.json",
        ),
        (
            "sub-amu01/anat/sub-amu01_acq-T1w_MTS.nii.gz",
            "NAME_OLD_CONVENTION",
            "sub-amu01/anat/sub-amu01_flip-2_mt-off_MTS.nii.gz",
        ),
    ],
)
def test_codes(path: str, code: str, better: str) -> None:
    [fault] = check(path)
    assert (fault.code, fault.suggestion) == (code, better)
    assert code in SEVERITIES


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("exclude.yml", ".bidsignore"),
        ("sub-a/anat/sub-a_foo-1_T2w.nii.gz", "'foo'"),
        ("sub-a/anat/sub-a_MTS.nii.gz", "needs flip-, mt-"),
        ("sub-a/anat/sub-a_T2w.mgz", ".mgz"),
        ("sub-a/anat/old/sub-a_T2w.nii.gz", "no folder"),
        ("derivatives/labels/sub-a/anat/sub-a_T2w_seg-manual.nii.gz", "can't be read"),
    ],
)
def test_no_better_name_is_near(path: str, word: str) -> None:
    [fault] = check(path)
    assert (fault.code, fault.suggestion) == ("NAME_NOT_BIDS", "")
    assert word in fault.message


def test_a_taken_name_is_not_proposed() -> None:
    [fault] = check("sub-a/anat/sub-a_T2w (1).nii.gz", "sub-a/anat/sub-a_T2w.nii.gz")
    assert fault.suggestion == ""
    assert "exists already" in fault.message


def test_hidden_files_are_not_judged() -> None:
    ignore = BidsIgnore.parse("*_MTS*")
    assert list(check_names(["sub-a/anat/sub-a_MTS.nii.gz"], ignore)) == []


@pytest.mark.parametrize("label", ["anat", "T2w", "acq", "qqQ7qq", "a"])
def test_a_label_that_is_a_word_of_the_standard(label: str) -> None:
    [fault] = check(f"sub-{label}/anat/sub_{label}_T2w.nii.gz")
    assert fault.suggestion == f"sub-{label}/anat/sub-{label}_T2w.nii.gz"


SUBJECTS = st.from_regex(r"[a-z]{2,8}[0-9]{2}", fullmatch=True)


@st.composite
def valid_paths(draw: st.DrawFn) -> tuple[str, str, list[str], str, str]:
    """Subject, datatype, entities, suffix and extension of a valid image's name."""
    datatype, suffix, own = draw(
        st.sampled_from(
            [
                ("anat", "T1w", ["acq-sag"]),
                ("anat", "T2w", ["acq-ax", "run-01"]),
                ("anat", "T2star", []),
                ("anat", "MTS", ["flip-1", "mt-on"]),
                ("anat", "MTS", ["flip-2", "mt-off"]),
                ("dwi", "dwi", ["acq-b0"]),
                ("dwi", "dwi", ["dir-AP", "run-2"]),
            ]
        )
    )
    return draw(SUBJECTS), datatype, own, suffix, draw(st.sampled_from([".nii.gz", ".nii"]))


@given(valid_paths(), st.data())
def test_one_slip_is_mended(
    parts: tuple[str, str, list[str], str, str], data: st.DataObject
) -> None:
    subject, datatype, own, suffix, extension = parts
    folder = f"sub-{subject}/{datatype}/"
    name = "_".join([f"sub-{subject}", *own, suffix])
    path = folder + name + extension
    assert check(path) == []
    place = data.draw(st.integers(0, len(name)))
    slips = {
        "underscore": folder + name.replace("sub-", "sub_", 1) + extension,
        "upper": folder + name.replace("sub-", "SUB-", 1) + extension,
        "no sub": folder + name.removeprefix("sub-") + extension,
        "no subject": folder + name.removeprefix(f"sub-{subject}_") + extension,
        "space": folder + name[:place] + " " + name[place:] + extension,
        "order": folder + "_".join([f"sub-{subject}", *own[::-1], suffix]) + extension,
        "upper suffix": folder + name.removesuffix(suffix) + suffix.upper() + extension,
        "lower suffix": folder + name.removesuffix(suffix) + suffix.lower() + extension,
        "extension": folder + name + extension.upper(),
        "double extension": folder + name + extension * 2,
        "other subject": folder + name.replace(subject, "zz99", 1) + extension,
        "no dash": folder + name.replace("run-", "run", 1) + extension,
        "underscore twice": folder + name.replace("_", "__", 1) + extension,
        "no folders": name + extension,
        "wrong folder": f"sub-{subject}/func/{name}{extension}",
    }
    slip = data.draw(st.sampled_from(sorted(slips)))
    damaged = slips[slip]
    assume(damaged != path)
    [fault] = check(damaged)
    assert fault.suggestion == path, slip


@given(ANY_PATHS)
def test_any_path_gets_a_verdict(path: str) -> None:
    for fault in check(path):
        assert fault.path == path
        assert fault.code in SEVERITIES
        assert fault.message
        if fault.suggestion and not path.startswith(("derivatives", "sourcedata")):
            assert misfits(fault.suggestion) == ()


@given(SUBJECTS, st.sampled_from(["sub-{}/anat/sub_{}_T2w.nii.gz", "sub-{}/dwi/sub-{}_T1w.nii"]))
def test_one_answer_serves_all_subjects(subject: str, pattern: str) -> None:
    path = pattern.replace("{}", subject)
    [fault] = check(path)
    suffix, extension = ("T2w", ".nii.gz") if "T2w" in path else ("T1w", ".nii")
    better = format_path({"sub": subject}, suffix, extension, datatype="anat")
    assert fault.suggestion == better


@pytest.mark.real
def test_the_real_dataset(bundle: Path) -> None:
    listed = subprocess.run(
        ["git", "-C", bundle, "ls-files"], capture_output=True, text=True, check=True
    )
    paths = listed.stdout.splitlines()
    ignore = BidsIgnore.parse((bundle / ".bidsignore").read_text())
    assert list(check_names(paths, ignore)) == []
    unhidden = {fault.path for fault in check_names(paths, NOTHING)}
    assert unhidden == {"CHANGES.md", "exclude.yml"}
