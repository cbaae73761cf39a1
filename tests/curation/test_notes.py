"""The notes that a run keeps: who may read them, where they hold, and that they can go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation.apply import apply_plan, forget, resume, undo
from spinegate.curation.place import find_place
from spinegate.system.errors import SpinegateError
from spinegate.validator.operation import Operation, Rename, Set
from spinegate.validator.plan import Plan, Proposal
from tests.curation.stopping import stop_at

pytestmark = pytest.mark.usefixtures("identity")
Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]
FIRST: list[Operation] = [Set("edited.json", "A", 7), Rename("other.txt", "another.txt")]


def plan(*operations: Operation) -> Plan:
    return Plan(tuple(map(Proposal, operations)))


@pytest.mark.parametrize("way", ["git", "folder"])
def test_nobody_else_can_read_the_notes(way: str, folder: Path, run: Run) -> None:
    if way == "git":
        run(folder, "git", "init", "-q")
        run(folder, "git", "add", ".")
        run(folder, "git", "commit", "-q", "-m", "x")
        (folder / ".git/spinegate").mkdir(mode=0o755)
    apply_plan(plan(*FIRST), folder)
    place = find_place(folder)
    assert place.folder.stat().st_mode & 0o777 == 0o700
    assert b"PatientName" in b"".join(p.read_bytes() for p in place.last.stage.iterdir())
    notes = (place.state_file, place.last.journal, place.last.signatures)
    assert {path.stat().st_mode & 0o777 for path in notes} == {0o600}


def test_forgotten_it_is_gone(folder: Path) -> None:
    apply_plan(plan(*FIRST), folder)
    assert forget(folder)
    assert not find_place(folder).folder.exists()
    assert not forget(folder)
    with pytest.raises(SpinegateError, match="nothing to undo"):
        undo(folder)


def test_a_stopped_run_is_not_forgotten(dataset: Path, fingerprint: Fingerprint) -> None:
    before = fingerprint(dataset)
    stop_at(dataset, "in")
    with pytest.raises(SpinegateError, match="stopped half-way"):
        forget(dataset)
    undo(dataset)
    assert fingerprint(dataset) == before


@pytest.mark.parametrize("end", [resume, undo])
def test_the_dataset_has_another_name_by_then(
    end: Callable[[Path], int], dataset: Path, run: Run, fingerprint: Fingerprint
) -> None:
    before = fingerprint(dataset)
    stop_at(dataset, "in")
    moved = dataset.rename(dataset.with_name("mounted elsewhere"))
    assert end(moved) == 3
    assert run(moved, "git", "status", "--short") == ""
    assert (fingerprint(moved) == before) == (end is undo)


def test_another_dataset_of_the_repository_is_named(dataset: Path) -> None:
    (dataset / "inner").mkdir()
    (dataset / "inner/a.txt").write_text("a")
    apply_plan(plan(Rename("a.txt", "b.txt")), dataset / "inner")
    with pytest.raises(SpinegateError, match=r"changed '.*/top/inner': name that folder"):
        undo(dataset)


@pytest.mark.parametrize("name", ["journal.json", "signatures.json"])
def test_notes_that_are_broken_are_named(name: str, folder: Path) -> None:
    apply_plan(plan(*FIRST), folder)
    (find_place(folder).last.folder / name).write_text("{")
    with pytest.raises(SpinegateError, match=f"{name} can't be read"):
        undo(folder)
    assert forget(folder)
