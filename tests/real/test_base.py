"""Pull requests on the real dataset: what each of them changed, and nothing of the backlog."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spinegate.validator.finding import Finding, Severity, Status
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate
from tests.pulls import Pull, open_pull

pytestmark = pytest.mark.real

BACKLOG = 273
MTOFF = "anat/sub-amu01_flip-1_mt-off_MTS"


@pytest.fixture
def pull(bundle: Path, tmp_path: Path) -> Pull:
    return open_pull(bundle, tmp_path / "pull")


def judge(pull: Pull) -> Report:
    pull.commit()
    return validate(Options(pull.folder, base="master", ref="HEAD"))


def new(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.status is Status.NEW]


def codes(report: Report) -> list[tuple[str, str]]:
    return sorted((finding.code, finding.location) for finding in new(report))


def test_a_change_of_nothing_that_counts_passes(pull: Pull) -> None:
    pull.write({"README.md": (pull.folder / "README.md").read_text() + "\nOne more line.\n"})
    report = judge(pull)
    assert new(report) == []
    assert not report.failed
    assert (report.summary.old, report.summary.fixed) == (BACKLOG, 0)


@pytest.mark.parametrize(
    "gone",
    [
        [f"sub-amu01/{MTOFF}.nii.gz"],
        [f"sub-amu01/{MTOFF}.nii.gz", f"sub-amu01/{MTOFF}.json"],
        [
            f"{top}sub-amu01/{MTOFF}{extension}"
            for top in ("", "sourcedata/")
            for extension in (".nii.gz", ".json")
        ],
    ],
    ids=["image", "image and sidecar", "image, sidecar and source"],
)
def test_a_deleted_image_is_reported_and_nothing_else(pull: Pull, gone: list[str]) -> None:
    pull.delete(*gone)
    report = judge(pull)
    assert codes(report) == [("CONTRAST_LOST", f"sub-amu01/{MTOFF}.nii.gz")]
    assert report.failed
    assert report.summary.old == BACKLOG
    assert new(report)[0].contrast == "MToff"


def test_all_images_of_a_contrast_deleted_gives_one_finding_each(pull: Pull) -> None:
    images = sorted(pull.folder.glob("sub-*/anat/*_flip-1_mt-off_MTS.nii.gz"))
    pull.delete(*(str(path.relative_to(pull.folder)) for path in images))
    report = judge(pull)
    assert len(images) == 259
    assert [finding.code for finding in new(report)] == ["CONTRAST_LOST"] * 259


def test_a_removed_participant_is_one_finding(pull: Pull) -> None:
    for folder in pull.folder.glob("**/sub-amu02"):
        shutil.rmtree(folder)
    report = judge(pull)
    assert ("PARTICIPANT_REMOVED", "sub-amu02") in codes(report)
    assert {code for code, _ in codes(report)} <= {
        "PARTICIPANT_REMOVED",
        "PARTICIPANT_WITHOUT_FOLDER",
    }


def test_a_wrong_flip_angle_is_new_also_where_the_site_had_another_wrong_one(pull: Pull) -> None:
    """The T2w of amu have 180 degrees, which the older protocol asked for; 90 nobody did."""
    for top in ("", "sourcedata/"):
        pull.set_key(f"{top}sub-amu01/anat/sub-amu01_T2w.json", "FlipAngle", 90)
    report = judge(pull)
    assert codes(report) == [
        ("FLIP_ANGLE_OUT_OF_TOLERANCE", "sourcedata/sub-amu01/anat/sub-amu01_T2w.nii.gz")
    ]
    assert new(report)[0].severity is Severity.ERROR
    assert report.summary.old == BACKLOG


def test_mending_a_part_of_a_site_s_fault_gives_nothing_new(pull: Pull) -> None:
    """One of five scans with 180 degrees is said to have 120: four are left, all of them old."""
    for top in ("", "sourcedata/"):
        pull.set_key(f"{top}sub-amu01/anat/sub-amu01_T2w.json", "FlipAngle", 120)
    report = judge(pull)
    assert new(report) == []
    assert report.summary.old == BACKLOG


def test_a_renamed_participant_takes_the_old_findings_along(pull: Pull) -> None:
    for path in sorted(pull.folder.rglob("sub-amu01*"), reverse=True):
        path.rename(path.with_name(path.name.replace("amu01", "amu09")))
    table = pull.folder / "participants.tsv"
    table.write_text(table.read_text().replace("sub-amu01\t", "sub-amu09\t"))
    report = judge(pull)
    assert {code for code, _ in codes(report)} <= {"SCAN_RENAMED"}
    assert not report.failed
