"""How many copies are wanted, by .gitattributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.checks.copies import parse_attributes

PATH = "sub-a01/anat/sub-a01_T1w.nii.gz"


def wanted(text: str, path: str = PATH) -> list[int | None]:
    return [line.number for line in parse_attributes(text) if line.fits(path)]


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*.nii.gz",
        "sub-a0?_T1w.nii.gz",
        "sub-*/anat/*",
        "/sub-a01/anat/*.nii.gz",
        "sub-a01/**",
        "sub-a01/anat/**",
        "**/*.nii.gz",
        "**/anat/*",
    ],
)
def test_patterns_that_fit(pattern: str) -> None:
    assert wanted(f"{pattern} filter=annex annex.numcopies=2\n") == [2]


@pytest.mark.parametrize(
    "pattern",
    ["*.json", "anat", "anat/*", "sub-a01/*", "sub-a02/**", "sub-a01/", "/*.nii.gz", "**/dwi/*"],
)
def test_patterns_that_do_not(pattern: str) -> None:
    assert wanted(f"{pattern} annex.numcopies=2\n") == []


def test_what_is_no_number_takes_back_what_was_said() -> None:
    text = "* annex.numcopies=2\n* !annex.numcopies\n* annex.numcopies=many\n* -annex.numcopies\n"
    assert wanted(text) == [2, None, None, None]
    assert wanted("# annex.numcopies=2\n[attr]x annex.numcopies=2\n* annex.largefiles=2\n") == []


@given(st.text(alphabet='*?[]/!-ab\\" \n', max_size=40), st.text(alphabet="ab/.*", min_size=1))
def test_any_text_is_read(text: str, path: str) -> None:
    wanted("\n".join(f"{line} annex.numcopies=2" for line in text.splitlines()), path)
