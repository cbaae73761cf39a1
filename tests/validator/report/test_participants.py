from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.report.participants import compress, participant_of


@pytest.mark.parametrize(
    ("path", "participant"),
    [
        ("sub-amu01/anat/sub-amu01_T2w.nii.gz", "sub-amu01"),
        ("derivatives/labels/sub-amu01/anat/x.json", "sub-amu01"),
        ("sub-amu01_T2w.json", "sub-amu01"),
        ("sub-amu01", "sub-amu01"),
        ("participants.tsv", ""),
        ("nosub-amu01/x", ""),
        (".", ""),
    ],
)
def test_participant_of_a_path(path: str, participant: str) -> None:
    assert participant_of(path) == participant


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["sub-amu03"], "sub-amu03"),
        (["sub-amu03", "sub-amu01", "sub-amu02", "sub-amu02"], "sub-amu01-03"),
        (["sub-a01", "sub-a03", "sub-b01"], "sub-a01, 03, sub-b01"),
        (["sub-a9", "sub-a10"], "sub-a9, 10"),
        (["sub-a09", "sub-a10"], "sub-a09-10"),
        (["sub-mniS01", "sub-mniPilot1"], "sub-mniPilot1, sub-mniS01"),
        (["sub-x", "sub-y"], "sub-x, sub-y"),
        (["sub-" + "1" * 5000], "sub-" + "1" * 5000),
    ],
)
def test_compress(names: list[str], text: str) -> None:
    assert compress(names) == text


def test_compress_counts_what_it_leaves_out() -> None:
    names = [f"sub-{site}{number:02}" for site in "abc" for number in (1, 2, 3, 5)]
    assert compress(names, limit=3) == "sub-a01-03, 05, sub-b01-03 and 5 more"


NAMES = st.from_regex(r"sub-[a-c]{1,2}[0-9]{0,2}", fullmatch=True)


@given(st.sets(NAMES, max_size=30))
def test_compress_names_everybody_once(names: set[str]) -> None:
    assert _expand(compress(names, limit=100)) == sorted(names)


def _expand(text: str) -> list[str]:
    names: list[str] = []
    stem = ""
    for part in filter(None, text.split(", ")):
        match = re.fullmatch(r"(sub-[a-c]+)?([0-9]*)(?:-([0-9]+))?", part)
        assert match
        stem = match[1] or stem
        first, last = match[2], match[3] or match[2]
        if not first:
            names.append(stem)
            continue
        names += [f"{stem}{n:0{len(first)}}" for n in range(int(first), int(last) + 1)]
    return sorted(names)
