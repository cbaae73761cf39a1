"""The inheritance principle against its words, tried on every pair of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.entities import parse
from spinegate.validator.inheritance import Inheritance
from spinegate.validator.sidecar import Sidecar

IMAGES = [
    "sub-1/anat/sub-1_T1w.nii.gz",
    "sub-1/anat/sub-1_run-1_T1w.nii.gz",
    "sub-1/anat/sub-1_acq-x_run-1_T1w.nii.gz",
    "sub-1/ses-a/anat/sub-1_ses-a_T1w.nii.gz",
    "sub-1/ses-a/anat/sub-1_ses-a_run-2_T2w.nii.gz",
    "sub-2/dwi/sub-2_dwi.nii",
    "sourcedata/sub-1/anat/sub-1_T1w.nii.gz",
    "derivatives/x/sub-1/anat/sub-1_T1w_label-SC_seg.nii.gz",
]
SIDECARS = [
    "T1w.json", "T2w.json", "dwi.json", "run-1_T1w.json", "acq-x_T1w.json", "sub-1_T1w.json",
    "sub-1/sub-1_T1w.json", "sub-1/sub-1_run-1_T1w.json", "sub-1/sub-1_acq-x_T1w.json",
    "sub-1/ses-a/sub-1_ses-a_T1w.json", "sub-1/ses-a/sub-1_ses-a_T2w.json",
    "sub-1/anat/sub-1_T1w.json", "sub-1/anat/sub-1_run-1_T1w.json",
    "sub-1/anat/sub-1_acq-x_run-1_T1w.json", "sub-1/ses-a/anat/sub-1_ses-a_T1w.json",
    "sub-1/ses-a/anat/sub-1_ses-a_run-2_T2w.json", "sub-2/dwi/sub-2_dwi.json",
    "sourcedata/T1w.json", "sourcedata/sub-1/anat/sub-1_T1w.json",
    "derivatives/x/label-SC_seg.json", "derivatives/x/sub-1/anat/sub-1_T1w_label-SC_seg.json",
    "derivatives/x/sub-1/anat/sub-1_T2w_label-SC_seg.json",
]  # fmt: skip


def make(sidecars: Mapping[str, Any]) -> Inheritance:
    names = {path: parse(path) for path in sidecars}
    return Inheritance(names, {path: Sidecar(value) for path, value in sidecars.items()})


def entities(path: str) -> set[str]:
    return set(path.rpartition("/")[2].partition(".")[0].split("_")[:-1])


def suffix(path: str) -> str:
    return path.partition(".")[0].rpartition("_")[2].rpartition("/")[2]


def root(path: str) -> list[str]:
    parts = path.split("/")
    top = next(index for index, part in enumerate(parts) if part.startswith("sub-"))
    return parts[:top]


def applicable(sidecars: list[str], image: str) -> list[str]:
    """The specification's words: same suffix, no other entities, same folder or one above."""
    folder = image.split("/")[:-1]
    found = []
    for length in range(len(root(image)), len(folder) + 1):
        level = [
            path
            for path in sidecars
            if path.split("/")[:-1] == folder[:length]
            and suffix(path) == suffix(image)
            and entities(path) <= entities(image)
        ]
        if level:
            found.append(max(level, key=lambda path: (len(entities(path)), path)))
    return found


@given(st.sets(st.sampled_from(SIDECARS)).map(sorted), st.sampled_from(IMAGES), st.randoms())
def test_against_the_words_of_the_specification(
    present: list[str], image: str, random: Any
) -> None:
    random.shuffle(present)
    values = {path: {"from": path, path: 1, "shared": len(path)} for path in present}
    metadata, sources = make(values).of(image, parse(image))
    expected = applicable(present, image)
    merged: dict[str, Any] = {}
    for path in expected:
        merged.update(values[path])
    assert list(sources) == expected
    assert metadata == merged


def test_a_foreign_name_has_its_own_sidecar_only() -> None:
    inheritance = make({"T1w.json": {"a": 1}, "3_t1 sag.json": {"b": 2}})
    assert inheritance.of("3_t1 sag.nii.gz", None) == ({"b": 2}, ("3_t1 sag.json",))
    assert inheritance.of("4_t1 sag.nii", None) == ({}, ())


def test_one_sidecar_is_shared_and_several_are_not_changed() -> None:
    values = {"T1w.json": {"a": 1, "b": 1}, "sub-1/anat/sub-1_T1w.json": {"b": 2}}
    inheritance = make(values)
    merged, _ = inheritance.of(IMAGES[0], parse(IMAGES[0]))
    assert merged == {"a": 1, "b": 2}
    assert values["T1w.json"] == {"a": 1, "b": 1}
    alone, _ = make({"T1w.json": values["T1w.json"]}).of(IMAGES[0], parse(IMAGES[0]))
    assert alone is values["T1w.json"]


@pytest.mark.parametrize("image", ["a.nii/x.nii.gz", "a.nii.gz/x.nii"])
def test_folder_that_is_called_like_an_image(image: str) -> None:
    own = image.rpartition("/")[0] + "/x.json"
    assert make({own: {"a": 1}}).of(image, parse(image)) == ({"a": 1}, (own,))
