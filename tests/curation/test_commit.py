"""One commit of exactly what a plan touched; whatever stops it, all of it or nothing."""

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

from spinegate.curation.apply import carry_out, resume, undo
from spinegate.curation.commit import apply_and_commit, commit_message
from spinegate.curation.place import find_place
from spinegate.curation.transaction import phase_of
from spinegate.system.errors import SpinegateError
from spinegate.validator.operation import Delete, Operation, Remove, Rename, Set, Write
from spinegate.validator.plan import Plan, Proposal, write_plan
from tests.curation.stopping import stop_at, unlock

pytestmark = pytest.mark.usefixtures("identity")
Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
LINK = "../.git/annex/objects/0/0/k/MD5E-s1--0123456789abcdef0123456789abcdef"
OPERATIONS: list[Operation] = [
    Rename("sub-a/on.json", "sub-a/off.json"),
    Rename("sub-a/off.json", "sub-a/on.json"),
    Set("sub-a/on.json", "MTState", False),
    Rename("sub-a/link.nii.gz", "sub-a/anat/link.nii.gz"),
    Rename("lower.txt", "Lower.txt"),
    Delete("gone.txt"),
    Rename("chain1", "gone.txt"),
    Rename("chain2", "chain1"),
    Remove("edited.json", "PatientName"),
    Write("new/list.yml", "a: ä\n"),
    Write("again.txt", "anew"),
]
PLAN = Plan(tuple(map(Proposal, OPERATIONS)))


def make(folder: Path) -> Path:
    (folder / "sub-a").mkdir(parents=True)
    (folder / "sub-a/on.json").write_text('{"MTState": true}\n')
    (folder / "sub-a/off.json").write_text('{"MTState": false}\n')
    (folder / "edited.json").write_text('{"PatientName": "x", "A": 1}\n')
    (folder / "sub-a/link.nii.gz").symlink_to(LINK)
    for name in ("lower.txt", "gone.txt", "chain1", "chain2", "again.txt", "other.txt"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture(params=["git", "below"])
def dataset(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Path:
    """A dataset in a repository of its own, and in a folder of a repository."""
    top = tmp_path / "top"
    folder = make(top / "inner" if request.param == "below" else top)
    run(tmp_path, "git", "init", "-q", str(top))
    run(top, "git", "add", ".")
    run(top, "git", "commit", "-q", "-m", "x")
    return folder


@pytest.fixture
def plain(tmp_path: Path, run: Run) -> Path:
    """A dataset in a repository of its own."""
    folder = make(tmp_path / "top")
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "x")
    return folder


def tree_of(folder: Path, run: Run) -> str:
    return run(folder, "git", "rev-parse", "HEAD^{tree}").strip()


def test_the_commit_holds_the_plan_and_nothing_else(
    dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before, tree = fingerprint(dataset), tree_of(dataset, run)
    (dataset / "other.txt").write_text("being worked on")
    (dataset / "staged.txt").write_text("staged")
    run(dataset, "git", "add", "staged.txt")
    (dataset / "loose.txt").write_text("loose")
    kept = fingerprint(dataset)
    commit = apply_and_commit(PLAN, dataset, commit_message("rename", "all\nof it"))
    assert run(dataset, "git", "rev-parse", "HEAD").strip() == commit
    status = run(dataset, "git", "status", "--short", ".").splitlines()
    assert [line[:2] for line in status] == [" M", "A ", "??"]
    names = run(dataset, "git", "show", "-M", "--relative", "--format=", "--name-status").split()
    assert "other.txt" not in names
    assert "staged.txt" not in names
    assert run(dataset, "git", "show", "HEAD:./new/list.yml") == "a: ä\n"
    assert run(dataset, "git", "show", "HEAD:./sub-a/off.json") == '{"MTState": false}\n'
    message = run(dataset, "git", "log", "-1", "--format=%B")
    assert message.startswith("spinegate: rename: all of it\n\nSpinegate-Operation: rename\n")
    assert undo(dataset) == 10
    assert fingerprint(dataset) == kept
    assert tree_of(dataset, run) == tree
    assert run(dataset, "git", "rev-list", "--count", "HEAD").strip() == "3"
    assert f"This reverts commit {commit}" in run(dataset, "git", "log", "-1", "--format=%b")
    assert set(kept) - set(before) == {"staged.txt", "loose.txt"}
    with pytest.raises(SpinegateError, match="nothing to undo"):
        undo(dataset)


def test_nothing_to_do_is_no_commit(plain: Path, run: Run) -> None:
    same: list[Operation] = [
        Set("sub-a/on.json", "MTState", True),
        Write("other.txt", "other.txt"),
    ]
    assert apply_and_commit(same, plain, "x") == ""
    assert run(plain, "git", "rev-list", "--count", "HEAD").strip() == "1"


def test_hooks_have_no_part_in_it(plain: Path, run: Run) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook = plain / ".git/hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    assert apply_and_commit(PLAN, plain, "x")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("echo >> edited.json", "changed since the last commit: 'edited.json'"),
        ("echo >> edited.json; git add edited.json", "changed since the last commit"),
        ("git rm -q --cached chain1", "not in the dataset|changed since|not committed"),
        ("git switch -q --detach", "detached HEAD"),
        ("git switch -q -c b; echo 1 > c; git add c; git commit -qm b; git switch -q main;"
         "echo 2 > c; git add c; git commit -qm c; git merge -q b || true", "a merge"),
        ("git config user.useConfigOnly true; git config user.email ''; git config user.name ''",
         "doesn't know who you are"),
    ],
)  # fmt: skip
def test_refused_before_anything_moves(
    plain: Path, run: Run, fingerprint: Fingerprint, spoil: str, message: str
) -> None:
    run(plain, "sh", "-c", spoil)
    before = fingerprint(plain), run(plain, "git", "ls-files", "-s")
    with pytest.raises(SpinegateError, match=message):
        apply_and_commit(PLAN, plain, "x")
    assert (fingerprint(plain), run(plain, "git", "ls-files", "-s")) == before
    assert not find_place(plain).folder.exists()


def test_new_files_that_git_does_not_know_are_refused(plain: Path) -> None:
    (plain / "image.nii.gz").write_bytes(b"x")
    with pytest.raises(SpinegateError, match="not committed yet"):
        apply_and_commit([Rename("image.nii.gz", "b.nii.gz")], plain, "x")


def test_no_git_no_commit(phantom: Path) -> None:
    with pytest.raises(SpinegateError, match="not in git"):
        apply_and_commit([Write("new.txt", "x")], phantom, "x")


def test_line_ends_that_git_converts_are_refused(plain: Path, run: Run) -> None:
    (plain / "edited.json").write_bytes(b'{\r\n"PatientName": "x", "A": 1}\r\n')
    run(plain, "git", "config", "core.autocrlf", "true")
    run(plain, "git", "add", "edited.json")
    run(plain, "git", "commit", "-q", "-m", "y")
    with pytest.raises(SpinegateError, match="in another form"):
        apply_and_commit([Remove("edited.json", "A")], plain, "x")


def test_undone_after_other_commits(plain: Path, run: Run) -> None:
    apply_and_commit(PLAN, plain, "x")
    (plain / "other.txt").write_text("later")
    run(plain, "git", "commit", "-q", "-a", "-m", "later")
    undo(plain)
    assert run(plain, "git", "show", "HEAD:other.txt") == "later"
    assert run(plain, "git", "diff", "--name-only", "HEAD~3", "HEAD").split() == ["other.txt"]
    assert run(plain, "git", "status", "--short") == ""


def test_not_undone_once_others_have_gone_on(plain: Path, run: Run) -> None:
    apply_and_commit(PLAN, plain, "x")
    (plain / "Lower.txt").write_text("later")
    run(plain, "git", "commit", "-q", "-a", "-m", "later")
    with pytest.raises(SpinegateError, match="later commits have changed"):
        undo(plain)
    run(plain, "git", "switch", "-q", "-c", "elsewhere")
    with pytest.raises(SpinegateError, match="git switch main"):
        undo(plain)


@pytest.mark.parametrize("phase", ["out", "in", "index", "ref", "done"])
def test_stopped_and_the_branch_moves_on(plain: Path, run: Run, phase: str) -> None:
    before = tree_of(plain, run)
    stop_at(plain, phase)
    tree = run(
        plain, "git", "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "by another"
    ).strip()
    run(plain, "git", "update-ref", "refs/heads/main", tree)
    if phase == "done":
        with pytest.raises(SpinegateError, match="nothing to resume"):
            resume(plain)
    else:
        assert resume(plain) == 3
    assert run(plain, "git", "status", "--short") == ""
    assert run(plain, "git", "show", "HEAD:n/n.txt") == "n"
    assert undo(plain) == 3
    assert run(plain, "git", "status", "--short") == ""
    assert (plain / "lower.txt").exists()
    assert tree_of(plain, run) == before


def test_stopped_and_another_branch_is_checked_out(plain: Path, run: Run) -> None:
    stop_at(plain, "in")
    run(plain, "git", "symbolic-ref", "HEAD", "refs/heads/other")
    run(plain, "git", "update-ref", "HEAD", "main")
    with pytest.raises(SpinegateError, match="git switch main"):
        resume(plain)
    run(plain, "git", "symbolic-ref", "HEAD", "refs/heads/main")
    assert undo(plain) == 3
    assert run(plain, "git", "status", "--short") == ""
    assert run(plain, "git", "rev-list", "--count", "HEAD").strip() == "1"


@pytest.mark.slow
@pytest.mark.parametrize("after", ["resume", "undo"])
def test_killed_at_any_moment(
    plain: Path, run: Run, fingerprint: Fingerprint, tool_environment: dict[str, str], after: str
) -> None:
    """Before or after, never between; also where taking it back is killed."""
    many = [Write(f"many/{i}.txt", str(i)) for i in range(60)]
    plan = Plan((*PLAN.proposals, *map(Proposal, many)))
    before, tree = fingerprint(plain), tree_of(plain, run)
    file = plain.parent / "plan.yaml"
    write_plan(plan, file)
    code = (
        "import sys; from pathlib import Path; from spinegate.validator.plan import read_plan;"
        "from spinegate.curation.commit import apply_and_commit;"
        "from spinegate.curation.apply import undo;"
        "plan = read_plan(Path(sys.argv[2])); print('go', flush=True);"
        "apply_and_commit(plan, Path(sys.argv[1]), 'x') if sys.argv[3] == 'do'"
        " else undo(Path(sys.argv[1]))"
    )

    def killed(word: str) -> None:
        argv = [sys.executable, "-c", code, str(plain), str(file), word]
        with subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=tool_environment,
            start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            time.sleep(chance.uniform(0, 0.25))
            os.killpg(process.pid, signal.SIGKILL)

    chance = random.Random(3)
    for _ in range(8):
        killed("do")
        phase = phase_of(find_place(plain))
        unlock(plain)
        if after == "resume" and phase not in ("", "done"):
            assert resume(plain) == 70
            assert len(fingerprint(plain)) == len(before) + 61 - 1
            assert run(plain, "git", "status", "--short") == ""
            assert tree_of(plain, run) != tree
        if phase_of(find_place(plain)):
            killed("undo")
            unlock(plain)
            if phase_of(find_place(plain)):
                undo(plain)
        assert fingerprint(plain) == before
        assert tree_of(plain, run) == tree
        assert run(plain, "git", "status", "--short") == ""


def test_the_moves_say_what_was_done(plain: Path) -> None:
    moves = carry_out(PLAN, plain, "x")
    assert moves is not None
    assert moves.files == 10
    assert moves.commit is not None
