"""Pull requests on the real dataset: what each of them changed, and nothing of the backlog."""

from __future__ import annotations

import json
import shutil
import socket
from io import StringIO
from pathlib import Path

import pytest

from spinegate.validator.finding import Finding, Severity, Status
from spinegate.validator.options import Options
from spinegate.validator.report.formats import FORMATS
from spinegate.validator.result import Report
from spinegate.validator.run import validate
from tests.pulls import Pull, open_pull

pytestmark = pytest.mark.real

BACKLOG = 273
MTOFF = "anat/sub-amu01_flip-1_mt-off_MTS"


@pytest.fixture(scope="module")
def clone(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Pull:
    return open_pull(bundle, tmp_path_factory.mktemp("pulls") / "pull")


@pytest.fixture
def pull(clone: Pull) -> Pull:
    """The one clone, brought back: a checkout of 24,469 files for each test would cost minutes."""
    clone.git("reset", "-q", "--hard")
    clone.git("clean", "-q", "-d", "--force")
    clone.git("switch", "-q", "-C", "master", "origin/master")
    clone.git("switch", "-q", "-C", "change")
    return clone


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


@pytest.fixture
def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("without_network")
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_of_the_deleted_image_alone(pull: Pull, form: str) -> None:
    pull.delete(f"sub-amu01/{MTOFF}.nii.gz")
    report = judge(pull)
    page = StringIO()
    FORMATS[form](report, page)
    text = page.getvalue()
    assert "CONTRAST_LOST" in text
    assert f"sub-amu01/{MTOFF}.nii.gz" in text
    if form == "json":
        found = [f["code"] for f in json.loads(text)["findings"] if f["status"] == "new"]
    elif form == "jsonl":
        lines = map(json.loads, text.splitlines())
        found = [f["code"] for f in lines if f["type"] == "finding" and f["status"] == "new"]
    elif form == "sarif":
        results = json.loads(text)["runs"][0]["results"]
        found = [r["ruleId"] for r in results if r["baselineState"] == "new"]
    elif form == "github":
        found = ["CONTRAST_LOST" for line in text.splitlines() if line.startswith("::error")]
        assert "SIDECAR_KEY_MISSING" not in text.partition("::notice")[0]
    else:
        return  # made for people: the others hold what they say
    assert found == ["CONTRAST_LOST"]


def test_the_same_change_passes_where_it_is_waived_on_the_base(pull: Pull) -> None:
    pull.git("switch", "-q", "master")
    record = (
        "overrides:\n"
        "  - code: CONTRAST_LOST\n"
        f"    location: sub-amu01/{MTOFF}.nii.gz\n"
        "    severity: ignore\n"
        "    reason: the participant moved\n"
        "    until: 2999-12-31\n"
    )
    pull.write({".spinegate.yml": record})
    pull.commit("waive it")
    pull.git("switch", "-q", "change")
    pull.delete(f"sub-amu01/{MTOFF}.nii.gz")
    report = judge(pull)
    assert not report.failed
    assert (report.summary.errors, report.summary.waived) == (0, 1)
    waived = [f for f in report.findings if f.severity is Severity.IGNORE]
    assert [f.code for f in waived] == ["CONTRAST_LOST"]
    assert waived[0].policy is not None
    assert waived[0].policy["reason"] == "the participant moved"


def test_a_change_can_not_waive_itself(pull: Pull) -> None:
    record = "overrides: [{code: '*', severity: ignore, reason: because}]\n"
    pull.write({".spinegate.yml": record, ".bidsignore": "**\n"})
    pull.delete(f"sub-amu01/{MTOFF}.nii.gz")
    report = judge(pull)
    assert codes(report) == [
        ("CONTRAST_LOST", f"sub-amu01/{MTOFF}.nii.gz"),
        ("POLICY_CHANGED", ".bidsignore"),
        ("POLICY_CHANGED", ".spinegate.yml"),
    ]
    assert report.failed


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
    image = "sourcedata/sub-amu01/anat/sub-amu01_T2w.nii.gz"
    assert codes(report) == [
        ("FLIP_ANGLE_OUT_OF_TOLERANCE", image),
        ("METADATA_REWRITTEN", image),
    ]
    assert [f.severity for f in new(report)] == [Severity.ERROR, Severity.WARNING]
    assert report.summary.old == BACKLOG


def test_mending_a_part_of_a_site_s_fault_leaves_the_rest_old(pull: Pull) -> None:
    """One of five scans with 180 degrees is said to have 120: four are left, all of them old.

    Whether the image was measured so is for people to say: the change of the fact is told.
    """
    for top in ("", "sourcedata/"):
        pull.set_key(f"{top}sub-amu01/anat/sub-amu01_T2w.json", "FlipAngle", 120)
    report = judge(pull)
    assert [finding.code for finding in new(report)] == ["METADATA_REWRITTEN"]
    assert not report.failed
    assert report.summary.old == BACKLOG


def test_a_renamed_participant_takes_the_old_findings_along(pull: Pull) -> None:
    for path in sorted(pull.folder.rglob("sub-amu01*"), reverse=True):
        path.rename(path.with_name(path.name.replace("amu01", "amu09")))
    table = pull.folder / "participants.tsv"
    table.write_text(table.read_text().replace("sub-amu01\t", "sub-amu09\t"))
    report = judge(pull)
    assert {code for code, _ in codes(report)} <= {"SCAN_RENAMED"}
    assert not report.failed
