"""A planned tree shows what the plan would make, of a folder and of a commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.system.errors import ConfigError
from spinegate.validator.operation import Delete, Operation, Remove, Rename, Set, Write
from spinegate.validator.plan import Plan, Proposal
from spinegate.validator.planned import plan_tree
from spinegate.validator.tree import LINK, Tree, open_tree

Run = Callable[..., str]
FILES = {
    "a.json": '{"A": 1}\n',
    "b.json": '{"B": 2}\n',
    "sub-x/c.txt": "c",
    "participants.tsv": "participant_id\tage\nsub-x\t-\n",
}


def make(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "sub-x" / "link.nii.gz").symlink_to("../.git/annex/objects/0/0/k/MD5E-s1--0")
    return folder


@pytest.fixture(params=["folder", "commit"])
def tree(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Tree:
    make(tmp_path)
    if request.param == "folder":
        return open_tree(tmp_path)
    run(tmp_path, "git", "init", "-q")
    run(tmp_path, "git", "add", ".")
    run(tmp_path, "git", "commit", "-q", "-m", "x")
    return open_tree(tmp_path, "HEAD")


def contents(tree: Tree) -> dict[str, bytes]:
    found = zip(tree.entries, tree.read(tree.entries, 1000), strict=True)
    return {entry.path: content for entry, content in found if isinstance(content, bytes)}


def after(tree: Tree, *operations: Operation) -> dict[str, bytes]:
    planned = plan_tree(tree, Plan(tuple(map(Proposal, operations))))
    paths = [entry.path for entry in planned.entries]
    assert paths == sorted(paths)
    found = contents(planned)
    assert list(found) == paths
    return found


def test_an_empty_plan_changes_nothing(tree: Tree) -> None:
    assert after(tree) == contents(tree)


def test_files_exchange_their_names(tree: Tree) -> None:
    found = after(tree, Rename("a.json", "b.json"), Rename("b.json", "a.json"))
    assert found["a.json"] == FILES["b.json"].encode()
    assert found["b.json"] == FILES["a.json"].encode()


def test_a_file_is_edited_while_it_moves(tree: Tree) -> None:
    found = after(
        tree,
        Rename("a.json", "new/a.json"),
        Set("a.json", "C", 3),
        Set("a.json", "C", 3),
        Remove("a.json", "A"),
    )
    assert found["new/a.json"] == b'{"C": 3}\n'
    assert "a.json" not in found


def test_a_deleted_file_is_gone_and_a_cell_is_set(tree: Tree) -> None:
    found = after(tree, Delete("b.json"), Set("participants.tsv", "age", "n/a", "-"))
    assert "b.json" not in found
    assert found["participants.tsv"].endswith(b"sub-x\tn/a\n")


def test_files_are_written(tree: Tree) -> None:
    found = after(tree, Write("sub-x/new.txt", "ä"), Write("a.json", "{}"))
    assert found["sub-x/new.txt"] == "ä".encode()
    assert found["a.json"] == b"{}"
    assert len(found) == len(contents(tree)) + 1


def test_a_link_into_the_annex_follows(tree: Tree) -> None:
    found = after(tree, Rename("sub-x/link.nii.gz", "sub-x/anat/deep/link.nii.gz"))
    target = b"../../../.git/annex/objects/0/0/k/MD5E-s1--0"
    assert found["sub-x/anat/deep/link.nii.gz"] == target
    found = after(tree, Rename("sub-x/link.nii.gz", "link.nii.gz"))
    assert found["link.nii.gz"] == target.removeprefix(b"../../../")


def test_what_it_reads_is_bounded(tree: Tree) -> None:
    planned = plan_tree(tree, Plan((Proposal(Set("a.json", "Long", "x" * 50)),)))
    entries = [entry for entry in planned.entries if entry.mode != LINK]
    assert [len(c) for c in planned.read(entries, 4) if isinstance(c, bytes)] == [5, 5, 5, 1]


def test_it_stands_for_the_tree_that_it_changes(tree: Tree) -> None:
    planned = plan_tree(tree, Plan(()))
    assert (planned.name, planned.annex, planned.folder) == (tree.name, tree.annex, tree.folder)


def test_a_plan_that_cannot_be_done_makes_no_tree(tree: Tree) -> None:
    with pytest.raises(ConfigError, match="nothing was changed"):
        plan_tree(tree, Plan((Proposal(Delete("none")),)))
