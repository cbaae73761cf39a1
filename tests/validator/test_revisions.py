"""Which commits are read: the base's tip for policy, where the change went off for comparison."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from spinegate.cli import run
from spinegate.system.errors import SpinegateError
from spinegate.validator.finding import Status
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.revisions import open_revisions
from spinegate.validator.run import validate
from tests.pulls import Pull, open_pull

REWRITTEN = "METADATA_REWRITTEN"
T2W = "sub-siemensA02/anat/sub-siemensA02_T2w.json"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origin") / "study"
    arguments = ["--vendors", "siemens", "--sites", "1", "--participants", "2"]
    assert run(["example", str(folder), *arguments]) == 0
    study = Pull(folder)
    study.git("init", "-q", "-b", "master")
    study.commit("the study")
    return folder


@pytest.fixture
def pull(origin: Path, tmp_path: Path) -> Pull:
    return open_pull(origin, tmp_path / "clone")


def new(report: Report) -> set[tuple[str, str]]:
    return {(f.code, f.location) for f in report.findings if f.status is Status.NEW}


def test_only_what_is_new_since_the_base_fails(pull: Pull) -> None:
    pull.set_key(T2W, "EchoTime", 0.3)
    pull.commit("wrong already")
    pull.git("branch", "-q", "-f", "master")
    pull.set_key(T2W.replace("T2w", "T1w"), "PatientName", "Doe^Jane")
    pull.commit()
    report = validate(Options(pull.folder, base="master", ref="HEAD"))
    assert new(report) == {("SIDECAR_IDENTIFIES_PERSON", T2W.replace("T2w", "T1w"))}
    assert (report.summary.errors, report.summary.old) == (1, 1)
    assert report.failed
    assert report.header.base == "master"


def test_a_mended_finding_is_fixed_and_the_change_passes(pull: Pull) -> None:
    pull.set_key(T2W, "PatientName", "Doe^Jane")
    pull.commit("wrong already")
    pull.git("branch", "-q", "-f", "master")
    pull.git("checkout", "-q", "HEAD~1", "--", T2W)
    pull.commit()
    report = validate(Options(pull.folder, base="master"))
    assert [f.code for f in report.fixed] == ["SIDECAR_IDENTIFIES_PERSON"]
    assert new(report) == set()
    assert not report.failed
    assert report.summary.fixed == 1


def test_the_folder_is_judged_where_no_ref_is_named(pull: Pull) -> None:
    pull.set_key(T2W, "EchoTime", 0.3)  # not even added
    report = validate(Options(pull.folder, base="master"))
    assert {code for code, _ in new(report)} == {"ECHO_TIME_OUT_OF_TOLERANCE", REWRITTEN}
    assert new(validate(Options(pull.folder, base="master", ref="HEAD"))) == set()


def test_what_happened_on_the_base_since_is_no_change(pull: Pull, tmp_path: Path) -> None:
    """A base that went on by another participant: the branch didn't remove anybody."""
    pull.git("switch", "-q", "-c", "other", "master")
    shutil.copy(pull.folder / T2W, pull.folder / "extra.json")
    pull.set_key(T2W, "EchoTime", 0.3)
    pull.commit("the base goes on")
    pull.git("branch", "-q", "-f", "master")
    pull.git("switch", "-q", "change")
    report = validate(Options(pull.folder, base="master", ref="change"))
    assert new(report) == set()
    assert report.fixed == ()


def test_policy_comes_from_the_tip_and_the_comparison_from_the_fork(pull: Pull) -> None:
    fork = pull.git("rev-parse", "master").strip()
    pull.git("switch", "-q", "master")
    pull.write({"CHANGES": "1.0.1 later\n"})
    pull.commit("the base goes on")
    pull.git("switch", "-q", "change")
    found = open_revisions(Options(pull.folder, base="master", ref="change"))
    assert found.commit == pull.git("rev-parse", "master").strip()
    assert found.base is not None
    assert found.base.name.endswith(fork)
    assert any(entry.path == "CHANGES" and entry.oid for entry in found.policy.entries)


def test_participants_that_the_base_lacks_can_be_asked_for(pull: Pull) -> None:
    for path in sorted(pull.folder.rglob("*siemensA02*"), reverse=True):
        if path.is_file():
            copy = Path(str(path).replace("siemensA02", "siemensA03"))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    pull.commit()
    report = validate(Options(pull.folder, base="master", ref="HEAD", labels=("siemensA03",)))
    assert all("siemensA02" not in path for _, path in new(report))


def test_a_base_without_a_common_history_is_refused(pull: Pull) -> None:
    pull.git("switch", "-q", "--orphan", "strange")
    pull.write({"README": "another dataset"})
    pull.commit()
    with pytest.raises(SpinegateError, match="no commit in common"):
        validate(Options(pull.folder, base="strange", ref="change"))


@pytest.mark.parametrize("base", ["nowhere", "--output=x", "", "HEAD:README"])
def test_a_base_that_is_no_commit_is_refused(pull: Pull, base: str) -> None:
    with pytest.raises(SpinegateError, match="commit"):
        validate(Options(pull.folder, base=base))


def test_a_bare_repository_needs_no_checkout(pull: Pull, tmp_path: Path) -> None:
    pull.set_key(T2W, "EchoTime", 0.3)
    pull.commit()
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(pull.folder), str(bare)], check=True)
    report = validate(Options(bare, base="master", ref="change"))
    assert {code for code, _ in new(report)} == {"ECHO_TIME_OUT_OF_TOLERANCE", REWRITTEN}


def test_a_shallow_clone_is_told_what_to_fetch(pull: Pull, tmp_path: Path) -> None:
    pull.set_key(T2W, "EchoTime", 0.3)
    pull.commit()
    shallow = tmp_path / "shallow"
    source = f"file://{pull.folder}"
    clone = ["git", "clone", "-q", "--depth=1", "--no-single-branch", source, str(shallow)]
    subprocess.run(clone, check=True)
    with pytest.raises(SpinegateError, match="fetch-depth: 0"):
        validate(Options(shallow, base="origin/master", ref="HEAD"))
