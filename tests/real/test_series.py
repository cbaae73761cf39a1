"""What the real dataset must show of series, order and MT labels; and real MT images."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from spinegate.rules.loader import load_rules
from spinegate.validator.finding import Finding, Severity
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

pytestmark = pytest.mark.real

OURS = {rule.code for rule in load_rules() if rule.group == "series"}
FOUND = {
    "PIXEL_BANDWIDTH_DIFFERS": 2,
    "RECEIVE_COIL_DIFFERS": 8,
    "REPETITION_TIME_DIFFERS": 2,
    "SERIES_LONG_GAP": 2,
    "SERIES_NUMBER_RESTARTS": 3,
    "SERIES_PARAMETER_DIFFERS": 1,
    "SESSION_LONG_GAP": 4,
    "SESSION_ORIENTATION_JUMP": 13,
    "SHIM_SETTING_DIFFERS": 15,
    "SLICE_ORIENTATION_DIFFERS": 2,
    "TRANSMIT_REFERENCE_DIFFERS": 6,
}
SILENT = {"FRAME_OF_REFERENCE_DIFFERS", "TABLE_POSITION_JUMPS", "IMAGE_SCALE_DIFFERS"}
IMAGES = {"GEOMETRY_DIFFERS", "MT_IMAGES_SWAPPED", "MT_IMAGES_IDENTICAL"}


def subject(finding: Finding) -> str:
    return finding.location.partition("sub-")[2].partition("/")[0]


def subjects(report: Report, code: str) -> set[str]:
    return {subject(finding) for finding in report.findings if finding.code == code}


def of(report: Report, code: str, label: str) -> Finding:
    (finding,) = (f for f in report.findings if f.code == code and subject(f) == label)
    return finding


def test_there_is_no_false_alarm(report: Report) -> None:
    assert Counter(f.code for f in report.findings if f.code in OURS) == FOUND


def test_every_rule_is_counted(report: Report) -> None:
    rules = {rule.code: rule for rule in report.rules if rule.code in OURS}
    assert set(rules) == OURS
    decided = {code for code, rule in rules.items() if rule.met or rule.not_met}
    # No keys, no content; and no sidecar has an MTState that could contradict.
    assert OURS - decided == SILENT | IMAGES | {"MT_STATE_CONTRADICTS"}
    assert all(rules[code].not_determinable for code in SILENT | IMAGES)


def test_the_second_exam_of_beijing_prisma_04(report: Report) -> None:
    codes = {finding.code for finding in report.findings if subject(finding) == "beijingPrisma04"}
    assert codes >= {
        "RECEIVE_COIL_DIFFERS",
        "SHIM_SETTING_DIFFERS",
        "SLICE_ORIENTATION_DIFFERS",
        "TRANSMIT_REFERENCE_DIFFERS",
        "SERIES_NUMBER_RESTARTS",
    }
    tilt = of(report, "SLICE_ORIENTATION_DIFFERS", "beijingPrisma04")
    assert tilt.observed == pytest.approx(2.2, abs=0.01)
    coil = of(report, "RECEIVE_COIL_DIFFERS", "beijingPrisma04")
    assert coil.observed["MTon"] != coil.observed["MToff"]
    assert coil.concerns == ("mtr", "mtsat", "t1")


def test_geneva_02(report: Report) -> None:
    codes = {finding.code for finding in report.findings if subject(finding) == "geneva02"}
    assert codes >= {"RECEIVE_COIL_DIFFERS", "SHIM_SETTING_DIFFERS", "SERIES_LONG_GAP"}
    assert of(report, "SERIES_LONG_GAP", "geneva02").observed == pytest.approx(24, abs=0.5)


def test_unequal_repetition_times(report: Report) -> None:
    assert subjects(report, "REPETITION_TIME_DIFFERS") == {"balgrist03", "milan01"}
    observed = of(report, "REPETITION_TIME_DIFFERS", "balgrist03").observed
    assert observed == {"MTon": 0.039, "MToff": 0.035}


def test_restarted_numbers_are_the_real_ones(report: Report) -> None:
    expected = {"beijingPrisma04", "mountSinai03", "queensland04"}
    assert subjects(report, "SERIES_NUMBER_RESTARTS") == expected
    assert "repositioned" in of(report, "SERIES_NUMBER_RESTARTS", "mountSinai03").message


def test_the_name_of_the_coil_alone_is_no_finding(report: Report) -> None:
    renamed = {"pavia03", "queensland01", "tokyoSkyra02", "tokyoSkyra03"}
    assert not renamed & subjects(report, "RECEIVE_COIL_DIFFERS")


def test_rounded_orientations_are_no_finding(report: Report) -> None:
    assert subjects(report, "SLICE_ORIENTATION_DIFFERS") == {"beijingPrisma04", "tehranS04"}


def test_no_labels_are_swapped_and_philips_is_not_determinable(report: Report) -> None:
    (rule,) = (rule for rule in report.rules if rule.code == "MT_LABELS_SWAPPED")
    assert (rule.met, rule.not_met, rule.not_determinable) == (202, 0, 57)


def test_jumps_and_gaps_are_warnings(report: Report) -> None:
    warned = {"SESSION_ORIENTATION_JUMP", "SESSION_LONG_GAP", "SERIES_LONG_GAP"}
    levels = {finding.severity for finding in report.findings if finding.code in warned}
    assert levels == {Severity.WARNING}


@pytest.fixture(scope="module")
def pairs(shared_data: Path) -> list[tuple[Path, Path]]:
    """The four real pairs of MTon and MToff."""
    tutorial = shared_data / "sct_tutorial_data" / "multi_subject" / "data"
    found = []
    for name in ("sub-01", "sub-03", "sub-05"):
        stem = tutorial / name / "anat" / f"{name}_acq-MT"
        found.append((Path(f"{stem}on_MTS.nii.gz"), Path(f"{stem}off_MTS.nii.gz")))
    testing = shared_data / "sct_testing_data" / "mt"
    return [*found, (testing / "mt1.nii.gz", testing / "mt0.nii.gz")]


def judge_pair(folder: Path, on: Path, off: Path) -> dict[str, tuple[int, int, int]]:
    """Name two images as MTon and MToff and return the rules' outcomes."""
    (folder / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.11.0"}')
    anat = folder / "sub-a01" / "anat"
    anat.mkdir(parents=True)
    shutil.copyfile(on, anat / "sub-a01_acq-MTon_MTS.nii.gz")
    shutil.copyfile(off, anat / "sub-a01_acq-MToff_MTS.nii.gz")
    wanted = ("MT_IMAGES_SWAPPED", "MT_IMAGES_IDENTICAL")
    return {
        rule.code: (rule.met, rule.not_met, rule.not_determinable)
        for rule in validate(Options(folder)).rules
        if rule.code in wanted
    }


MET, NOT_MET, BLIND = (1, 0, 0), (0, 1, 0), (0, 0, 1)


@pytest.mark.parametrize("number", range(4))
def test_a_real_pair_as_it_is(pairs: list[tuple[Path, Path]], number: int, tmp_path: Path) -> None:
    found = judge_pair(tmp_path, *pairs[number])
    assert found == {"MT_IMAGES_SWAPPED": MET, "MT_IMAGES_IDENTICAL": MET}


@pytest.mark.parametrize("number", range(4))
def test_a_real_pair_swapped(pairs: list[tuple[Path, Path]], number: int, tmp_path: Path) -> None:
    on, off = pairs[number]
    found = judge_pair(tmp_path, off, on)
    assert found == {"MT_IMAGES_SWAPPED": NOT_MET, "MT_IMAGES_IDENTICAL": MET}


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("number", range(4))
def test_a_real_image_twice(
    pairs: list[tuple[Path, Path]], number: int, which: int, tmp_path: Path
) -> None:
    image = pairs[number][which]
    found = judge_pair(tmp_path, image, image)
    assert found == {"MT_IMAGES_SWAPPED": BLIND, "MT_IMAGES_IDENTICAL": NOT_MET}


def test_the_ratio_of_real_pairs(pairs: list[tuple[Path, Path]]) -> None:
    import numpy as np
    from nibabel.nifti1 import Nifti1Image

    from spinegate.validator.checks.swap_image import signal_ratio

    for on, off in pairs:
        images = [np.asarray(Nifti1Image.from_filename(path).dataobj) for path in (on, off)]
        ratio = signal_ratio(*images)
        assert ratio is not None
        assert 0.585 < ratio < 0.705


def test_the_tutorial_as_a_dataset_has_no_finding_of_series(shared_data: Path) -> None:
    folder = shared_data / "sct_tutorial_data" / "multi_subject" / "data"
    report = validate(Options(folder))
    assert {finding.code for finding in report.findings} & OURS == set()
    (rule,) = (rule for rule in report.rules if rule.code == "MT_IMAGES_SWAPPED")
    assert rule.met == 3
