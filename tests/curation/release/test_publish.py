"""A release is pushed whole: where contents lie first, then branch and tag at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate

Run = Callable[..., str]
Capture = pytest.CaptureFixture[str]
NAME = "r20261120"
SIGNED = ("--bids", "off", "--sign", "A. Manager", "--apply")


def release(dataset: Path, *words: str) -> int:
    return spinegate(["curate", "release", NAME, str(dataset), *words])


@pytest.fixture
def origin(published: Path, run: Run) -> Path:
    return Path(run(published, "git", "remote", "get-url", "origin").strip())


@pytest.fixture
def other(origin: Path, tmp_path: Path, run: Run) -> Path:
    """Somebody else's clone."""
    run(tmp_path, "git", "clone", "-q", origin, tmp_path / "other")
    return tmp_path / "other"


def refs(repository: Path, run: Run) -> list[str]:
    return run(repository, "git", "for-each-ref").splitlines()


def test_made_and_published(
    published: Path, origin: Path, other: Path, run: Run, capsys: Capture
) -> None:
    before = refs(origin, run)
    run(published, "git", "annex", "describe", ".", "the manager's")
    assert release(published, *SIGNED) == 0
    assert refs(origin, run) == before
    said = capsys.readouterr().err
    assert f"spinegate curate release {NAME} {published} --publish" in said
    assert f"git push origin git-annex && git push --atomic origin main {NAME}" in said
    assert release(published, "--publish") == 0
    assert f"Published at origin: main with {NAME}" in capsys.readouterr().err
    wanted = ("main", "git-annex", NAME)
    assert run(origin, "git", "rev-parse", *wanted) == run(published, "git", "rev-parse", *wanted)
    assert run(origin, "git", "cat-file", "-t", NAME).strip() == "tag"
    assert release(published, "--publish") == 0  # nothing is left to be done
    capsys.readouterr()
    assert release(published, *SIGNED) == 2
    assert f"{NAME} is released and published at origin already" in capsys.readouterr().err
    run(other, "git", "pull", "-q")
    run(other, "git", "commit", "-q", "--allow-empty", "-m", "Life goes on")
    run(other, "git", "push", "-q", "origin", "main")
    run(origin, "git", "tag", "-d", NAME)
    assert release(published, "--publish") == 0  # the tag alone
    assert run(origin, "git", "log", "-1", "--format=%s", "main").strip() == "Life goes on"
    assert release(published, "--undo") == 2
    assert "was pushed" in capsys.readouterr().err


def test_at_one_go_and_only_the_release(
    published: Path, origin: Path, other: Path, run: Run, capsys: Capture
) -> None:
    run(other, "git", "annex", "init", "-q", "another")
    run(other, "git", "push", "-q", "origin", "git-annex")
    run(published, "git", "branch", "private")
    run(published, "git", "tag", "mine")
    run(published, "git", "annex", "describe", ".", "the manager's")
    assert release(published, *SIGNED, "--publish") == 0, capsys.readouterr().err
    known = run(origin, "git", "show", "git-annex:uuid.log")
    assert "another" in known  # joined, not replaced
    assert "the manager's" in known
    names = [line.split()[-1] for line in refs(origin, run)]
    assert names == ["refs/heads/git-annex", "refs/heads/main", f"refs/tags/{NAME}"]
    capsys.readouterr()


def test_somebody_was_faster(
    published: Path, origin: Path, other: Path, run: Run, capsys: Capture
) -> None:
    assert release(published, *SIGNED) == 0
    run(other, "git", "commit", "-q", "--allow-empty", "-m", "Meanwhile")
    run(other, "git", "push", "-q", "origin", "main")
    before = refs(origin, run)
    assert release(published, "--publish") == 2
    assert f"origin has commits on main that {NAME} lacks" in capsys.readouterr().err
    assert refs(origin, run) == before
    assert release(published, "--undo") == 0
    archive = published.with_name(f"d-{NAME}.tar.gz")
    assert f"rm {archive}" in capsys.readouterr().err
    archive.unlink()
    assert release(published, *SIGNED) == 1
    assert "1 published commit not here yet: git pull --ff-only" in capsys.readouterr().out
    run(published, "git", "pull", "-q", "--ff-only")
    assert release(published, *SIGNED, "--publish") == 0
    assert len(refs(origin, run)) == len(before) + 1
    capsys.readouterr()


def test_a_refused_tag_leaves_the_branch_behind_too(
    published: Path, origin: Path, other: Path, run: Run, capsys: Capture
) -> None:
    run(other, "git", "tag", NAME)
    run(other, "git", "push", "-q", "origin", NAME)
    assert release(published, *SIGNED) == 0
    before = refs(origin, run)
    assert release(published, "--publish") == 2
    assert "neither branch nor tag" in capsys.readouterr().err
    assert refs(origin, run) == before


def test_what_is_no_release_is_not_pushed(published: Path, run: Run, capsys: Capture) -> None:
    assert release(published, "--publish") == 2
    assert "no release r20261120 here yet" in capsys.readouterr().err
    run(published, "git", "tag", NAME)
    assert release(published, "--publish") == 2
    assert "none that spinegate made" in capsys.readouterr().err
    run(published, "git", "tag", "-d", NAME)
    assert release(published, *SIGNED) == 0
    run(published, "git", "switch", "-q", "-c", "elsewhere", "HEAD~1")
    assert release(published, "--publish") == 2
    assert "isn't on elsewhere" in capsys.readouterr().err
    run(published, "git", "switch", "-q", "--detach", "main")
    assert release(published, "--publish") == 2
    assert "no branch is checked out" in capsys.readouterr().err
    run(published, "git", "switch", "-q", "main")
    run(published, "git", "remote", "remove", "origin")
    assert release(published, "--publish") == 2
    assert "git remote add origin" in capsys.readouterr().err
    for words in (["--remote", "x"], ["--publish", "--undo"], ["--publish", "--sign", "x"]):
        assert release(published, *words) == 2
    capsys.readouterr()
