"""Accepted images enter the dataset: replaced or new, in one commit, and back again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.held import held_images, hold
from spinegate.curation.deface.work import folder_of
from spinegate.curation.place import find_place
from tests.curation.conftest import Fingerprint, Run
from tests.curation.deface.dataset import (
    SIDECAR,
    T1W,
    T2W,
    deface_quickly,
    sidecar_of,
    write_dataset,
    write_decisions,
)
from tests.curation.deface.heads import Head

TABLE = ".spinegate/defacing.tsv"


@pytest.fixture(scope="module")
def head(upright: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return upright.save(tmp_path_factory.mktemp("head") / "head.nii.gz")


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch, tool_environment: dict[str, str]) -> None:
    """Somebody commits, and git-annex is found."""
    for name in ("HOME", "PATH"):
        monkeypatch.setenv(name, tool_environment[name])


@pytest.fixture
def folder(head: Path, tmp_path: Path) -> Path:
    """A dataset that git knows nothing of."""
    return write_dataset(tmp_path / "dataset", {T1W: head, T2W: head})


@pytest.fixture(scope="module")
def prepared(
    head: Path, run: Run, annex_tool: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = write_dataset(tmp_path_factory.mktemp("annexed") / "heads", {T1W: head, T2W: head})
    run(folder, "git", "init", "-q")
    run(folder, annex_tool, "init", "-q", "here")
    run(folder, "git", "config", "annex.largefiles", "include=*.nii.gz")
    run(folder, annex_tool, "add", "-q", ".")
    run(folder, "git", "commit", "-q", "-m", "heads")
    run(folder, annex_tool, "unlock", "-q", T2W)
    run(folder, "git", "commit", "-q", "-a", "-m", "T2w is unlocked")
    return folder


@pytest.fixture
def annexed(prepared: Path, tmp_path: Path) -> Path:
    """T1w locked in the annex, T2w unlocked."""
    return Path(shutil.copytree(prepared, tmp_path / "annexed", symlinks=True))


def accept(dataset: Path, decisions: Path, *more: str) -> int:
    return spinegate(["curate", "deface", str(dataset), "--accept", str(decisions), *more])


def defaced(dataset: Path, path: str) -> bytes:
    place = find_place(dataset)
    return (folder_of(place, path) / "image.nii.gz").read_bytes()


def test_locked_and_unlocked_annexed_images(
    annexed: Path, tmp_path: Path, run: Run, annex_tool: str, head: Path, fingerprint: Fingerprint
) -> None:
    place, before = find_place(annexed), fingerprint(annexed)
    rows = {}
    for path in (T1W, T2W):
        assert deface_quickly(place, path).verdict is Verdict.FACE_GONE
        rows[path] = ("pass", "Ada", "")
    decisions = write_decisions(tmp_path / "decisions.tsv", rows)
    assert accept(annexed, decisions) == 0
    assert fingerprint(annexed) == before
    assert run(annexed, "git", "rev-list", "--count", "HEAD").strip() == "2"
    assert accept(annexed, decisions, "--apply") == 0
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert run(annexed, "git", "rev-list", "--count", "HEAD").strip() == "3"
    for path in (T1W, T2W):
        assert (annexed / path).read_bytes() == defaced(annexed, path) != head.read_bytes()
        text = (annexed / sidecar_of(path)).read_text()
        assert text.startswith(SIDECAR.rstrip("\n}"))
        assert json.loads(text)["Defaced"]["AutomaticTest"] == "face gone"
    assert (annexed / T1W).is_symlink()
    assert not (annexed / T2W).is_symlink()
    assert run(annexed, "git", "show", f"HEAD:{T2W}").startswith("/annex/objects/")
    assert run(annexed, annex_tool, "fsck", "-q", "--fast") == ""
    message = run(annexed, "git", "log", "-1", "--format=%B")
    assert message.startswith("spinegate: deface: 2 images without faces\n")
    assert "Spinegate-Operation: deface\n" in message
    table = (annexed / TABLE).read_text().splitlines()
    assert table[0] == "path\tdecision\tby\tdate\tnote"
    assert table[1:] == [f"{path}\tpass\tAda\t2026-11-20\tn/a" for path in (T1W, T2W)]
    commit = run(annexed, "git", "rev-parse", "HEAD")
    assert accept(annexed, decisions, "--apply") == 0  # there is nothing left to do
    assert run(annexed, "git", "rev-parse", "HEAD") == commit
    assert spinegate(["curate", "deface", str(annexed), "--undo"]) == 0
    assert fingerprint(annexed) == before
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert accept(annexed, decisions, "--apply") == 0  # and once more


@pytest.mark.parametrize("in_git", [True, False])
def test_without_an_annex(folder: Path, tmp_path: Path, run: Run, in_git: bool) -> None:
    if in_git:
        run(folder, "git", "init", "-q")
        run(folder, "git", "add", ".")
        run(folder, "git", "commit", "-q", "-m", "heads")
    deface_quickly(find_place(folder), T1W)
    decisions = write_decisions(tmp_path / "decisions.tsv", {T1W: ("pass", "Ada", "")})
    assert accept(folder, decisions, "--apply") == 0
    assert (folder / T1W).read_bytes() == defaced(folder, T1W)
    assert "Defaced" in json.loads((folder / sidecar_of(T1W)).read_text())
    assert "Defaced" not in json.loads((folder / sidecar_of(T2W)).read_text())
    if in_git:
        assert run(folder, "git", "status", "--porcelain") == ""
    assert spinegate(["curate", "deface", str(folder), "--undo"]) == 0
    assert not (folder / TABLE).exists()
    assert "Defaced" not in json.loads((folder / sidecar_of(T1W)).read_text())


def test_held_images_enter(annexed: Path, head: Path, tmp_path: Path, run: Run) -> None:
    place = find_place(annexed)
    path = "sub-b01/anat/sub-b01_T1w.nii.gz"
    other = "sub-b02/anat/sub-b02_T2w.nii.gz"
    (tmp_path / "sidecar").write_text(SIDECAR)
    hold(place, {path: head, sidecar_of(path): tmp_path / "sidecar"}, "ingest: b01")
    hold(place, {other: head}, "ingest: b02")  # without a sidecar
    deface_quickly(place, path)
    deface_quickly(place, other, Verdict.NOTHING)
    rows = {path: ("pass", "Ada", ""), other: ("pass", "Ada", "the neck alone")}
    assert accept(annexed, write_decisions(tmp_path / "d.tsv", rows), "--apply") == 0
    assert (annexed / path).read_bytes() == defaced(annexed, path)
    assert (annexed / path).is_symlink()
    assert (annexed / other).read_bytes() == head.read_bytes()
    said = json.loads((annexed / sidecar_of(other)).read_text())
    assert said["Defaced"]["Method"] == "none"
    assert said["Defaced"]["Reason"] == "no face in view"
    assert run(annexed, "git", "status", "--porcelain") == ""
    assert spinegate(["curate", "deface", str(annexed), "--undo"]) == 0
    assert not (annexed / "sub-b01").exists()
    assert [held.path for held in held_images(place)] == [path, other]  # kept until --purge


def test_what_is_refused(
    annexed: Path, head: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    place, file = find_place(annexed), tmp_path / "d.tsv"
    commit = run(annexed, "git", "rev-parse", "HEAD")
    deface_quickly(place, T1W)
    deface_quickly(place, T2W, Verdict.DOUBTFUL)
    strange = "sub-z/anat/sub-z_T1w.nii.gz"
    rows = {T1W: ("pass", "", ""), T2W: ("pass", "Ada", ""), strange: ("pass", "Ada", "")}
    assert accept(annexed, write_decisions(file, rows), "--apply") == 1
    out = " ".join(capsys.readouterr().out.split())
    assert f"{T1W}: nobody says who decided" in out
    assert f"{T2W}: the automatic test says registration doubtful" in out
    assert f"{strange}: no image that may show a face has this path" in out
    assert run(annexed, "git", "rev-parse", "HEAD") == commit

    rows = {T1W: ("pass", "Ada", "")}
    write_decisions(file, rows)
    deface_quickly(place, T1W)  # again, after the decision
    later = time.time() - 5
    os.utime(file, (later, later))
    assert accept(annexed, file, "--apply") == 1
    assert "look again" in capsys.readouterr().out

    write_decisions(file, rows)
    copy = folder_of(place, T1W) / "image.nii.gz"
    copy.write_bytes(copy.read_bytes() + b"x")
    assert accept(annexed, file, "--apply") == 1
    assert "isn't as it was made" in capsys.readouterr().out

    deface_quickly(place, T1W)
    write_decisions(file, rows)
    run(annexed, "git", "rm", "-q", "--cached", T1W)
    (annexed / T1W).unlink()
    shutil.copyfile(head, annexed / T1W)
    with (annexed / T1W).open("ab") as image:
        image.write(b"more")
    assert accept(annexed, file, "--apply") == 1
    assert "has changed since it was defaced" in capsys.readouterr().out


def test_redo_and_reject_are_noted(annexed: Path, tmp_path: Path, run: Run) -> None:
    place = find_place(annexed)
    rows = {}
    for path, decision in ((T1W, "redo"), (T2W, "reject")):
        deface_quickly(place, path)
        rows[path] = (decision, "Ada", "=an ear\u2028is left")
    assert accept(annexed, write_decisions(tmp_path / "d.tsv", rows), "--apply") == 0
    lines = (annexed / TABLE).read_text().splitlines()
    assert lines[1] == f"{T1W}\tredo\tAda\t2026-11-20\t'=an ear is left"
    assert lines[2].startswith(f"{T2W}\treject\tAda")
    assert "Defaced" not in (annexed / sidecar_of(T1W)).read_text()
    rows = {T1W: ("pass", "Ada", "")}
    assert accept(annexed, write_decisions(tmp_path / "d.tsv", rows), "--apply") == 0
    assert len((annexed / TABLE).read_text().splitlines()) == 4
    assert run(annexed, "git", "status", "--porcelain") == ""


def test_dirty_files_and_a_detached_head(
    annexed: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    deface_quickly(find_place(annexed), T1W)
    decisions = write_decisions(tmp_path / "d.tsv", {T1W: ("pass", "Ada", "")})
    sidecar = annexed / sidecar_of(T1W)
    sidecar.write_text(SIDECAR + "\n")
    assert accept(annexed, decisions, "--apply") == 2
    assert "changed since the last commit" in capsys.readouterr().err
    assert sidecar.read_text() == SIDECAR + "\n"
    sidecar.write_text(SIDECAR)
    run(annexed, "git", "checkout", "-q", "--detach")
    assert accept(annexed, decisions, "--apply") == 2
    assert "no branch is checked out" in capsys.readouterr().err
    run(annexed, "git", "switch", "-q", "main")
    (annexed / "CHANGES").write_text("somebody's work\n")  # beside it: stays
    assert accept(annexed, decisions, "--apply") == 0
    assert run(annexed, "git", "status", "--porcelain") == "?? CHANGES\n"


_KILLED = (
    "import os, signal, sys\n"
    "from spinegate.cli import run\n"
    "from spinegate.curation import transaction\n"
    "at, seen, move = int(sys.argv[1]), 0, transaction.move\n"
    "def moved(source, target):\n"
    "    global seen; seen += 1\n"
    "    if seen == at: os.kill(os.getpid(), signal.SIGKILL)\n"
    "    move(source, target)\n"
    "transaction.move = moved\n"
    "run(['curate', 'deface', sys.argv[2], '--accept', sys.argv[3], '--apply'])\n"
)


@pytest.mark.parametrize(("at", "way"), [(1, "--undo"), (3, "--resume"), (5, "--undo")])
def test_killed_while_it_enters(
    annexed: Path, tmp_path: Path, run: Run, fingerprint: Fingerprint, at: int, way: str
) -> None:
    before = fingerprint(annexed)
    deface_quickly(find_place(annexed), T1W)
    decisions = write_decisions(tmp_path / "d.tsv", {T1W: ("pass", "Ada", "")})
    argv = [sys.executable, "-c", _KILLED, str(at), str(annexed), str(decisions)]
    assert subprocess.run(argv, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert accept(annexed, decisions, "--apply") == 2  # not before that is settled
    assert spinegate(["curate", "deface", str(annexed), way]) == 0
    assert run(annexed, "git", "status", "--porcelain") == ""
    if way == "--undo":
        assert fingerprint(annexed) == before
    else:
        assert (annexed / T1W).read_bytes() == defaced(annexed, T1W)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path\tby\n", "has no column decision"),
        ("path\tdecision\tby\nx\tmaybe\tAda\n", "'maybe' is no decision"),
        ("path\tdecision\tby\tdate\nx\tpass\tAda\t20.11.2026\n", "is no date"),
        ("path\tdecision\tby\nx\tpass\tAda\tmore\n", ""),
    ],
)
def test_files_that_hold_no_decisions(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "d.tsv").write_text(text)
    assert accept(folder, tmp_path / "d.tsv") == 2
    assert said in capsys.readouterr().err
    assert accept(folder, tmp_path / "none.tsv") == 2
