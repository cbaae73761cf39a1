"""Life goes on between a run and its undo, or between a run that was stopped and its end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation import transaction
from spinegate.curation.apply import resume, undo
from spinegate.curation.commit import apply_and_commit
from spinegate.curation.place import Place, State, find_place
from spinegate.curation.transaction import phase_of
from spinegate.system.errors import SpinegateError
from spinegate.validator.operation import Operation, Rename, Set, Write
from spinegate.validator.plan import Plan, Proposal
from tests.curation.stopping import stop_at, unlock

pytestmark = pytest.mark.usefixtures("identity")
Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
FIRST: list[Operation] = [Set("edited.json", "A", 7), Rename("other.txt", "another.txt")]


def plan(*operations: Operation) -> Plan:
    return Plan(tuple(map(Proposal, operations)))


def tree_of(folder: Path, run: Run, commit: str = "HEAD") -> str:
    return run(folder, "git", "rev-parse", f"{commit}^{{tree}}").strip()


# A run that is refused, or that fails, is none: the one before it can still be undone.


def test_a_refused_run_leaves_the_last_undo(dataset: Path, fingerprint: Fingerprint) -> None:
    before = fingerprint(dataset)
    apply_and_commit(FIRST, dataset, "x")
    (dataset / "lower.txt").write_text("being worked on")
    with pytest.raises(SpinegateError, match="changed since the last commit"):
        apply_and_commit([Rename("lower.txt", "l.txt")], dataset, "y")
    (dataset / "lower.txt").write_text("lower.txt")
    assert apply_and_commit([Set("edited.json", "A", 7)], dataset, "nothing to do") == ""
    assert undo(dataset) == 2
    assert fingerprint(dataset) == before


def test_a_run_that_fails_half_way_leaves_the_last_undo(
    dataset: Path, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    apply_and_commit(FIRST, dataset, "x")
    between = fingerprint(dataset)
    lock = dataset / ".git/index.lock"
    lock.touch()
    with pytest.raises(SpinegateError, match=r"(?s)index\.lock.*left as it was"):
        apply_and_commit([Rename("lower.txt", "l.txt")], dataset, "y")
    lock.unlink()
    assert fingerprint(dataset) == between
    undo(dataset)
    assert fingerprint(dataset) == before


@pytest.mark.parametrize("phase", ["out", "in", "index", "ref"])
def test_a_killed_run_that_is_taken_back_leaves_the_last_undo(
    phase: str, dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before, tree = fingerprint(dataset), tree_of(dataset, run)
    apply_and_commit(FIRST, dataset, "x")
    between = fingerprint(dataset)
    stop_at(dataset, phase)
    undo(dataset)
    assert fingerprint(dataset) == between
    undo(dataset)
    assert fingerprint(dataset) == before
    assert tree_of(dataset, run) == tree
    assert not find_place(dataset).folder.exists()


SECOND = """
import sys
from pathlib import Path
from spinegate.curation.commit import apply_and_commit
from spinegate.validator.operation import Rename, Set, Write
many = [Write(f"many/{number}.txt", str(number)) for number in range(60)]
print("go", flush=True)
apply_and_commit([*many, Set("edited.json", "A", 8)], Path(sys.argv[1]), "y")
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_run_before_can_be_undone(
    dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before, chance = fingerprint(dataset), random.Random(5)
    phases: set[str] = set()
    reach = 0.2  # s: as long as a run takes here
    for tries in range(60):
        if tries >= 12 and len(phases) > 1:
            break
        apply_and_commit(FIRST, dataset, "x")
        between = fingerprint(dataset)
        argv = [sys.executable, "-c", SECOND, str(dataset)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            time.sleep(chance.uniform(0, reach))
            os.killpg(process.pid, signal.SIGKILL)
        unlock(dataset)
        state = find_place(dataset).state
        phases.add(state.phase)
        if state.phase == "done":
            reach *= 0.8 if (dataset / "many").exists() else 1.3
        if state.phase != "done" or (dataset / "many").exists():
            undo(dataset)
            if state.phase == "done":  # it had come to its end: the first run is settled
                assert fingerprint(dataset) == between
                run(dataset, "git", "revert", "--no-edit", "HEAD~2")
                continue
        assert fingerprint(dataset) == between
        undo(dataset)
        assert fingerprint(dataset) == before
        assert run(dataset, "git", "status", "--short") == ""
    assert len(phases) > 1, phases


def test_a_run_that_is_done_ends_the_undo_of_the_one_before(dataset: Path, run: Run) -> None:
    apply_and_commit(FIRST, dataset, "x")
    stop_at(dataset, "in")
    resume(dataset)
    names = {path.name for path in find_place(dataset).folder.iterdir()}
    assert len(names & {"run-a", "run-b"}) == 1
    undo(dataset)
    assert run(dataset, "git", "show", "HEAD:edited.json") == '{"PatientName": "x", "A": 7}\n'
    with pytest.raises(SpinegateError, match="nothing to undo"):
        undo(dataset)


# The commit that is to be undone may be gone.


@pytest.mark.parametrize(
    "story",
    [
        "git commit -q --amend -m amended",
        "echo 1 > more; git add more; git commit -q --amend -m amended",
        "git reset -q --soft HEAD~1; git commit -q -m again",
    ],
)
def test_a_commit_that_was_replaced_is_not_undone(
    story: str, dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    commit = apply_and_commit(FIRST, dataset, "x")
    run(dataset, "sh", "-c", story)
    after, head = fingerprint(dataset), run(dataset, "git", "rev-parse", "HEAD")
    with pytest.raises(SpinegateError, match=f"no longer holds.*{commit[:12]}.*git revert"):
        undo(dataset)
    assert fingerprint(dataset) == after
    assert run(dataset, "git", "rev-parse", "HEAD") == head
    assert run(dataset, "git", "status", "--short") == ""
    assert phase_of(find_place(dataset)) == "done"


def test_a_rebased_commit_is_not_undone(dataset: Path, run: Run) -> None:
    run(dataset, "git", "branch", "other")
    apply_and_commit(FIRST, dataset, "x")
    run(dataset, "git", "switch", "-q", "other")
    run(dataset, "git", "commit", "-q", "--allow-empty", "-m", "theirs")
    run(dataset, "git", "switch", "-q", "main")
    run(dataset, "git", "rebase", "-q", "other")
    with pytest.raises(SpinegateError, match="no longer holds"):
        undo(dataset)
    assert run(dataset, "git", "status", "--short") == ""


def test_later_commits_of_the_same_files_are_all_named(dataset: Path, run: Run) -> None:
    apply_and_commit(FIRST, dataset, "x")
    (dataset / "edited.json").write_text("{}")
    (dataset / "another.txt").write_text("later")
    run(dataset, "git", "commit", "-q", "-a", "-m", "later")
    with pytest.raises(SpinegateError, match=r"changed '.*', '.*'.*git revert"):
        undo(dataset)
    assert (dataset / "edited.json").read_text() == "{}"


def test_git_may_have_written_the_files_again(
    dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    apply_and_commit(FIRST, dataset, "x")
    run(dataset, "git", "switch", "-q", "--detach", "HEAD~1")
    run(dataset, "git", "switch", "-q", "main")
    assert undo(dataset) == 2
    assert fingerprint(dataset) == before


def test_another_branch_is_checked_out(dataset: Path, run: Run) -> None:
    run(dataset, "git", "branch", "other")
    apply_and_commit(FIRST, dataset, "x")
    run(dataset, "git", "switch", "-q", "other")
    with pytest.raises(SpinegateError, match="git switch main"):
        undo(dataset)
    assert run(dataset, "git", "status", "--short") == ""


# Somebody works on the files of a run that was stopped.


@pytest.mark.parametrize(
    ("phase", "edited"),
    [
        ("in", "lower.txt"),
        ("index", "n/n.txt"),
        ("index", "edited.json"),
        ("ref", "Lower.txt"),
        ("done", "edited.json"),
    ],
)
def test_work_on_a_stopped_run_is_not_undone(
    phase: str, edited: str, dataset: Path, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    stop_at(dataset, phase)
    kept = (dataset / edited).read_bytes() if (dataset / edited).exists() else None
    (dataset / edited).write_text("an hour of work")
    half = fingerprint(dataset)
    with pytest.raises(SpinegateError, match=f"changed since.*{edited}"):
        undo(dataset)
    assert fingerprint(dataset) == half
    if kept is None:
        (dataset / edited).unlink()
        undo(dataset)
        assert fingerprint(dataset) == before


def test_work_while_an_undo_was_stopped_is_not_lost(dataset: Path) -> None:
    from spinegate.curation.taking_back import with_inverse
    from spinegate.curation.transaction import backward, read_moves

    apply_and_commit([*FIRST, Write("new.txt", "n")], dataset, "x")
    place = find_place(dataset)
    steps = backward(place, with_inverse(place, read_moves(place)))
    assert [next(steps) for _ in range(3)][-1] == "undo-in"
    (dataset / "new.txt").write_text("an hour of work")
    with pytest.raises(SpinegateError, match=r"changed since.*new\.txt"):
        undo(dataset)
    assert (dataset / "new.txt").read_text() == "an hour of work"


def test_work_on_a_file_that_is_still_to_go_is_not_lost(dataset: Path) -> None:
    stop_at(dataset, "out")
    (dataset / "edited.json").write_text('{"mine": 1}')
    with pytest.raises(SpinegateError, match=r"edited\.json' was changed meanwhile.*--undo"):
        resume(dataset)
    undo(dataset)
    assert (dataset / "edited.json").read_text() == '{"mine": 1}'
    assert (dataset / "lower.txt").read_text() == "lower.txt"


@pytest.mark.parametrize("end", [resume, undo])
def test_somebody_committed_by_hand_what_a_stopped_run_did(
    end: Callable[[Path], int], dataset: Path, run: Run
) -> None:
    before = tree_of(dataset, run)
    stop_at(dataset, "ref")
    run(dataset, "git", "commit", "-q", "-a", "-m", "by hand")
    end(dataset)
    assert run(dataset, "git", "status", "--short") == ""
    if end is resume:
        assert run(dataset, "git", "log", "-1", "--format=%s") == "by hand\n"
        undo(dataset)
    assert tree_of(dataset, run) == before
    assert run(dataset, "git", "rev-list", "--count", "HEAD") == "3\n"


# git throws away what no branch holds.


@pytest.mark.parametrize("phase", ["out", "in", "index", "ref"])
@pytest.mark.parametrize("moved", [False, True])
def test_what_git_threw_away_is_made_again(
    phase: str, moved: bool, dataset: Path, run: Run
) -> None:
    before = tree_of(dataset, run)
    stop_at(dataset, phase)
    if moved:
        other = run(dataset, "git", "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "other")
        run(dataset, "git", "update-ref", "refs/heads/main", other.strip())
    run(dataset, "git", "gc", "-q", "--prune=now")
    assert resume(dataset) == 3
    assert run(dataset, "git", "fsck", "--full", "--no-dangling") == ""
    assert run(dataset, "git", "show", "HEAD:n/n.txt") == "n"
    assert run(dataset, "git", "status", "--short") == ""
    undo(dataset)
    assert tree_of(dataset, run) == before


def test_what_git_threw_away_and_was_changed_is_not_guessed(dataset: Path, run: Run) -> None:
    stop_at(dataset, "index")
    run(dataset, "git", "gc", "-q", "--prune=now")
    (dataset / "n/n.txt").write_text("mine")
    with pytest.raises(SpinegateError, match=r"thrown away.*n/n\.txt.*--undo"):
        resume(dataset)
    assert (dataset / "n/n.txt").read_text() == "mine"


# Former files may name people.


def test_an_interruption_right_after_the_beginning_leaves_both_runs(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    apply_and_commit(FIRST, dataset, "x")
    real = transaction._set

    def interrupted(place: Place, state: State) -> None:
        real(place, state)
        raise KeyboardInterrupt

    monkeypatch.setattr(transaction, "_set", interrupted)
    with pytest.raises(KeyboardInterrupt):
        apply_and_commit([Rename("lower.txt", "l.txt")], dataset, "y")
    monkeypatch.undo()
    undo(dataset)
    undo(dataset)
    assert fingerprint(dataset) == before
