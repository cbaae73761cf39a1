from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.belonging import tell_owners

T1W, T2W, DWI = "T1w", "T2w", "dwi"


@pytest.mark.parametrize(
    ("contrasts", "owners"),
    [
        ({"a.nii.gz": T1W, "b.nii.gz": T1W}, {("export", "")}),
        ({"pat-1/a.nii.gz": T1W}, {("pat1", "")}),
        ({"01_T1w/a.nii.gz": T1W, "02_T2w/a.nii.gz": T2W, "x/a.nii.gz": None}, {("export", "")}),
        (
            {"p/01_T1w/a.nii.gz": T1W, "p/02_T2w/a.nii.gz": T2W, "p/09_T1w/a.nii.gz": T1W},
            {("p", "")},
        ),
        ({"anat/a.nii.gz": T1W, "anat/b.nii.gz": T2W, "dwi/c.nii.gz": DWI}, {("export", "")}),
        (
            {"sub-x/visit1/a.nii.gz": T1W, "sub-x/visit2/a.nii.gz": T1W},
            {("x", "visit1"), ("x", "visit2")},
        ),
        (
            {"20190212/a.nii.gz": T1W, "20190313/a.nii.gz": T1W},
            {("export", "20190212"), ("export", "20190313")},
        ),
        ({"a/1.nii.gz": T1W, "b/1.nii.gz": T1W}, {("a", ""), ("b", "")}),
        ({"p-1/1.nii.gz": T1W, "p1/1.nii.gz": T1W}, {("p1", ""), ("p1x2", "")}),
        ({"ä/1.nii.gz": T1W, "ö/1.nii.gz": T1W}, {("01", ""), ("01x2", "")}),
        ({"1.nii.gz": T1W, "a/1.nii.gz": T1W}, {("export", ""), ("a", "")}),
    ],
)
def test_folders_tell_whose_an_image_is(
    contrasts: dict[str, str | None], owners: set[tuple[str, str]]
) -> None:
    assert set(tell_owners(contrasts, "export").values()) == owners


def test_participants_with_folders_of_their_own_for_each_visit_or_series() -> None:
    contrasts: dict[str, str | None] = {
        "a/anat/1.nii.gz": T1W,
        "a/dwi/2.nii.gz": DWI,
        "b/visit-1/1.nii.gz": T1W,
        "b/visit-2/1.nii.gz": T1W,
    }
    assert tell_owners(contrasts, "export") == {
        "a/anat/1.nii.gz": ("a", ""),
        "a/dwi/2.nii.gz": ("a", ""),
        "b/visit-1/1.nii.gz": ("b", "visit1"),
        "b/visit-2/1.nii.gz": ("b", "visit2"),
    }


PATHS = st.lists(st.sampled_from(["a", "b-1", "b1", "ses-1", "ä", "T1w"]), max_size=4).map(
    "/".join
)


@given(st.dictionaries(PATHS, st.sampled_from([None, T1W, T2W])), st.text())
def test_every_image_belongs_to_somebody(contrasts: dict[str, str | None], folder: str) -> None:
    owners = tell_owners(contrasts, folder)
    assert owners.keys() == contrasts.keys()
    for participant, session in owners.values():
        assert participant.isascii()
        assert participant.isalnum()
        assert not session or (session.isascii() and session.isalnum())
