"""Trees on a disk: links, pipes, files that vanish or can't be read, too many of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from spinegate.system.errors import SpinegateError
from spinegate.validator import disk
from spinegate.validator.tree import LINK, SPECIAL, Entry, Tree, Unreadable, open_tree

Commit = Callable[[Path, dict[str, str | bytes]], Path]
Files = Callable[[Path, dict[str, str | bytes]], None]


def contents(tree: Tree, limit: int = 1000) -> dict[str, bytes | Unreadable]:
    return dict(zip(paths(tree), tree.read(tree.entries, limit), strict=True))


def paths(tree: Tree) -> list[str]:
    return [entry.path for entry in tree.entries]


def test_links_are_never_followed(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"outside/secret.json": "s", "dataset/x.json": "{}"})
    dataset = tmp_path / "dataset"
    (dataset / "loop").symlink_to(".")
    (dataset / "self.json").symlink_to("self.json")
    (dataset / "out").symlink_to("../outside")
    (dataset / "out.json").symlink_to("../outside/secret.json")
    tree = open_tree(dataset)
    assert contents(tree) == {
        "loop": b".",
        "out": b"../outside",
        "out.json": b"../outside/secret.json",
        "self.json": b"self.json",
        "x.json": b"{}",
    }


def test_folder_replaced_by_a_link(repository: Path, commit: Commit, tmp_path: Path) -> None:
    commit(repository, {"sub-1/anat/x.json": "{}", "sub-2/x.json": "{}", ".gitignore": "sub-1\n"})
    (repository / "sub-1").rename(tmp_path / "elsewhere")
    (repository / "sub-1").symlink_to(tmp_path / "elsewhere")
    assert paths(open_tree(repository)) == [".gitignore", "sub-2/x.json"]


def test_file_replaced_by_a_link_or_a_folder_or_a_pipe(
    repository: Path, commit: Commit, tmp_path: Path
) -> None:
    commit(repository, {"a.json": "1", "b.json": "2", "c.json": "3"})
    for name in ("a.json", "b.json", "c.json"):
        (repository / name).unlink()
    (repository / "a.json").symlink_to(tmp_path)
    (repository / "b.json").mkdir()
    os.mkfifo(repository / "c.json")
    tree = open_tree(repository)
    found = contents(tree)
    assert found["a.json"] == os.fsencode(tmp_path)
    assert set(found) == {"a.json", "c.json"}
    assert [e.mode for e in tree.entries if e.oid == ""] == [LINK]
    assert found["c.json"] == Unreadable("not a file")


def test_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.json")
    (entry,) = open_tree(tmp_path).entries
    assert entry == Entry("x.json", b"x.json", SPECIAL)


def test_vanishing_while_reading(tmp_path: Path, files: Files) -> None:
    files(tmp_path, {"a.json": "1", "b.json": "2"})
    tree = open_tree(tmp_path)
    (tmp_path / "a.json").unlink()
    assert contents(tree) == {
        "a.json": Unreadable(os.strerror(errno.ENOENT)),
        "b.json": b"2",
    }


def test_vanishing_while_listing(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path, {"a.json": "1", "b.json": "2"})
    scan = os.scandir

    def scan_and_remove(place: bytes) -> Any:
        found = list(scan(place))
        (tmp_path / "a.json").unlink()
        return nullcontext(found)

    monkeypatch.setattr(os, "scandir", scan_and_remove)
    assert [entry.path for entry in disk.walk(tmp_path)] == ["b.json"]


def test_no_read_rights(tmp_path: Path, files: Files, as_nobody: Callable[..., str]) -> None:
    files(tmp_path, {"open.json": "{}", "shut.json": "{}", "shut/x.json": "{}"})
    (tmp_path / "shut.json").chmod(0)
    (tmp_path / "shut").chmod(0)
    script = (
        "from pathlib import Path\n"
        "from spinegate.validator.tree import open_tree\n"
        f"tree = open_tree(Path({str(tmp_path)!r}))\n"
        "print([(e.path, e.mode) for e in tree.entries])\n"
        "print(list(tree.read(tree.entries[:2], 10)))\n"
    )
    listed, read = as_nobody(tmp_path, script).splitlines()
    assert eval(listed) == [
        ("open.json", "100644"),
        ("shut.json", "100644"),
        ("shut/", "unreadable: Permission denied"),
    ]
    assert read == "[b'{}', Unreadable(reason='Permission denied')]"


def test_no_read_rights_on_the_dataset(tmp_path: Path, as_nobody: Callable[..., str]) -> None:
    shut = tmp_path / "shut"
    (shut / "dataset").mkdir(parents=True)
    shut.chmod(0)
    script = (
        "from pathlib import Path\n"
        "from spinegate.system.errors import SpinegateError\n"
        "from spinegate.validator.tree import open_tree\n"
        f"for place in ({str(shut)!r}, {str(shut / 'dataset')!r}):\n"
        "    try:\n        open_tree(Path(place))\n"
        "    except SpinegateError as error:\n        print(error)\n"
    )
    first, second = as_nobody(tmp_path, script).splitlines()
    assert first == f"{shut} cannot be read: Permission denied"
    assert second.startswith(f"{shut / 'dataset'} does not exist")


def test_tracked_files_in_a_shut_folder_are_not_taken_for_deleted(
    repository: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"a/x.json": "{}", "b/x.json": "{}"})
    scan = os.scandir

    def refuse(place: Any) -> Any:
        if bytes(place).endswith(b"/a"):
            raise PermissionError(errno.EACCES, "no")
        return scan(place)

    monkeypatch.setattr(
        os, "scandir", lambda place: scan(place) if isinstance(place, Path) else refuse(place)
    )
    tree = open_tree(repository)
    assert [(entry.path, entry.mode) for entry in tree.entries] == [
        ("a/", "unreadable: Permission denied"),
        ("a/x.json", "100644"),
        ("b/x.json", "100644"),
    ]


def test_many_files_in_one_folder(tmp_path: Path) -> None:
    for number in range(20_000):
        os.close(os.open(tmp_path / f"{number}.json", os.O_CREAT | os.O_WRONLY))
    tree = open_tree(tmp_path)
    assert len(tree.entries) == 20_000
    assert paths(tree) == sorted(paths(tree))


def test_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_MAX_FILES", 2)
    for number in range(3):
        (tmp_path / str(number)).touch()
    with pytest.raises(SpinegateError, match="more than 2 files"):
        open_tree(tmp_path)
