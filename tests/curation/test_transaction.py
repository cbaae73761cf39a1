"""Stopped between any two steps, a dataset is completed or put back, file by file."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spinegate.curation.apply import apply_plan, resume, undo
from spinegate.curation.place import find_place
from spinegate.curation.stage import stage
from spinegate.curation.transaction import backward, begin, forward, phase_of, read_moves
from spinegate.system.errors import SpinegateError
from spinegate.system.files import write_atomic
from spinegate.validator.operation import Delete, Operation, Remove, Rename, Set
from spinegate.validator.plan import Plan, Proposal, write_plan
from spinegate.validator.planned import plan_tree
from spinegate.validator.tree import open_tree

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]

LINK = "../.git/annex/objects/0/0/k/MD5E-s1--0123456789abcdef0123456789abcdef"
OPERATIONS: list[Operation] = [
    Rename("sub-a/on.json", "sub-a/off.json"),
    Rename("sub-a/off.json", "sub-a/on.json"),
    Set("sub-a/on.json", "MTState", False),
    Rename("sub-a/link.nii.gz", "sub-a/anat/link.nii.gz"),
    Rename("lower.txt", "Lower.txt"),
    Rename("old/only.txt", "new/deep/only.txt"),
    Delete("gone.txt"),
    Rename("chain1", "gone.txt"),
    Rename("chain2", "chain1"),
    Remove("edited.json", "PatientName"),
    Rename("untracked.txt", "sub-a/untracked.txt"),
]
PLAN = Plan(tuple(map(Proposal, OPERATIONS)))


def make(folder: Path) -> Path:
    for name in ("sub-a", "old"):
        (folder / name).mkdir(parents=True)
    (folder / "sub-a/on.json").write_text('{"MTState": true}\n')
    (folder / "sub-a/off.json").write_text('{"MTState": false}\n')
    (folder / "sub-a/off.json").chmod(0o600)
    (folder / "edited.json").write_text('{"PatientName": "x", "A": 1}\n')
    (folder / "edited.json").chmod(0o640)
    (folder / "sub-a/link.nii.gz").symlink_to(LINK)
    for name in ("lower.txt", "old/only.txt", "gone.txt", "chain1", "chain2"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture(params=["folder", "git", "below"])
def dataset(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Path:
    """A dataset alone, in a repository of its own, and in a folder of a repository."""
    top = tmp_path / "top"
    folder = make(top / "inner" if request.param == "below" else top)
    if request.param != "folder":
        run(top, "git", "init", "-q")
        run(top, "git", "add", ".")
        run(top, "git", "commit", "-q", "-m", "x")
    (folder / "untracked.txt").write_text("new")
    return folder


def index_of(dataset: Path, run: Run) -> str:
    place = find_place(dataset)
    return run(dataset, "git", "ls-files", "-s") if place.in_git else ""


def stopped(dataset: Path, steps: int, plan: Plan = PLAN) -> bool:
    """Begin to apply a plan and stop after some steps; whether it had come to its end."""
    place = find_place(dataset)
    tree = open_tree(dataset)
    place.folder.mkdir(exist_ok=True)
    moves = stage(place, plan_tree(tree, plan), plan, tree)
    begin(place, moves, {})
    return exhausted(forward(place, moves), steps)


def exhausted(steps: Iterator[str], count: int) -> bool:
    return not all(next(steps, None) is not None for _ in range(count))


def test_applied_and_undone(dataset: Path, run: Run, fingerprint: Fingerprint) -> None:
    before, index = fingerprint(dataset), index_of(dataset, run)
    assert apply_plan(PLAN, dataset) == 10
    after = fingerprint(dataset)
    assert after["sub-a/on.json"] == before["sub-a/off.json"]
    assert after["sub-a/off.json"] != before["sub-a/on.json"]
    assert (dataset / "sub-a/off.json").read_text() == '{"MTState": false}\n'
    assert (dataset / "edited.json").read_text() == '{"A": 1}\n'
    assert (dataset / "edited.json").stat().st_mode & 0o777 == 0o640
    assert after["sub-a/anat/link.nii.gz"] == f"link ../{LINK}"
    assert after["gone.txt"] == before["chain1"]
    assert "lower.txt" not in after
    assert not (dataset / "old").exists()
    assert undo(dataset) == 10
    assert fingerprint(dataset) == before
    assert not (dataset / "new").exists()
    assert index_of(dataset, run) == index
    assert not find_place(dataset).folder.exists()
    with pytest.raises(SpinegateError, match="nothing to undo"):
        undo(dataset)


def test_git_sees_renames_and_edits_are_not_staged(tmp_path: Path, run: Run) -> None:
    folder = make(tmp_path / "top")
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "x")
    (folder / "untracked.txt").write_text("new")
    apply_plan(PLAN, folder)
    staged = run(folder, "git", "diff", "--cached", "--name-status", "-M50").splitlines()
    assert "R100\tlower.txt\tLower.txt" in staged
    assert "R100\told/only.txt\tnew/deep/only.txt" in staged
    assert "A\tsub-a/anat/link.nii.gz" in staged  # the link's text had to change
    unstaged = run(folder, "git", "diff", "--name-only").split()
    assert unstaged == ["edited.json", "sub-a/off.json"]
    others = run(folder, "git", "ls-files", "-o", "--exclude-standard").split()
    assert others == ["sub-a/untracked.txt"]


@pytest.mark.slow
def test_stopped_after_every_step_and_undone_or_finished(
    dataset: Path, tmp_path: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before, index = fingerprint(dataset), index_of(dataset, run)
    top = dataset.parent if dataset.name == "inner" else dataset
    saved = tmp_path / "saved"
    shutil.copytree(top, saved, symlinks=True)

    def fresh() -> None:
        shutil.rmtree(top)
        shutil.rmtree(find_place_folder(tmp_path), ignore_errors=True)
        shutil.copytree(saved, top, symlinks=True)

    apply_plan(PLAN, dataset)
    after, index_after = fingerprint(dataset), index_of(dataset, run)
    stride = 1 if dataset.name == "top" and find_place(dataset).in_git else 4
    for steps in range(0, 1000, stride):
        fresh()
        ended = stopped(dataset, steps)
        if not ended:
            with pytest.raises(SpinegateError, match="stopped half-way"):
                apply_plan(PLAN, dataset)
        undo(dataset)
        assert fingerprint(dataset) == before, steps
        assert index_of(dataset, run) == index, steps
        fresh()
        ended = stopped(dataset, steps)
        if ended:
            with pytest.raises(SpinegateError, match="nothing to resume"):
                resume(dataset)
        else:
            resume(dataset)
        assert fingerprint(dataset) == after, steps
        assert index_of(dataset, run) == index_after, steps
        undo(dataset)
        assert fingerprint(dataset) == before, steps
        if ended:
            break
    assert steps > 20


def find_place_folder(tmp_path: Path) -> Path:
    return tmp_path / ".top.spinegate"


def test_undoing_that_was_stopped_is_undone(
    dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before, index = fingerprint(dataset), index_of(dataset, run)
    for steps in range(0, 1000, 3):
        apply_plan(PLAN, dataset)
        place = find_place(dataset)
        if exhausted(backward(place, read_moves(place)), steps):
            break
        if steps:
            assert phase_of(place).startswith("undo")
            with pytest.raises(SpinegateError, match="being undone"):
                resume(dataset)
        undo(dataset)
        assert fingerprint(dataset) == before, steps
        assert index_of(dataset, run) == index, steps
    assert steps > 20


def test_later_work_is_not_undone(dataset: Path, fingerprint: Fingerprint) -> None:
    apply_plan(PLAN, dataset)
    (dataset / "edited.json").write_text("{}\n")
    after = fingerprint(dataset)
    with pytest.raises(SpinegateError, match=r"changed since.*edited\.json"):
        undo(dataset)
    assert fingerprint(dataset) == after


def test_a_lock_of_git_leaves_the_dataset_as_it_was(
    tmp_path: Path, run: Run, fingerprint: Fingerprint
) -> None:
    folder = make(tmp_path / "top")
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", ".")
    before = fingerprint(folder)
    plan = Plan((Proposal(Rename("lower.txt", "x/y.txt")),))
    lock = folder / ".git" / "index.lock"
    lock.touch()
    with pytest.raises(SpinegateError, match=r"(?s)index\.lock.*left as it was"):
        apply_plan(plan, folder)
    lock.unlink()
    assert phase_of(find_place(folder)) == ""
    assert fingerprint(folder) == before
    assert run(folder, "git", "ls-files", "-d", "-m", "-o") == ""


def test_a_lock_of_a_moment_is_waited_for(tmp_path: Path, run: Run) -> None:
    folder = make(tmp_path / "top")
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", ".")
    lock = folder / ".git" / "index.lock"
    lock.touch()
    release = threading.Timer(0.4, lock.unlink)
    release.start()
    assert apply_plan(Plan((Proposal(Rename("lower.txt", "x/y.txt")),)), folder) == 1
    release.join()
    assert "x/y.txt" in run(folder, "git", "ls-files")


def test_on_a_full_disk_the_phase_is_still_written(
    dataset: Path, fingerprint: Fingerprint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes | str, mode: int = 0o644) -> None:
        if path.name == "phase" and path.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write_atomic(path, content, mode)

    before = fingerprint(dataset)
    monkeypatch.setattr("spinegate.curation.transaction.write_atomic", full)
    apply_plan(PLAN, dataset)
    assert fingerprint(dataset) != before
    undo(dataset)
    assert fingerprint(dataset) == before


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL")
@pytest.mark.parametrize("repository", [False, True])
def test_killed_at_random(
    repository: bool, tmp_path: Path, run: Run, fingerprint: Fingerprint
) -> None:
    dataset = tmp_path / "top"
    for number in range(300):
        folder = dataset / f"sub-{number % 20:02}" / "anat"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"on{number}.txt").write_text(f"on {number}")
        (folder / f"off{number}.json").write_text(f'{{"Number": {number}}}')
    if repository:
        run(dataset, "git", "init", "-q")
        run(dataset, "git", "add", ".")
    operations: list[Operation] = [
        operation
        for number in range(300)
        for stem in [f"sub-{number % 20:02}/anat/o"]
        for operation in (
            Rename(f"{stem}n{number}.txt", f"{stem}ff{number}.json"),
            Rename(f"{stem}ff{number}.json", f"{stem}n{number}.txt"),
            Set(f"{stem}ff{number}.json", "Number", -number),
        )
    ]
    write_plan(Plan(tuple(map(Proposal, operations))), tmp_path / "plan.tsv")
    script = (
        "import sys, pathlib; from spinegate.curation.apply import apply_plan, undo;"
        "from spinegate.validator.plan import read_plan;"
        f"top = pathlib.Path({str(dataset)!r});"
        f"apply_plan(read_plan(pathlib.Path({str(tmp_path / 'plan.tsv')!r})), top)"
        " if sys.argv[1] == 'apply' else undo(top)"
    )
    before = fingerprint(dataset)
    index = index_of(dataset, run)
    place = find_place(dataset)
    chance = random.Random(repository)
    seen = set()

    def killed(word: str, phases: tuple[str, ...]) -> None:
        process = subprocess.Popen([sys.executable, "-c", script, word])
        while process.poll() is None and phase_of(place) not in phases:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.04))
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen.add(phase_of(place))

    for _ in range(12):
        killed("apply", ("out", "in", "index", "done"))
        if chance.random() < 0.5 and phase_of(place) not in ("", "done"):
            resume(dataset)
        if phase_of(place) and chance.random() < 0.5:
            killed("undo", ("undo-index", "undo-in", "undo-out", ""))
        if phase_of(place):
            undo(dataset)
        assert fingerprint(dataset) == before
        assert index_of(dataset, run) == index
    assert seen & {"out", "in", "index"}, seen
