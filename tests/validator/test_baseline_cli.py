from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from spinegate.cli import run as spinegate
from spinegate.system.errors import ConfigError
from spinegate.validator.baseline_cli import command
from spinegate.validator.finding import Severity
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate
from tests.pulls import open_pull

Files = Callable[[Path, dict[str, str | bytes]], None]
WHY = ("--reason", "it was so before", "--by", "Jane Doe")
PLACE = ".spinegate/baseline.yml"


@pytest.fixture
def dataset(tmp_path: Path, files: Files) -> Path:
    """A dataset with a few faults of its own and one of each of two participants."""
    folder = tmp_path / "dataset"
    sidecar = json.dumps({"EchoTime": "short"})
    files(
        folder,
        {
            "dataset_description.json": json.dumps({"Name": "D", "BIDSVersion": "1.9.0"}),
            "participants.tsv": "participant_id\nsub-a01\nsub-b01\n",
            "sub-a01/anat/sub-a01_T2w.json": sidecar,
            "sub-a01/anat/sub-a01_T2w.nii.gz": f"/annex/objects/MD5E-s500--{'a' * 32}.nii.gz\n",
            "sub-b01/anat/sub-b01_T2w.json": sidecar,
            "sub-b01/anat/sub-b01_T2w.nii.gz": f"/annex/objects/MD5E-s500--{'b' * 32}.nii.gz\n",
        },
    )
    return folder


def baseline(dataset: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        command, [str(dataset), *arguments], catch_exceptions=False, standalone_mode=False
    )
    if result.exception is not None:
        raise result.exception
    return result.output


def judged(dataset: Path, **more: Any) -> Report:
    return validate(Options(dataset, **more))


def codes(dataset: Path) -> Counter[str]:
    counted = [f for f in judged(dataset).findings if f.severity is not Severity.IGNORE]
    return Counter(finding.code for finding in counted)


def test_what_was_accepted_no_longer_counts(dataset: Path) -> None:
    before = judged(dataset)
    assert before.failed
    output = baseline(dataset, *WHY)
    after = judged(dataset)
    assert not after.failed
    assert codes(dataset) == {}
    assert after.summary.waived == len(before.findings)
    assert f"{PLACE} holds {len(before.findings)} accepted findings." in output
    policies = [dict(finding.policy or {}) for finding in after.findings]
    assert {policy["reason"] for policy in policies} == {"it was so before"}
    assert {policy["source"] for policy in policies} == {PLACE}


def test_what_can_not_be_written_is_not_said_to_hold_anything(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = dataset / "a" / "b" / "baseline.yml"
    assert spinegate(["baseline", str(dataset), *WHY, "--output", str(target)]) == 2
    said = capsys.readouterr()
    assert (said.out, "cannot be written" in said.err) == ("", True)


def test_a_new_fault_fails_and_an_old_one_with_another_value_too(dataset: Path) -> None:
    baseline(dataset, *WHY)
    (dataset / "sub-a01/anat/sub-a01_T2w.json").write_text(json.dumps({"EchoTime": "long"}))
    assert codes(dataset) == {"SIDECAR_TYPE_WRONG": 1, "WAIVER_UNUSED": 1}
    (unused,) = [f for f in judged(dataset).findings if f.code == "WAIVER_UNUSED"]
    assert (unused.location, unused.severity) == (PLACE, Severity.WARNING)
    assert "with another value" in unused.message


def test_a_second_run_writes_the_same_file_and_asks_nothing(dataset: Path) -> None:
    baseline(dataset, *WHY)
    first = (dataset / PLACE).read_bytes()
    output = baseline(dataset)
    assert (dataset / PLACE).read_bytes() == first
    assert "kept" in output
    assert output.split()[:2] == ["rule", "kept"]


def test_a_dry_run_writes_nothing(dataset: Path) -> None:
    output = baseline(dataset, *WHY, "--dry-run")
    assert "would hold" in output
    assert not (dataset / ".spinegate").exists()


def test_without_a_reason_nothing_is_accepted(dataset: Path) -> None:
    with pytest.raises(click.UsageError, match="say why, by --reason"):
        baseline(dataset, "--by", "Jane")
    assert not (dataset / ".spinegate").exists()


def test_without_a_name_nothing_is_accepted(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(dataset))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(dataset))
    with pytest.raises(click.UsageError, match="by --by NAME"):
        baseline(dataset, "--reason", "x")


def test_the_name_is_that_of_git(
    dataset: Path, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(dataset))
    run(dataset, "git", "init", "-q")
    run(dataset, "git", "config", "user.name", "Joe of git")
    assert "by Joe of git, until" in baseline(dataset, "--reason", "x")


def test_only_some_are_accepted(dataset: Path) -> None:
    whole = codes(dataset)
    both = whole["SIDECAR_TYPE_WRONG"]
    chosen = ("--code", "*_TYPE_WRONG,README_MISSING", "--participant-label", "sub-a01")
    baseline(dataset, *WHY, *chosen)
    assert codes(dataset) == whole - Counter({"SIDECAR_TYPE_WRONG": both // 2})
    baseline(dataset, *WHY, "--severity", "error")
    assert not judged(dataset).failed
    assert codes(dataset)["README_MISSING"] == 1
    baseline(dataset, *WHY, "--site", "nowhere")
    assert codes(dataset)["README_MISSING"] == 1


def test_prune_drops_what_was_mended(dataset: Path) -> None:
    baseline(dataset, *WHY)
    (dataset / "README").write_text("A dataset.\n")
    (dataset / "sub-c01").mkdir()
    (dataset / "sub-c01" / "sub-c01_T9w.json").write_text("{}")
    assert codes(dataset)["WAIVER_UNUSED"] == 1
    output = baseline(dataset, "--prune")
    assert "dropped" in output.splitlines()[0]
    assert "README_MISSING" not in (dataset / PLACE).read_text()
    assert codes(dataset)["WAIVER_UNUSED"] == 0
    assert judged(dataset).failed  # the new file is not accepted


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("soon", "is no date such as"),
        ("2020-01-01", "has passed"),
    ],
)
def test_dates_that_are_none(dataset: Path, given: str, message: str) -> None:
    with pytest.raises(click.UsageError, match=message):
        baseline(dataset, *WHY, "--until", given)


def test_until_when(dataset: Path) -> None:
    day = date.today()
    later = day.replace(year=day.year + 1, day=min(day.day, 28))
    assert f"until {later.isoformat()[:8]}" in baseline(dataset, *WHY, "--dry-run")
    assert "without an end" in baseline(dataset, *WHY, "--until", "never", "--issue", "#5")
    text = (dataset / PLACE).read_text()
    assert "until" not in text.replace("# ", "")
    assert 'issue: "#5"' in text


def test_another_file_counts_once_the_settings_name_it(dataset: Path) -> None:
    target = dataset / ".spinegate" / "ours.yml"
    output = baseline(dataset, *WHY, "--output", str(target))
    assert ".spinegate.yml names it" in output
    assert judged(dataset).failed
    (dataset / ".spinegate.yml").write_text("baseline: .spinegate/ours.yml\n")
    assert not judged(dataset).failed
    baseline(dataset, *WHY)
    assert not (dataset / PLACE).exists()


def test_a_commit_is_accepted_as_it_was(dataset: Path, run: Callable[..., str]) -> None:
    run(dataset, "git", "init", "-q")
    run(dataset, "git", "add", "-A")
    run(dataset, "git", "commit", "-q", "-m", "data")
    (dataset / "README").write_text("A dataset.\n")
    baseline(dataset, *WHY, "--ref", "HEAD")
    assert "README_MISSING" in (dataset / PLACE).read_text()


def test_a_broken_baseline_is_not_overwritten(dataset: Path, files: Files) -> None:
    files(dataset, {PLACE: "accepted: [x]\n"})
    with pytest.raises(ConfigError, match=r"baseline.yml:1: accepted.0: a record is a mapping"):
        baseline(dataset, *WHY)
    assert (dataset / PLACE).read_text() == "accepted: [x]\n"


@pytest.mark.skipif("os.name == 'nt'", reason="links need a right there")
def test_a_link_to_another_place_is_refused(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (dataset / ".spinegate").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="behind a link"):
        baseline(dataset, *WHY)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_can_not_be_written(dataset: Path) -> None:
    (dataset / ".spinegate").write_text("a file\n")
    with pytest.raises(ConfigError, match="cannot be written"):
        baseline(dataset, *WHY)


@pytest.mark.real
def test_the_backlog_of_the_real_dataset(bundle: Path, tmp_path: Path) -> None:
    pull = open_pull(bundle, tmp_path / "clone")
    before = judged(pull.folder)
    baseline(pull.folder, *WHY)
    after = judged(pull.folder)
    assert before.failed
    assert not after.failed
    assert (after.summary.errors, after.summary.warnings) == (0, 0)
    assert after.summary.waived == len(before.findings)
    place = "sub-amu01/anat/sub-amu01_flip-1_mt-off_MTS"
    pull.delete(f"sourcedata/{place}.nii.gz", f"sourcedata/{place}.json")
    pull.delete(f"{place}.nii.gz", f"{place}.json")
    pull.set_key("sourcedata/sub-ucl01/anat/sub-ucl01_T2w.json", "FlipAngle", 20)
    changed = judged(pull.folder)
    counted = {(f.code, f.site) for f in changed.findings if f.severity is Severity.ERROR}
    assert ("FLIP_ANGLE_OUT_OF_TOLERANCE", "ucl") in counted
    # What amu had before, with one file fewer, is still accepted.
    assert {site for code, site in counted if code == "SIDECAR_KEY_MISSING"} == set()
