"""The annex of the real dataset: all of it can be found, all of it is public."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

pytestmark = pytest.mark.real

IMAGES = 11_682
CODES = {
    "GIT_ANNEX_BRANCH_MISSING": IMAGES,
    "GIT_ANNEX_BRANCH_NOT_PUSHED": IMAGES,
    "CONTENT_NOWHERE": IMAGES,
    "CONTENT_NOT_PUBLIC": IMAGES,
    "NUMCOPIES_NOT_MET": 0,  # the dataset asks for no number
    "NIFTI_IN_GIT": IMAGES,
}


def counts(report: Report) -> dict[str, tuple[int, int, int]]:
    rules = {rule.code: rule for rule in report.rules}
    return {c: (r.met, r.not_met, r.not_determinable) for c in CODES for r in [rules[c]]}


def test_all_images_lie_in_a_public_remote(report: Report) -> None:
    assert counts(report) == {code: (met, 0, 0) for code, met in CODES.items()}
    assert not [finding for finding in report.findings if finding.code in CODES]


def test_a_clone_without_the_git_annex_branch(bundle: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--single-branch", "-b", "master", bundle.as_uri(), str(clone)],
        check=True,
    )
    report = validate(Options(clone))
    (found,) = [finding for finding in report.findings if finding.code in CODES]
    assert (found.code, found.location) == ("GIT_ANNEX_BRANCH_MISSING", ".")
    fetch = "git fetch origin git-annex:refs/remotes/origin/git-annex"
    assert found.command == fetch
    assert counts(report)["CONTENT_NOWHERE"] == (0, 0, IMAGES)
    subprocess.run(["bash", "-ec", fetch], cwd=clone, check=True, capture_output=True)
    assert counts(validate(Options(clone))) == {c: (met, 0, 0) for c, met in CODES.items()}
