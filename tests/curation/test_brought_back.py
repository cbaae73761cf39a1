"""Somebody sees a stopped run's half-done work, and has git put the files back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation.apply import resume, undo
from spinegate.curation.commit import apply_and_commit
from spinegate.curation.place import find_place
from spinegate.curation.taking_back import with_inverse
from spinegate.curation.transaction import backward, phase_of, read_moves
from spinegate.system.errors import SpinegateError
from spinegate.validator.operation import Rename, Set, Write
from tests.curation.stopping import stop_at

pytestmark = pytest.mark.usefixtures("identity")
Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]


@pytest.fixture
def dataset(tmp_path: Path, run: Run) -> Path:
    top = tmp_path / "top"
    top.mkdir()
    (top / "edited.json").write_text('{"A": 1}\n')
    (top / "lower.txt").write_text("lower.txt")
    run(top, "git", "init", "-q")
    run(top, "git", "add", ".")
    run(top, "git", "commit", "-q", "-m", "x")
    return top


@pytest.mark.parametrize("phase", ["in", "index", "ref"])
@pytest.mark.parametrize(
    "story",
    ["git reset -q --hard", "git reset -q --hard; git clean -fdq", "git stash -q"],
)
def test_undone_it_is_forgotten(
    story: str, phase: str, dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before, head = fingerprint(dataset), run(dataset, "git", "rev-parse", "HEAD")
    stop_at(dataset, phase)
    run(dataset, "sh", "-c", story)
    half = fingerprint(dataset)
    with pytest.raises(SpinegateError, match=r"git has brought back.*--undo"):
        resume(dataset)
    assert fingerprint(dataset) == half
    undo(dataset)
    assert fingerprint(dataset) == before
    assert run(dataset, "git", "rev-parse", "HEAD") == head
    assert run(dataset, "git", "status", "--short") == ""
    assert not find_place(dataset).folder.exists()
    apply_and_commit([Set("edited.json", "A", 3)], dataset, "the next")


def test_the_run_before_can_be_undone(dataset: Path, run: Run, fingerprint: Fingerprint) -> None:
    before = fingerprint(dataset)
    apply_and_commit([Set("edited.json", "A", 3)], dataset, "the first")
    stop_at(dataset, "index")
    run(dataset, "git", "reset", "-q", "--hard")
    undo(dataset)
    undo(dataset)
    assert fingerprint(dataset) == before


def test_what_was_worked_on_is_named_and_kept(dataset: Path, run: Run) -> None:
    stop_at(dataset, "index")
    run(dataset, "git", "reset", "-q", "--hard")
    (dataset / "n/n.txt").write_text("an hour of work")
    with pytest.raises(SpinegateError, match=r"changed since.*n/n\.txt'; git has brought back"):
        undo(dataset)
    assert (dataset / "n/n.txt").read_text() == "an hour of work"
    assert (dataset / "Lower.txt").exists()
    (dataset / "n/n.txt").unlink()
    undo(dataset)
    assert run(dataset, "git", "status", "--short") == ""


def test_only_some_are_back(dataset: Path, run: Run, fingerprint: Fingerprint) -> None:
    before = fingerprint(dataset)
    stop_at(dataset, "in")
    run(dataset, "git", "restore", "lower.txt")
    with pytest.raises(SpinegateError, match=r"changed since.*lower\.txt"):
        undo(dataset)
    (dataset / "lower.txt").unlink()
    undo(dataset)
    assert fingerprint(dataset) == before


@pytest.mark.parametrize("phase", ["undo-in", "undo-out", "undo-ref"])
def test_an_undo_that_was_stopped_leaves_the_run_done(
    phase: str, dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    move, edit = Rename("lower.txt", "Lower.txt"), Set("edited.json", "A", 2)
    commit = apply_and_commit((move, edit, Write("n/n", "n")), dataset, "x")
    after = fingerprint(dataset)
    place = find_place(dataset)
    steps = backward(place, with_inverse(place, read_moves(place)))
    while phase_of(place) != phase:
        next(steps)
    run(dataset, "git", "reset", "-q", "--hard")
    with pytest.raises(SpinegateError, match=f"stays done: git revert {commit[:12]}"):
        undo(dataset)
    assert fingerprint(dataset) == after
    assert run(dataset, "git", "status", "--short") == ""
    run(dataset, "git", "revert", "--no-edit", commit)
    assert fingerprint(dataset) == before
    apply_and_commit([Set("edited.json", "A", 3)], dataset, "the next")


@pytest.mark.parametrize("phase", ["ref", "undo-out", "undo-ref"])
def test_the_index_alone_was_reset(phase: str, dataset: Path, run: Run) -> None:
    if phase == "ref":
        stop_at(dataset, phase)
    else:
        apply_and_commit(
            [Rename("lower.txt", "Lower.txt"), Set("edited.json", "A", 2)], dataset, "x"
        )
        place = find_place(dataset)
        steps = backward(place, with_inverse(place, read_moves(place)))
        while phase_of(place) != phase:
            next(steps)
    run(dataset, "git", "reset", "-q")
    (resume if phase == "ref" else undo)(dataset)
    assert run(dataset, "git", "status", "--short") == ""
