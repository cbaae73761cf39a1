"""What stands behind a file: contents, links inside a dataset, text in the annex."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.validator.annex import object_paths
from spinegate.validator.contents import (
    ELSEWHERE,
    NOWHERE,
    Content,
    Presence,
    read_contents,
    read_header_bytes,
    read_texts,
)
from spinegate.validator.nifti import FIRST
from spinegate.validator.tree import Entry, Tree, Unreadable, open_tree

Files = Callable[[Path, dict[str, str | bytes]], None]
Run = Callable[..., str]
KEY = "MD5E-s3--" + "a" * 32


def look(tree: Tree) -> tuple[dict[str, Content], dict[str, str]]:
    unreadable: dict[str, str] = {}
    images = [entry for entry in tree.entries if ".nii" in entry.path]
    return read_contents(tree, images, unreadable), unreadable


def texts(tree: Tree) -> dict[str, bytes | Unreadable]:
    wanted = [entry for entry in tree.entries if entry.path.endswith(".json")]
    return {
        entry.path: text for entry, text in zip(wanted, read_texts(tree, wanted, 99), strict=True)
    }


@pytest.fixture(params=["folder", "work tree", "commit"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Callable[[], Tree]:
    """Open the folder `dataset` in one of three ways: all must see the same."""
    folder = tmp_path / "dataset"
    folder.mkdir()

    def call() -> Tree:
        if request.param == "folder":
            return open_tree(folder)
        run(folder, "git", "init", "-q")
        run(folder, "git", "add", "-A")
        run(folder, "git", "commit", "-q", "-m", "files")
        if request.param == "commit":
            shutil.copytree(folder / ".git", tmp_path / "dataset.git")
            return open_tree(tmp_path / "dataset.git", "HEAD")
        return open_tree(folder)

    return call


def link(folder: Path, name: str, target: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to(target)


def test_links_inside_and_outside(
    tmp_path: Path, files: Files, nifti: bytes, opened: Callable[[], Tree]
) -> None:
    folder = tmp_path / "dataset"
    files(tmp_path, {"secret.nii.gz": nifti, "secret.json": "{}"})
    files(folder, {"a/x.nii.gz": nifti, "a/x.json": '{"a": 1}'})
    for kind in ("nii.gz", "json"):
        link(folder, f"b/one.{kind}", f"../a/x.{kind}")
        link(folder, f"c/d/two.{kind}", f"../../b/one.{kind}")
        link(folder, f"out.{kind}", f"../secret.{kind}")
        link(folder, f"absolute.{kind}", f"{tmp_path}/secret.{kind}")
        link(folder, f"loop.{kind}", f"loop.{kind}")
        link(folder, f"ping.{kind}", f"pong.{kind}")
        link(folder, f"pong.{kind}", f"ping.{kind}")
        link(folder, f"missing.{kind}", f"a/missing.{kind}")
    tree = opened()
    found, unreadable = look(tree)
    good = {"a/x.nii.gz", "b/one.nii.gz", "c/d/two.nii.gz"}
    assert {path for path, c in found.items() if c.presence is Presence.PRESENT} == good
    assert {c.presence for path, c in found.items() if path not in good} == {Presence.BROKEN}
    assert unreadable == {}
    entries = {entry.path: entry for entry in tree.entries}
    for path in good:
        assert read_header_bytes(tree, entries[path], found[path], FIRST) == nifti
    read = texts(tree)
    assert {path for path, text in read.items() if text == b'{"a": 1}'} == {
        "a/x.json", "b/one.json", "c/d/two.json",
    }  # fmt: skip
    assert {text for text in read.values() if text != b'{"a": 1}'} == {NOWHERE}


def test_text_in_the_annex(
    tmp_path: Path, files: Files, run: Run, opened: Callable[[], Tree]
) -> None:
    folder = tmp_path / "dataset"
    link(folder, "sub/locked.json", f"../.git/annex/objects/xx/yy/{KEY}/{KEY}")
    link(folder, "sub/gone.json", f"../.git/annex/objects/xx/yy/{KEY[:-1]}b/{KEY[:-1]}b")
    link(folder, "sub/broken.json", "../.git/annex/objects/xx/yy/nokey/nokey")
    files(folder, {"unlocked.json": f"/annex/objects/{KEY}\n"})
    files(folder, {"plain.json": "{}", "dots.json": "...", "slash.json": "/annex"})
    tree = opened()
    if tree.annex is not None:
        stored = object_paths(tree.annex, KEY)[0]
        stored.parent.mkdir(parents=True)
        stored.write_text("{ }")
    here = b"{ }" if tree.annex is not None else ELSEWHERE
    assert texts(tree) == {
        "sub/locked.json": here,
        "sub/gone.json": ELSEWHERE,
        "sub/broken.json": NOWHERE,
        "unlocked.json": here,
        "plain.json": b"{}",
        "dots.json": b"...",
        "slash.json": b"/annex",
    }


def test_unreadable_images_are_said_to_be(tmp_path: Path, files: Files, nifti: bytes) -> None:
    files(tmp_path, {"a.nii.gz": nifti, "b.nii.gz": nifti})
    link(tmp_path, "c.nii.gz", "b.nii.gz")
    tree = open_tree(tmp_path)
    for name in ("b", "c"):
        (tmp_path / f"{name}.nii.gz").unlink()
    found, unreadable = look(tree)
    assert list(found) == ["a.nii.gz"]
    assert unreadable == dict.fromkeys(["b.nii.gz", "c.nii.gz"], "No such file or directory")


def test_header_bytes_are_bounded(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"x.nii": b"x" * 100_000})
    tree = open_tree(tmp_path)
    (content,) = look(tree)[0].values()
    (entry,) = tree.entries
    assert len(content.head or b"") == FIRST + 1
    assert len(read_header_bytes(tree, entry, content, 10**9) or b"") == 2**16 + 1
    (tmp_path / "x.nii").unlink()
    assert read_header_bytes(tree, entry, content, 10**9) is None


def test_names_are_bytes(tmp_path: Path, nifti: bytes) -> None:
    raw = b"latin-\xe9.nii.gz"
    with open(bytes(tmp_path) + b"/" + raw, "wb") as file:
        file.write(nifti)
    tree = open_tree(tmp_path)
    assert tree.entries == [Entry("latin-\\xe9.nii.gz", raw, "100644")]
    ((path, content),) = look(tree)[0].items()
    assert (path, content.presence) == ("latin-\\xe9.nii.gz", Presence.PRESENT)
