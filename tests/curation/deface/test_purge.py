"""Contents with faces are dropped, wherever they lie, once others have taken their places."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface.former import find_formers
from spinegate.curation.deface.held import held_images, hold
from spinegate.curation.deface.work import all_made
from spinegate.curation.place import find_place
from spinegate.validator.annex import link_key, object_paths
from tests.curation.conftest import Run
from tests.curation.deface.dataset import (
    T1W,
    T2W,
    deface_quickly,
    write_dataset,
    write_decisions,
)
from tests.curation.deface.heads import Head

HELD = "sub-b01/anat/sub-b01_T1w.nii.gz"


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch, tool_environment: dict[str, str]) -> None:
    """Somebody commits, and git-annex is found."""
    for name in ("HOME", "PATH"):
        monkeypatch.setenv(name, tool_environment[name])


@pytest.fixture(scope="module")
def head(upright: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return upright.save(tmp_path_factory.mktemp("head") / "head.nii.gz")


@pytest.fixture(scope="module")
def prepared(
    head: Path, run: Run, annex_tool: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Two images of different contents, here and in a special remote."""
    top = tmp_path_factory.mktemp("annexed")
    (top / "store").mkdir()
    folder = write_dataset(top / "heads", {T1W: head, T2W: head})
    with (folder / T2W).open("ab") as image:
        image.write(bytes(8))
    run(folder, "git", "init", "-q")
    run(folder, annex_tool, "init", "-q", "here")
    run(folder, "git", "config", "annex.largefiles", "include=*.nii.gz")
    run(folder, annex_tool, "add", "-q", ".")
    run(folder, "git", "commit", "-q", "-m", "heads")
    run(
        folder, annex_tool, "initremote", "-q", "store", "type=directory", "encryption=none",
        f"directory={top / 'store'}",
    )  # fmt: skip
    run(folder, annex_tool, "copy", "-q", "--to=store", ".")
    return top


@pytest.fixture
def dataset(prepared: Path, tmp_path: Path, run: Run, annex_tool: str) -> Path:
    shutil.copytree(prepared, tmp_path / "copy", symlinks=True)
    folder = tmp_path / "copy" / "heads"
    store = tmp_path / "copy" / "store"
    run(folder, annex_tool, "enableremote", "-q", "store", f"directory={store}")
    return folder


def purge(dataset: Path, *more: str) -> int:
    return spinegate(["curate", "deface", str(dataset), "--purge", *more])


def key_of(dataset: Path, path: str) -> str:
    key = link_key(str((dataset / path).readlink()).encode())
    assert key is not None
    return key


def accept(dataset: Path, *paths: str) -> None:
    place = find_place(dataset)
    for path in paths:
        deface_quickly(place, path)
    rows = dict.fromkeys(paths, ("pass", "Ada", ""))
    decisions = write_decisions(dataset.parent / "d.tsv", rows)
    argv = ["curate", "deface", str(dataset), "--accept", str(decisions), "--apply"]
    assert spinegate(argv) == 0


def places(dataset: Path, key: str) -> list[Path]:
    """All files that hold a content."""
    stored = [path for path in (dataset.parent / "store").rglob(key) if path.is_file()]
    return stored + [path for path in object_paths(dataset / ".git", key) if path.is_file()]


def test_nothing_to_purge(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert purge(dataset) == 0
    assert "Nothing with a face is kept" in capsys.readouterr().out


def test_replaced_contents_go_everywhere(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    key, kept = key_of(dataset, T1W), key_of(dataset, T2W)
    accept(dataset, T1W)
    assert len(places(dataset, key)) == 2
    capsys.readouterr()
    assert purge(dataset) == 0
    out = capsys.readouterr().out
    assert "1 image with a face that others have replaced" in out
    assert f"git annex drop --force --key {key}" in out
    assert f"git annex drop --force --from store --key {key}" in out
    assert kept not in out
    assert len(places(dataset, key)) == 2
    assert purge(dataset, "--apply") == 0
    assert places(dataset, key) == []
    assert len(places(dataset, kept)) == 2
    assert (dataset / T1W).exists()  # the defaced one
    assert not list(all_made(find_place(dataset)))
    assert "git push REMOTE git-annex" in capsys.readouterr().err
    assert purge(dataset) == 0
    assert "git annex drop" not in capsys.readouterr().out
    # what nothing stands behind any more can't be brought back by an undo
    assert spinegate(["curate", "deface", str(dataset), "--undo"]) == 2
    assert run(dataset, "git", "status", "--porcelain") == ""


def test_a_dataset_in_a_folder_of_its_repository(dataset: Path, run: Run) -> None:
    (dataset / "inner").mkdir()
    for name in ("sub-a01", "dataset_description.json", "participants.tsv"):
        run(dataset, "git", "mv", name, f"inner/{name}")
    run(dataset, "git", "commit", "-q", "-m", "moved")  # git-annex's hook mends the links
    key = key_of(dataset / "inner", T1W)
    accept(dataset / "inner", T1W)
    assert len(places(dataset, key)) == 2
    assert purge(dataset / "inner", "--apply") == 0
    assert places(dataset, key) == []


def test_what_other_branches_use_is_kept(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_of(dataset, T1W)
    run(dataset, "git", "branch", "other")
    run(dataset, "git", "tag", "r1")
    accept(dataset, T1W)
    capsys.readouterr()
    assert purge(dataset, "--apply") == 0
    assert f"{key}: other" in capsys.readouterr().out
    assert len(places(dataset, key)) == 2
    run(dataset, "git", "branch", "-q", "-D", "other")
    assert find_formers(dataset).tagged == {key: ("r1",)}
    assert purge(dataset, "--apply") == 0
    assert "nobody will be able to get any more: r1" in capsys.readouterr().out
    assert places(dataset, key) == []


def test_an_undone_replacement_is_kept(dataset: Path) -> None:
    accept(dataset, T1W)
    assert spinegate(["curate", "deface", str(dataset), "--undo"]) == 0
    key = key_of(dataset, T1W)
    assert purge(dataset, "--apply") == 0
    assert len(places(dataset, key)) == 2
    assert find_formers(dataset).keys == {}


def test_held_originals_go_once_they_have_entered(dataset: Path, head: Path) -> None:
    place = find_place(dataset)
    waiting = "sub-b02/anat/sub-b02_T1w.nii.gz"
    for path in (HELD, waiting):
        hold(place, {path: head}, "ingest: b")
    deface_quickly(place, waiting)
    accept(dataset, HELD)
    assert purge(dataset, "--apply") == 0
    assert [held.path for held in held_images(place)] == [waiting]
    assert [one.sources.path for one in all_made(place)] == [waiting]
    assert (dataset / HELD).exists()


def test_a_store_out_of_reach_is_named(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_of(dataset, T1W)
    accept(dataset, T1W)
    run(dataset, "git", "remote", "remove", "store")
    capsys.readouterr()
    assert purge(dataset, "--apply") == 0
    out = capsys.readouterr().out
    assert "store isn't a remote of this clone" in out
    assert len(places(dataset, key)) == 1


def test_a_store_that_fails_is_named(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_of(dataset, T1W)
    accept(dataset, T1W)
    (dataset.parent / "store").rename(dataset.parent / "away")
    assert purge(dataset, "--apply") == 1
    assert f"{key} is still in store" in capsys.readouterr().out


def test_git_keeps_what_was_not_annexed(
    head: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_dataset(tmp_path / "dataset", {T1W: head})
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "heads")
    accept(folder, T1W)
    capsys.readouterr()
    assert purge(folder, "--apply") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "1 image stood in git itself, without git-annex: the history keeps them" in out
    assert find_formers(folder).plain == (T1W,)
    assert purge(folder) == 0
    assert "the history keeps them" in capsys.readouterr().out
