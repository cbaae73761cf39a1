"""New files take no other's place, and land in the dataset alone; work goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.curation.apply import carry_out, undo
from spinegate.curation.commit import apply_and_commit
from spinegate.curation.git_commit import build
from spinegate.curation.ingest.enter import Arrival, enter
from spinegate.curation.stage import stage
from spinegate.curation.taking_back import with_inverse
from spinegate.system.errors import SpinegateError
from spinegate.validator.operation import Operation, Rename, Set, Write, digest
from spinegate.validator.plan import Plan, Proposal

pytestmark = pytest.mark.usefixtures("identity")
Run = Callable[..., str]

TABLE = "participant_id\nsub-a\n"


@pytest.fixture
def dataset(tmp_path: Path, run: Run) -> Path:
    top = tmp_path / "top"
    for folder in ("sub-a", ".spinegate"):
        (top / folder).mkdir(parents=True)
    (top / ".spinegate/list.yml").write_text("former\n")
    (top / "sub-a/x.json").write_text('{"A": 1}\n')
    (top / "other.txt").write_text("o")
    (top / "participants.tsv").write_text(TABLE)
    run(top, "git", "init", "-q")
    run(top, "git", "add", ".")
    run(top, "git", "commit", "-q", "-m", "x")
    return top


@pytest.fixture
def arrive(tmp_path: Path) -> Callable[..., Arrival]:
    def make(path: str, table: str = "") -> Arrival:
        file = tmp_path / "arrival" / path
        file.parent.mkdir(parents=True)
        file.write_text("{}")
        return Arrival(tmp_path / "arrival", (path,), table.encode() or None, "m", TABLE.encode())

    return make


def state(folder: Path, run: Run) -> tuple[str, str]:
    return run(folder, "git", "rev-parse", "HEAD"), run(folder, "git", "status", "--short")


# A sparse checkout, or a file that somebody has deleted: git has it, the disk hasn't.


@pytest.mark.parametrize(
    "operation",
    [
        Write(".spinegate/list.yml", "new\n", digest(None)),
        Rename("other.txt", ".spinegate/list.yml"),
    ],
)
@pytest.mark.parametrize("way", ["sparse", "deleted", "not committed"])
def test_a_file_that_is_not_on_the_disk_is_not_replaced(
    way: str, operation: Operation, dataset: Path, run: Run
) -> None:
    if way == "sparse":
        run(dataset, "git", "sparse-checkout", "set", "sub-a")
    else:
        (dataset / ".spinegate/list.yml").unlink()
    before = state(dataset, run)
    plan = Plan((Proposal(operation),))
    with pytest.raises(SpinegateError, match=r"list\.yml' is in git, but not in the folder"):
        carry_out(plan, dataset, None if way == "not committed" else "m")
    assert state(dataset, run) == before


def test_what_enters_replaces_no_file_that_is_not_on_the_disk(
    dataset: Path, run: Run, arrive: Callable[..., Arrival]
) -> None:
    run(dataset, "git", "sparse-checkout", "set", ".spinegate")
    before = state(dataset, run)
    with pytest.raises(SpinegateError, match=r"x\.json' is in git, but not in the folder"):
        enter(arrive("sub-a/x.json"), dataset)
    assert state(dataset, run) == before


# Folders that lead elsewhere.


@pytest.mark.parametrize("known", [True, False])
def test_nothing_enters_over_a_link(
    known: bool, dataset: Path, run: Run, tmp_path: Path, arrive: Callable[..., Arrival]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (dataset / "sub-b").symlink_to(tmp_path / "elsewhere")
    if known:
        run(dataset, "git", "add", "sub-b")
        run(dataset, "git", "commit", "-q", "-m", "a link")
    before = state(dataset, run)
    with pytest.raises(SpinegateError, match=r"over a link|which git knows as"):
        enter(arrive("sub-b/x.json"), dataset)
    assert state(dataset, run) == before
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("operation", [Write("code/n.txt", "n"), Rename("other.txt", "code/o")])
def test_nothing_is_put_into_a_submodule(
    operation: Operation, there: bool, dataset: Path, run: Run, tmp_path: Path
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    run(inner, "git", "init", "-q")
    run(inner, "git", "commit", "-q", "--allow-empty", "-m", "x")
    allowed = ("-c", "protocol.file.allow=always")
    run(dataset, "git", *allowed, "submodule", "add", "-q", inner, "code")
    run(dataset, "git", "commit", "-q", "-m", "code")
    if not there:
        run(dataset, "git", "submodule", "deinit", "-q", "code")
    before = state(dataset, run)
    with pytest.raises(SpinegateError, match="another repository"):
        apply_and_commit([operation], dataset, "m")
    assert state(dataset, run) == before


# Somebody saves a file while the new one is being made: hashing images takes minutes.


def _then(do: Callable[..., Any], after: Callable[[], object]) -> Callable[..., Any]:
    def both(*given: Any) -> Any:
        done = do(*given)
        after()
        return done

    return both


def test_what_is_saved_while_a_plan_is_prepared_is_kept(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = dataset / "sub-a/x.json"
    save = _then(stage, lambda: file.write_text('{"A": 1, "mine": 1}\n'))
    monkeypatch.setattr("spinegate.curation.apply.stage", save)
    with pytest.raises(SpinegateError, match=r"x\.json' was changed meanwhile; nothing was done"):
        apply_and_commit([Set("sub-a/x.json", "A", 2)], dataset, "m")
    assert file.read_text() == '{"A": 1, "mine": 1}\n'


def test_what_is_saved_while_images_enter_is_kept(
    dataset: Path, run: Run, monkeypatch: pytest.MonkeyPatch, arrive: Callable[..., Arrival]
) -> None:
    mine = TABLE + "sub-mine\n"
    table = dataset / "participants.tsv"
    save = _then(build, lambda: table.write_text(mine))
    monkeypatch.setattr("spinegate.curation.ingest.enter.build", save)
    head = run(dataset, "git", "rev-parse", "HEAD")
    with pytest.raises(SpinegateError, match=r"participants\.tsv' was changed meanwhile; nothing"):
        enter(arrive("sub-n/x.json", TABLE + "sub-n\n"), dataset)
    assert table.read_text() == mine
    assert not (dataset / "sub-n").exists()
    assert run(dataset, "git", "rev-parse", "HEAD") == head


def test_what_is_saved_while_an_undo_is_prepared_is_kept(
    dataset: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_and_commit([Set("sub-a/x.json", "A", 2)], dataset, "m")
    file = dataset / "sub-a/x.json"
    save = _then(with_inverse, lambda: file.write_text('{"A": 2, "mine": 1}\n'))
    monkeypatch.setattr("spinegate.curation.apply.with_inverse", save)
    head = run(dataset, "git", "rev-parse", "HEAD")
    with pytest.raises(SpinegateError, match="changed meanwhile; nothing was done"):
        undo(dataset)
    assert file.read_text() == '{"A": 2, "mine": 1}\n'
    assert run(dataset, "git", "rev-parse", "HEAD") == head
