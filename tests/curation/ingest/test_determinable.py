"""Rules that need what ingest adds: determinable on what it writes, and blind without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.validator.options import Options
from spinegate.validator.result import Report, RuleCount
from spinegate.validator.run import validate

from .conftest import Ingest, Rewrite

SERIES = ("IMAGE_SCALE_DIFFERS", "SHIM_SETTING_DIFFERS", "RECEIVE_COIL_DIFFERS",
          "TRANSMIT_REFERENCE_DIFFERS")  # fmt: skip
SESSION = ("FRAME_OF_REFERENCE_DIFFERS", "TABLE_POSITION_JUMPS", "SERIES_NUMBER_RESTARTS",
           "SESSION_LONG_GAP", "SERIES_LONG_GAP")  # fmt: skip
MTOFF = "0006_GRE-MT0"


def check(folder: Path) -> tuple[Report, dict[str, RuleCount]]:
    report = validate(Options(folder))
    return report, {rule.code: rule for rule in report.rules}


@pytest.mark.parametrize("vendor", ["siemens", "ge", "philips"])
def test_rules_of_a_session_are_determined(
    vendor: str, exam: Callable[[str], Path], dataset: Path, ingest: Ingest
) -> None:
    status, said, _ = ingest(
        exam(vendor), dataset, "--subject", f"{vendor}A01", "--apply", "--despite-errors"
    )
    assert status == 0, said
    report, rules = check(dataset)
    wanted = (*SESSION, *(SERIES if vendor == "siemens" else ()))
    for code in wanted:
        assert rules[code].met, code
        assert not rules[code].not_determinable, (code, rules[code].reasons)
    assert not {finding.code for finding in report.findings} & {*SESSION, *SERIES}


def test_ge_shim_is_compared_and_its_scale_is_not_determinable(
    exam: Callable[[str], Path], dataset: Path, ingest: Ingest
) -> None:
    status, said, _ = ingest(exam("ge"), dataset, "--subject", "geA01", "--apply")
    assert status == 0
    assert "FFTScaleFactor, GE scanners don't export it" in said
    _, rules = check(dataset)
    assert rules["SHIM_SETTING_DIFFERS"].met
    assert rules["IMAGE_SCALE_DIFFERS"].met == 0


def other_scale(header: Any) -> None:
    """Change digits of the factors in the CSA header, whose lengths stay."""
    block = header.private_block(0x0029, "SIEMENS CSA HEADER")
    content = block[0x20].value
    number = re.compile(rb"(aFFT_SCALE\[\d+\]\.flFactor\t = \t)(\d)")
    changed = number.sub(lambda m: m[1] + str((int(m[2]) + 5) % 10).encode(), content)
    assert changed != content
    assert len(changed) == len(content)
    block[0x20].value = changed


def other_frame(header: Any) -> None:
    header.FrameOfReferenceUID = "2.25.99"


def moved_table(header: Any) -> None:
    block = header.private_block(0x0019, "SIEMENS MR HEADER")
    x, y, z = block[0x14].value
    block[0x14].value = [x, y, z + 35]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (other_scale, "IMAGE_SCALE_DIFFERS"),
        (other_frame, "FRAME_OF_REFERENCE_DIFFERS"),
        (moved_table, "TABLE_POSITION_JUMPS"),
    ],
)
def test_what_differs_in_the_dicom_files_is_found(
    edit: Any,
    code: str,
    exam: Callable[[str], Path],
    dataset: Path,
    ingest: Ingest,
    rewrite: Rewrite,
) -> None:
    source = exam("siemens")
    rewrite(source / MTOFF, edit)
    status, said, _ = ingest(
        source, dataset, "--subject", "siemensA01", "--apply", "--despite-errors"
    )
    assert status == 0, said
    report, _ = check(dataset)
    found = [finding for finding in report.findings if finding.code == code]
    assert len(found) == 1
    assert "siemensA01" in found[0].location
