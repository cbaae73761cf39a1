from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.errors import SpinegateError
from spinegate.validator import entities
from spinegate.validator.entities import (
    ENTITY_ORDER,
    format_name,
    format_path,
    parse,
    split_subject,
    subject_of,
)
from tests.strategies import ANY_PATHS, LABELS, Parts, derivative_parts, image_parts


def test_a_raw_image() -> None:
    name = parse("sourcedata/sub-amu01/ses-2/anat/sub-amu01_ses-2_flip-1_mt-on_MTS.nii.gz")
    assert name is not None
    assert (name.folder, name.subject, name.session) == ("sourcedata", "amu01", "2")
    assert (name.datatype, name.suffix, name.extension) == ("anat", "MTS", ".nii.gz")
    assert name.entities == {"sub": "amu01", "ses": "2", "flip": "1", "mt": "on"}
    assert name.stem == "sub-amu01_ses-2_flip-1_mt-on_MTS"
    assert name.parent == "sourcedata/sub-amu01/ses-2/anat"
    assert (name.source, name.source_suffix) == ("", "")


@pytest.mark.parametrize(
    ("stem", "source", "middle", "own"),
    [
        ("sub-x_T1w_label-SC_seg", "sub-x_T1w", "T1w", {"label": "SC"}),
        (
            "sub-x_T2w_desc-softseg_label-SC_seg",
            "sub-x_T2w",
            "T2w",
            {"desc": "softseg", "label": "SC"},
        ),
        (
            "sub-x_flip-1_mt-on_MTS_label-SC_seg",
            "sub-x_flip-1_mt-on_MTS",
            "MTS",
            {"flip": "1", "mt": "on", "label": "SC"},
        ),
        (
            "sub-x_T1w_label-a_seg_desc-b_mask",
            "sub-x_T1w_label-a_seg",
            "seg",
            {"label": "a", "desc": "b"},
        ),
    ],
)
def test_a_derivative(stem: str, source: str, middle: str, own: dict[str, str]) -> None:
    name = parse(f"derivatives/labels/sub-x/anat/{stem}.nii.gz")
    assert name is not None
    assert (name.source, name.source_suffix) == (source, middle)
    assert name.entities == {"sub": "x", **own}
    assert list(name.entities) == ["sub", *own]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "README.md",
        "participants.tsv",
        "participants.json",
        "dataset_description.json",
        "sub_amu01_T2w.nii.gz",
        "SUB-amu01/anat/SUB-amu01_T2w.nii.gz",
        "sub-amu01/anat/T2w.nii.gz",
        "sub-amu01/anat/sub-amu01_T2w",
        "sub-amu01/anat/sub-amu01.nii.gz",
        "sub-amu01/anat/sub-amu01_T2*.nii.gz",
        "sub-amu01/anat/sub-amu01 _T2w.nii.gz",
        "sub-amu01/anat/sub-amu01_T2w_seg.nii.gz",
        "sub-amu01/anat/sub-amu01_T2w_seg-manual.nii.gz",
        "sub-amu01/anat/sub-amu01_acq-a-b_T2w.nii.gz",
        "sub-amu01/anat/sub-amu01_acq-a_acq-b_T2w.nii.gz",
        "sub-amu01/anat/acq-a_sub-amu01_T2w.nii.gz",
        "sub-amu01/anat/old/sub-amu01_T2w.nii.gz",
        "sub-amu01/anat/sub-amu01_T2w.nii.gz/",
        "sub-amu\0/anat/sub-amu\0_T2w.nii.gz",
        "sub-/anat/sub-_T2w.nii.gz",
        "sub-é/anat/sub-é_T2w.nii.gz",
        "code/settings.json",
        "T2w.nii.gz",
    ],
)
def test_what_is_no_name(path: str) -> None:
    assert parse(path) is None


@pytest.mark.parametrize(
    ("path", "folder", "entities_"),
    [
        ("T2w.json", "", {}),
        ("acq-b0_dwi.json", "", {"acq": "b0"}),
        ("sourcedata/task-rest_bold.json", "sourcedata", {"task": "rest"}),
        ("derivatives/labels/seg.json", "derivatives/labels", {}),
        ("dwi.bval", "", {}),
    ],
)
def test_a_sidecar_for_all_subjects(path: str, folder: str, entities_: dict[str, str]) -> None:
    name = parse(path)
    assert name is not None
    assert (name.folder, name.subject, name.entities) == (folder, "", entities_)


def test_a_label_that_starts_another() -> None:
    name = parse("sub-1/anat/sub-10_T1w.nii.gz")
    assert name is not None
    assert (name.subject, name.entities["sub"], name.stem) == ("1", "10", "sub-10_T1w")


def test_a_label_in_the_folders_above() -> None:
    assert parse("derivatives/sub-x+y/sub-x/anat/sub-x_T1w_label-a_seg.json") is None
    plain = parse("my-sub-x/sub-x/anat/sub-x_T1w.json")
    assert plain is not None
    assert (plain.folder, plain.subject) == ("my-sub-x", "x")


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("sub-amu01/anat/anything at all.txt", "amu01"),
        ("sub-amu01_T1w.json", "amu01"),
        ("sourcedata/sub-a+b/dwi/x", "a+b"),
        ("participants.tsv", ""),
        ("not-sub-a/x", ""),
        ("sub-a b/x", ""),
    ],
)
def test_subject_of(path: str, subject: str) -> None:
    assert subject_of(path) == subject


def test_entities_are_written_in_schema_order() -> None:
    given_order = {"mt": "on", "flip": "1", "own": "z", "ses": "1", "sub": "x"}
    assert format_name(given_order, "MTS", ".json") == "sub-x_ses-1_flip-1_mt-on_own-z_MTS.json"


@pytest.mark.parametrize(
    ("own", "suffix", "extension"),
    [
        ({"sub": "a b"}, "T1w", ".nii"),
        ({"sub": "a_b"}, "T1w", ".nii"),
        ({"sub": ""}, "T1w", ".nii"),
        ({"Sub": "a"}, "T1w", ".nii"),
        ({"sub": "a"}, "T2*", ".nii"),
        ({"sub": "a"}, "T1w", "nii"),
        ({"sub": "../x"}, "T1w", ".nii"),
    ],
)
def test_what_can_not_be_written(own: dict[str, str], suffix: str, extension: str) -> None:
    with pytest.raises(SpinegateError, match="no BIDS name"):
        format_name(own, suffix, extension)


def test_a_fixed_order_of_entities_holds() -> None:
    schema = pytest.importorskip("bidsschematools.schema").load_schema()
    assert schema["objects"]["entities"]["acquisition"]["name"] == "acq"
    official = [schema["objects"]["entities"][key]["name"] for key in schema["rules"]["entities"]]
    assert list(ENTITY_ORDER) == official


@given(image_parts())
def test_an_image_round_trip(parts: Parts) -> None:
    name = parse(parts.path)
    assert name is not None
    read = Parts(name.folder, name.entities, name.datatype, name.suffix, name.extension)
    assert read == parts
    assert read.path == parts.path
    assert name.session == parts.entities.get("ses", "")
    assert name.subject == parts.entities["sub"]


@given(derivative_parts())
def test_a_derivative_round_trip(parts: Parts) -> None:
    name = parse(parts.path)
    assert name is not None
    read = Parts(
        name.folder, name.entities, name.datatype, name.suffix, name.extension, name.source
    )
    assert read == parts
    assert read.path == parts.path


@given(ANY_PATHS)
def test_any_path_is_read_without_a_crash(path: str) -> None:
    name = parse(path)
    template, label = split_subject(path)
    assert template.replace(entities.HOLE, label) == path or not label
    if name is not None:
        assert path.endswith(name.stem + name.extension)
        assert name.folder == "" or path.startswith(name.folder + "/")


@given(image_parts(), LABELS)
def test_the_shape_is_the_same_for_every_subject(parts: Parts, label: str) -> None:
    other = Parts(
        parts.folder,
        {**parts.entities, "sub": label},
        parts.datatype,
        parts.suffix,
        parts.extension,
    )
    first, second = parse(parts.path), parse(other.path)
    assert first is not None
    assert second is not None
    assert first.shape is second.shape
    assert (first == second) == (parts.path == other.path)


@given(st.data())
def test_a_name_never_leaves_its_folder(data: st.DataObject) -> None:
    label = data.draw(st.text(max_size=12))
    try:
        path = format_path({"sub": label}, "T1w", ".json", datatype="anat", folder="out")
    except SpinegateError:
        return
    assert path == f"out/sub-{label}/anat/sub-{label}_T1w.json"
    assert "/" not in label


def test_strangers_names_do_not_fill_the_memory() -> None:
    for number in range(10_000):
        parse(f"sub-a/anat/sub-a_acq-{number}_T1w.json")
    assert entities._shape.cache_info().currsize <= 4096


def test_the_schema_is_not_loaded() -> None:
    code = "import sys, spinegate.validator.entities; print('bidsschematools' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.real
def test_the_real_dataset(bundle: Path) -> None:
    listed = subprocess.run(
        ["git", "-C", bundle, "ls-files"], capture_output=True, text=True, check=True
    )
    names = [parse(path) for path in listed.stdout.splitlines()]
    read = [name for name in names if name is not None]
    assert len(names) - len(read) == 13
    assert len({name.subject for name in read}) == 267
    assert len({id(name.shape) for name in read}) == 140
    assert all(bool(name.source) == name.folder.startswith("derivatives") for name in read)
