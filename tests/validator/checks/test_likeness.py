"""Names that were written by hand and names that a scanner exports."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.checks.licences import licence_of
from spinegate.validator.checks.likeness import (
    same_coil,
    same_day,
    same_maker,
    same_model,
    same_software,
)

Compare = Callable[[str, str], bool | None]
ALL = (same_coil, same_day, same_maker, same_model, same_software)


@pytest.mark.parametrize(
    ("told", "found", "same"),
    [
        ("VE11C", "syngo_MR_E11", True),
        ("VE11B", "syngo_MR_E11", True),
        ("syngo MR E11", "syngo_MR_E11", True),
        ("VB17", "syngo_MR_B17", True),
        ("syngo_MR_D13", "syngo_MR_D13C", True),
        ("MP24", "26_LX_MR_Software_release:MP24.0_R03_1712.b", True),
        ("DV26.0_R01", "27_LX_MR_Software_release:DV26.0_R01_1725.a", True),
        ("R5.5", "5.5.2_5.5.2.0", True),
        ("Release 5.4.1", "5.4.1_5.4.1.0", True),
        ("syngo MR XA20", "syngo MR XA11", False),
        ("VE11C", "syngo_MR_B17", False),
        ("5.3", "5.5.2_5.5.2.0", False),
        ("?", "syngo_MR_B17", None),
    ],
)
def test_software(told: str, found: str, same: bool | None) -> None:
    assert same_software(told, found) is same


@pytest.mark.parametrize(
    ("told", "found", "same"),
    [
        ("HeadNeck_64", "HeadNeck_64", True),
        ("64ch+spine", "HeadNeck_64", True),
        ("64ch", "HeadNeck_64", True),
        ("HeadNeck_20", "HeadNeck_64", False),
        ("HeadNeck_64", "Spine_32", None),
        ("Spine_32", "HeadNeck_64", None),
        ("12ch+4ch neck", "NeckMatrix", None),
        ("NeckMatrix", "HeadMatrix", None),
    ],
)
def test_coil(told: str, found: str, same: bool | None) -> None:
    assert same_coil(told, found) is same


@pytest.mark.parametrize(
    ("compare", "told", "found", "same"),
    [
        (same_maker, "GE", "GE MEDICAL SYSTEMS", True),
        (same_maker, "Siemens", "SIEMENS", True),
        (same_maker, "Siemens", "Philips", False),
        (same_model, "MR750", "DISCOVERY_MR750", True),
        (same_model, "MR750", "DISCOVERY_MR750w", False),
        (same_model, "Vida", "MAGNETOM Vida", True),
        (same_model, "Prisma-fit", "Prisma", False),
        (same_day, "2019-01-10", "2019-01-10", True),
        (same_day, "2019-10-01", "2019-01-10", False),
        (same_day, "2019", "2019-01-10", None),
    ],
)
def test_scanner_and_day(compare: Compare, told: str, found: str, same: bool | None) -> None:
    assert compare(told, found) is same


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text(told: str, found: str) -> None:
    for compare in ALL:
        assert compare(told, found) in (True, False, None)
        assert compare(told, told) is not False


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("CC0", "CC0 1.0"),
        ("CC-BY-4.0", "CC BY 4.0"),
        ("CC BY", "CC BY 4.0"),
        ("Creative Commons Attribution 4.0 International License", "CC BY 4.0"),
        ("Attribution-NonCommercial-ShareAlike 4.0 International", "CC BY-NC-SA"),
        ("PDDL", "PDDL 1.0"),
        ("MIT License\n\nCopyright", "MIT"),
        ("ask the authors", ""),
        ("", ""),
    ],
)
def test_licence(text: str, licence: str) -> None:
    assert licence_of(text) == licence
