"""Two trees of nearly the same files, read and parsed once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.gradients import read_gradients
from spinegate.validator.shared import Shared
from spinegate.validator.tree import Tree, open_tree

Files = Callable[[Path, dict[str, str | bytes]], None]
Run = Callable[..., str]
POINTER = "/annex/objects/SHA256E-s9--" + "a" * 64 + ".nii.gz\n"
DWI = "sub-a01/dwi/sub-a01_dwi"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec("spine-generic")


@pytest.fixture
def repository(tmp_path: Path, files: Files, run: Run) -> Path:
    """Two commits: one sidecar changed, one gradients file added, one image taken away."""
    folder = tmp_path / "repository"
    folder.mkdir()
    first: dict[str, str | bytes] = {
        "dataset_description.json": '{"Name": "x"}',
        "participants.tsv": "participant_id\tinstitution_id\nsub-a01\tx\nsub-b02\ty\n",
        "sub-a01/anat/sub-a01_T1w.nii.gz": POINTER,
        "sub-a01/anat/sub-a01_T1w.json": '{"EchoTime": 3}',
        "sub-b02/anat/sub-b02_T1w.nii.gz": POINTER,
        "sub-b02/anat/sub-b02_T1w.json": '{"EchoTime": 1}',
        f"{DWI}.nii.gz": POINTER,
        f"{DWI}.bval": "0 800\n",
    }
    second = {"sub-a01/anat/sub-a01_T1w.json": '{"EchoTime": 2}', f"{DWI}.bvec": "0 1\n0 0\n0 0\n"}
    run(folder, "git", "init", "-q")
    files(folder, first)
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-qm", "first")
    files(folder, {**second})
    (folder / "sub-b02/anat/sub-b02_T1w.nii.gz").unlink()
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-qm", "second")
    return folder


def alone(folder: Path, ref: str | None, spec: Spec) -> Dataset:
    return load_dataset(open_tree(folder, ref), spec)


def unknown(shared: Shared, tree: Tree) -> list[str]:
    return [entry.path for entry in tree.entries if shared.blobs.find(entry.oid) is None]


def same(one: Dataset, other: Dataset) -> bool:
    return (
        one.scans == other.scans
        and one.json == other.json
        and one.participants == other.participants
        and one.names == other.names
        and read_gradients(one) == read_gradients(other)
    )


@pytest.mark.parametrize(
    "order", [("HEAD", "HEAD~1"), ("HEAD~1", "HEAD"), (None, "HEAD~1"), ("HEAD~1", None)]
)
def test_nothing_but_the_cost_changes(
    repository: Path, spec: Spec, order: tuple[str | None, str | None]
) -> None:
    shared = Shared()
    for ref in order:
        tree = open_tree(repository, ref, blobs=shared.blobs)
        dataset = load_dataset(tree, spec, shared)
        assert same(dataset, alone(repository, ref, spec))


@pytest.mark.parametrize("first", ["HEAD", None])
def test_what_is_known_is_not_read_again(repository: Path, spec: Spec, first: str | None) -> None:
    shared = Shared()
    head = load_dataset(open_tree(repository, first, blobs=shared.blobs), spec, shared)
    read_gradients(head)
    tree = open_tree(repository, "HEAD~1", blobs=shared.blobs)
    assert unknown(shared, tree) == ["sub-a01/anat/sub-a01_T1w.json"]
    base = load_dataset(tree, spec, shared)
    read_gradients(base)
    assert unknown(shared, tree) == []
    path = "sub-b02/anat/sub-b02_T1w.json"
    assert base.json[path] is head.json[path]
    assert base.names[path] is head.names[path]
    assert base.participants is head.participants


def test_an_edited_file_is_not_taken_for_its_object(
    repository: Path, files: Files, spec: Spec
) -> None:
    path = "sub-b02/anat/sub-b02_T1w.json"
    files(repository, {path: '{"EchoTime": 5}'})
    shared = Shared()
    head = load_dataset(open_tree(repository, None, blobs=shared.blobs), spec, shared)
    base = load_dataset(open_tree(repository, "HEAD", blobs=shared.blobs), spec, shared)
    assert (head.json[path].value, base.json[path].value) == ({"EchoTime": 5}, {"EchoTime": 1})


@pytest.mark.parametrize("twin", ["", "sourcedata/"])
def test_an_edited_twin_has_its_own_gradients(
    repository: Path, files: Files, run: Run, spec: Spec, twin: str
) -> None:
    files(repository, {f"sourcedata/{DWI}.bval": "0 800\n"})
    run(repository, "git", "add", ".")
    files(repository, {f"{twin}{DWI}.bval": "0 900\n"})
    read = read_gradients(alone(repository, None, spec))
    seen = {path: file.rows for path, file in read.items() if path.endswith(".bval")}
    changed, kept = ((0.0, 900.0),), ((0.0, 800.0),)
    assert seen[f"{twin}{DWI}.bval"] == changed
    assert sorted(seen.values()) == [kept, changed]


def test_a_repository_of_long_object_ids(tmp_path: Path, files: Files, run: Run) -> None:
    try:
        run(tmp_path, "git", "init", "-q", "--object-format=sha256")
    except subprocess.CalledProcessError:
        pytest.skip("this git has no sha256")
    files(tmp_path, {"a.json": json.dumps({"a": 1})})
    run(tmp_path, "git", "add", ".")
    shared = Shared()
    tree = open_tree(tmp_path, blobs=shared.blobs)
    assert list(tree.read(tree.entries, 99)) == [b'{"a": 1}']
    assert shared.blobs.find(tree.entries[0].oid) == b'{"a": 1}'


@pytest.mark.parametrize("ref", ["HEAD", None])
def test_what_was_cut_is_read_again(repository: Path, ref: str | None) -> None:
    shared = Shared()
    tree = open_tree(repository, ref, blobs=shared.blobs)
    entry = next(entry for entry in tree.entries if entry.path == "dataset_description.json")
    commit = open_tree(repository, "HEAD", blobs=shared.blobs)
    assert list(tree.read([entry], 3)) == [b'{"Na']
    assert shared.blobs.find(entry.oid) is None
    assert list(tree.read([entry], 99)) == [b'{"Name": "x"}']
    assert list(commit.read([entry], 3)) == [b'{"Na']
    assert list(commit.read([entry, entry], 99)) == [b'{"Name": "x"}'] * 2


@pytest.mark.real
def test_the_real_dataset_twice(bundle: Path, spec: Spec) -> None:
    shared = Shared()
    folder = load_dataset(open_tree(bundle, blobs=shared.blobs), spec, shared)
    tree = open_tree(bundle, "HEAD", blobs=shared.blobs)
    assert {path.rpartition(".")[2] for path in unknown(shared, tree)}.isdisjoint({"gz", "json"})
    commit = load_dataset(tree, spec, shared)
    assert (commit.scans, commit.json) == (folder.scans, folder.json)
