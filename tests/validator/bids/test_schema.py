from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spinegate.validator.bids import generate
from spinegate.validator.bids.schema import misfits, naming
from tests.strategies import ANY_PATHS, LABELS

Official = Callable[[str], bool]


@pytest.fixture(scope="module")
def official() -> Official:
    """The official package's own patterns for raw paths, as an oracle."""
    rules = pytest.importorskip("bidsschematools.rules")
    patterns, schema = rules.regexify_all()
    if schema["schema_version"] != naming().version:
        pytest.skip("another version of the schema is installed")
    # Each pattern names its groups alike, so they can't be joined into one.
    compiled = [re.compile(row["regex"]) for row in patterns]

    return lambda path: any(pattern.match(path) for pattern in compiled)


def test_the_data_file_is_what_the_installed_schema_yields() -> None:
    if generate.name_rules()["schema"] != naming().version:
        pytest.skip("another version of the schema is installed")
    assert generate.TARGET.read_text() == generate.text()


@pytest.mark.parametrize(
    "path",
    [
        "dataset_description.json",
        "participants.tsv",
        "README",
        "README.md",
        "CHANGES",
        "LICENSE",
        "T2w.json",
        "task-rest_bold.json",
        "acq-b0_dwi.json",
        "code/anything/at all.py",
        "phenotype/scores.tsv",
        "sub-a/sub-a_scans.tsv",
        "sub-a/ses-1/sub-a_ses-1_scans.tsv",
        "sub-a/sub-a_sessions.tsv",
        "sub-a/anat/sub-a_T2w.nii.gz",
        "sub-a/ses-1/anat/sub-a_ses-1_acq-sag_run-01_T2w.nii",
        "sub-a/anat/sub-a_flip-1_mt-on_MTS.nii.gz",
        "sub-a/anat/sub-a_T2star.json",
        "sub-a/dwi/sub-a_rec-average_dwi.nii.gz",
        "sub-a/dwi/sub-a_run-03_dwi.bvec",
        "sub-a/fmap/sub-a_dir-AP_epi.nii.gz",
    ],
)
def test_valid(path: str, official: Official) -> None:
    assert misfits(path) == ()
    assert official(path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("exclude.yml", "no suffix 'exclude'"),
        ("sub-a/anat/sub-a_MTS.nii.gz", "MTS needs flip-, mt-"),
        ("sub-a/anat/sub-a_foo-1_T2w.nii.gz", "no entity 'foo'"),
        ("sub-a/anat/sub-a_run-x_T2w.nii.gz", "no valid label"),
        ("sub-a/anat/sub-a_run-1_acq-x_T2w.nii.gz", "wrong order"),
        ("sub-a/anat/sub-a_acq-x_acq-y_T2w.nii.gz", "stands twice"),
        ("sub-a/anat/sub-b_T2w.nii.gz", "disagree"),
        ("sub-a/ses-1/anat/sub-a_T2w.nii.gz", "disagree"),
        ("sub-a/anat/sub-a_ses-1_T2w.nii.gz", "disagree"),
        ("sub-a/dwi/sub-a_T2w.nii.gz", "can't lie in dwi/"),
        ("sub-a/sub-a_T2w.nii.gz", "can't lie in this folder"),
        ("sub-a/anat/sub-a_T2w.mgz", "can't have the extension"),
        ("sub-a/anat/sub-a_T2w_label-SC_seg.nii.gz", "neither an entity"),
        ("sub-a/anat/old/sub-a_T2w.nii.gz", "no folder belongs into anat/"),
    ],
)
def test_not_valid(path: str, reason: str, official: Official) -> None:
    assert reason in "; ".join(misfits(path))
    assert not official(path)


@st.composite
def near_paths(draw: st.DrawFn) -> str:
    """Paths that are nearly always nearly right."""
    keys = draw(
        st.lists(st.sampled_from(["acq", "rec", "run", "echo", "flip", "mt", "dir"]), max_size=3)
    )
    if draw(st.booleans()):
        keys = [key for key in naming().entities if key in keys]
    labels = {"mt": st.sampled_from(["on", "off", "ON"])}
    index = st.one_of(st.integers(0, 99).map(str), LABELS)
    parts = [f"{key}-{draw(labels.get(key, index))}" for key in keys]
    subject = draw(st.sampled_from(["", "sub-a", "sub-b"]))
    session = draw(st.sampled_from(["", "ses-1"]))
    name = [part for part in (subject, session) if part and draw(st.integers(0, 9))]
    suffix = draw(st.sampled_from(["T1w", "MTS", "dwi", "epi", "bold", "events", "scans", "t1w"]))
    extension = draw(st.sampled_from([".nii.gz", ".nii", ".json", ".bval", ".tsv", ".txt", ""]))
    datatype = draw(st.sampled_from(["", "anat", "dwi", "fmap", "func"]))
    folders = [part for part in (subject, session, datatype) if part]
    return "/".join([*folders, "_".join([*name, *parts, suffix]) + extension])


@given(path=near_paths())
@example(path="ses-1/anat/ses-1_T1w.json")
def test_judges_as_the_official_patterns(path: str, official: Official) -> None:
    assert (misfits(path) == ()) == official(path)


@given(ANY_PATHS)
def test_any_path_gets_an_answer(path: str) -> None:
    if path:
        assert all(isinstance(fault, str) for fault in misfits(path))
