"""Renaming where git-annex holds the images: locked, unlocked, here and not here."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.apply import resume, undo
from spinegate.curation.place import find_place
from spinegate.curation.transaction import phase_of
from tests.curation.stopping import unlock

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]


@pytest.fixture(autouse=True)
def known(tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the tests' own user, and git-annex for git's filter."""
    monkeypatch.setenv("HOME", tool_environment["HOME"])
    monkeypatch.setenv("PATH", tool_environment["PATH"])


def rename(dataset: Path, *options: str) -> int:
    return spinegate(["curate", "rename", str(dataset), *options])


def subjects(dataset: Path) -> list[str]:
    return sorted(path.name for path in dataset.glob("sub-*"))


def keys(dataset: Path, run: Run) -> list[str]:
    """The keys of all annexed files, sorted."""
    return sorted(run(dataset, "git", "annex", "find", "--format=${key}\\n", "--anything").split())


def test_texts_in_the_annex_are_named(
    annexed: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """What they say of the old names isn't rewritten."""
    run(annexed, "git", "rm", "-q", "--cached", "participants.tsv")
    run(annexed, "git", "annex", "add", "--force-large", "participants.tsv")
    run(annexed, "git", "commit", "-qm", "As datalad create does it")
    old = subjects(annexed)[0]
    assert rename(annexed, "--subject", f"{old}=sub-elsewhere99") == 0
    said = capsys.readouterr().out
    assert "participants.tsv is in git-annex, so what stands there stays" in said


def test_contents_go_along(annexed: Path, run: Run, fingerprint: Fingerprint) -> None:
    """Locked links lead to their contents, unlocked files hold theirs, git-annex is content."""
    before, all_keys = fingerprint(annexed), keys(annexed, run)
    old = subjects(annexed)[0]
    tree = run(annexed, "git", "rev-parse", "HEAD^{tree}")
    assert rename(annexed, "--subject", f"{old}=sub-elsewhere99", "--apply") == 0
    assert old not in subjects(annexed)
    assert run(annexed, "git", "status", "--short") == ""
    assert keys(annexed, run) == all_keys
    run(annexed, "git", "annex", "fsck", "-q", "--fast")
    links = [path for path in annexed.glob("sub-elsewhere99/**/*.nii.gz") if path.is_symlink()]
    plain = list(annexed.glob("sub-elsewhere99/**/*_dwi.nii.gz"))
    assert links
    assert all(path.exists() for path in links)
    assert plain
    assert all(not path.is_symlink() and path.stat().st_size > 1000 for path in plain)
    assert rename(annexed, "--subject", f"sub-elsewhere99={old}", "--apply") == 0
    assert fingerprint(annexed) == before
    assert run(annexed, "git", "rev-parse", "HEAD^{tree}") == tree
    assert run(annexed, "git", "status", "--short") == ""


def test_a_filter_that_fails_is_not_asked(annexed: Path, run: Run) -> None:
    """git would ask git-annex, which may not be on PATH, about files as new as its index."""
    readme = annexed / "README.md"
    readme.write_text(readme.read_text() + "\n")
    later = time.time() + 3600
    os.utime(readme, (later, later))
    run(annexed, "git", "commit", "-qam", "just now")
    for key, value in (("process", ""), ("clean", "false"), ("required", "true")):
        run(annexed, "git", "config", f"filter.annex.{key}", value)
    whom = [subjects(annexed)[0], "--metric", "mtr", "--reason", "moved", "--apply"]
    assert spinegate(["curate", "exclude", *whom, "--dataset", str(annexed)]) == 0


def test_twice_without_git_status_between(annexed: Path, run: Run) -> None:
    """Unlocked contents are told from changes though git's index knows no dates of them."""
    old = subjects(annexed)[0]
    assert rename(annexed, "--subject", f"{old}=sub-a1", "--apply") == 0
    assert rename(annexed, "--subject", "sub-a1=sub-b1", "--apply") == 0
    image = next(annexed.glob("sub-b1/**/*_dwi.nii.gz"))
    content = image.read_bytes()
    image.chmod(0o644)
    image.write_bytes(content[:-1] + b"x")
    assert rename(annexed, "--subject", "sub-b1=sub-c1", "--apply") == 2
    image.write_bytes(content)
    assert rename(annexed, "--subject", "sub-b1=sub-c1", "--apply") == 0
    assert run(annexed, "git", "status", "--short") == ""
    run(annexed, "git", "annex", "fsck", "-q")


def test_a_clone_without_contents(annexed: Path, run: Run, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    run(tmp_path, "git", "clone", "-q", str(annexed), str(clone))
    run(clone, "git", "annex", "init", "-q", "there")
    old = subjects(clone)[0]
    assert rename(clone, "--subject", f"{old}=sub-elsewhere99", "--apply") == 0
    assert run(clone, "git", "status", "--short") == ""
    run(clone, "git", "annex", "get", "-q", "sub-elsewhere99")
    images = list(clone.glob("sub-elsewhere99/**/*.nii.gz"))
    assert images
    assert all(path.exists() and path.stat().st_size > 1000 for path in images)


@pytest.mark.slow
@pytest.mark.parametrize("after", ["resume", "undo"])
def test_killed_at_any_moment(
    annexed: Path, run: Run, fingerprint: Fingerprint, tmp_path: Path, after: str
) -> None:
    before, tree = fingerprint(annexed), run(annexed, "git", "rev-parse", "HEAD^{tree}")
    old = subjects(annexed)[0]
    safe = tmp_path / "safe"
    shutil.copytree(annexed, safe, symlinks=True)
    assert rename(annexed, "--subject", f"{old}=sub-new1", "--apply") == 0
    done, done_tree = fingerprint(annexed), run(annexed, "git", "rev-parse", "HEAD^{tree}")
    assert undo(annexed)
    chance = random.Random(5)
    # The signal comes at the n-th step that is seen on the disk: by moments alone few would hit.
    code = (
        "import os, signal, sys; from spinegate.curation import transaction as t; "
        "from spinegate.cli import run; n = int(sys.argv[1]); made = [0]; move = t.move\n"
        "def step(*a):\n"
        "    made[0] += 1\n"
        "    if made[0] > n: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    move(*a)\n"
        "t.move = step; sys.exit(run(sys.argv[2:]))"
    )
    for _ in range(5):
        argv = [sys.executable, "-c", code, str(chance.randrange(80)), "curate", "rename",
                str(annexed), "--subject", f"{old}=sub-new1", "--apply"]  # fmt: skip
        ended = subprocess.run(argv, capture_output=True, check=False)
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr.decode()
        phase = phase_of(find_place(annexed))
        if phase not in ("", "done") and after == "resume":
            resume(annexed)
        if after == "resume":
            assert fingerprint(annexed) == done
            assert run(annexed, "git", "rev-parse", "HEAD^{tree}") == done_tree
        undo(annexed)
        assert fingerprint(annexed) == before
        assert run(annexed, "git", "rev-parse", "HEAD^{tree}") == tree
        assert run(annexed, "git", "status", "--short") == ""
    for _ in range(4):
        argv = [sys.executable, "-m", "spinegate", "curate", "rename", str(annexed), "--subject",
                f"{old}=sub-new1", "--apply"]  # fmt: skip
        with subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            time.sleep(chance.uniform(0.3, 1.5))
            os.killpg(process.pid, signal.SIGKILL)
        unlock(annexed)
        if phase_of(find_place(annexed)):
            undo(annexed)
        assert fingerprint(annexed) == before
        assert run(annexed, "git", "status", "--short") == ""
