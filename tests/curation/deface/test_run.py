"""Many images defaced: what fails stops nothing else, and a killed run goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface import run
from spinegate.curation.deface.held import hold
from spinegate.curation.deface.work import all_made, made
from spinegate.curation.place import find_place
from tests.curation.deface.dataset import T1W, T2W, write_dataset
from tests.curation.deface.heads import Pose, View, make

COMMAND = (sys.executable, "-m", "spinegate", "curate", "deface")
NEAR = (
    "from spinegate.curation.deface import search, worker\n"
    "search.LEVELS, search.PITCHES, search.SPACINGS = (208, 152), (0.0,), (6.0, 4.0)\n"
    "worker.main()"
)
"""A worker that searches near by and coarsely: what a search finds is test_removal's."""
IMAGES = [f"sub-{label}/anat/sub-{label}_T1w.nii.gz" for label in ("a", "b", "c")]


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small image that shows nothing, over which no registration takes time."""
    file = tmp_path_factory.mktemp("blank") / "blank.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((6, 12, 12), np.int16), np.diag([5, 5, 5, 1.0])), file)
    return file


@pytest.fixture
def dataset(nothing: Path, tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "dataset", dict.fromkeys(IMAGES, nothing))


@pytest.fixture
def pair(nothing: Path, tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "dataset", dict.fromkeys(IMAGES[:2], nothing))


def deface(dataset: Path, *more: str) -> int:
    return spinegate(["curate", "deface", str(dataset), *more])


def paths(dataset: Path) -> list[str]:
    return [one.sources.path for one in all_made(find_place(dataset))]


def test_a_failing_image_stops_no_other(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (dataset / IMAGES[1]).read_bytes()
    (dataset / IMAGES[1]).write_bytes(whole[: len(whole) // 2])
    assert deface(dataset, "--apply", "--jobs", "2") == 1
    said = capsys.readouterr()
    assert "2 images to be looked at: 2 nothing removed" in said.out
    assert f"  {IMAGES[1]}: " in said.out
    assert "can't be read" in said.out
    assert "1 of 3, " in said.err
    assert said.err.splitlines()[-1] == "3 of 3"
    assert paths(dataset) == [IMAGES[0], IMAGES[2]]
    page = find_place(dataset).folder / "deface" / "deface.html"
    assert page.as_uri() in said.out
    assert page.stat().st_size > 10_000
    assert page.parent.stat().st_mode & 0o077 == 0

    (dataset / IMAGES[1]).write_bytes(whole)
    assert deface(dataset, "--apply") == 0
    said = capsys.readouterr()
    assert "2 are defaced already" in said.err
    assert "1 of 1" in said.err
    assert paths(dataset) == IMAGES


def test_a_process_that_dies_takes_nothing_else_along(
    dataset: Path, nothing: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    other = IMAGES[0].replace("_T1w", "_T2w")
    write_dataset(dataset, dict.fromkeys([*IMAGES, other], nothing))
    dying = (
        "import os, sys\n"
        f"if 'sub-a' in sys.stdin.readline(): os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        "os._exit(3)"
    )
    monkeypatch.setattr(run, "_WORKER", (sys.executable, "-c", dying))
    assert deface(dataset, "--apply") == 1
    said = capsys.readouterr()
    for path in (IMAGES[0], other):
        assert f"{path}: its process was killed, mostly for want of memory" in said.out
    for path in IMAGES[1:]:
        assert f"{path}: its process ended (3): try again" in said.out
    assert said.err.splitlines()[-1] == "4 of 4"


def test_a_killed_run_goes_on_where_it_was(pair: Path) -> None:
    place = find_place(pair)
    with subprocess.Popen(
        [*COMMAND, str(pair), "--apply", "--jobs", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while made(place, IMAGES[0]) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        workers = list(_children(process.pid))
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(_lives(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(worker) for worker in workers)  # they end with the run
    first = {one.sources.path: one.time for one in all_made(place)}
    assert len(first) == 1
    assert deface(pair, "--apply", "--jobs", "1") == 0
    assert paths(pair) == IMAGES[:2]
    again = {one.sources.path: one.time for one in all_made(place)}
    assert {path: again[path] for path in first} == first
    assert not list((place.folder / "deface" / "images").glob(".*"))


def _children(pid: int) -> Iterator[int]:
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    if listing.exists():
        yield from map(int, listing.read_text().split())
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_interrupted_by_a_key(pair: Path) -> None:
    place = find_place(pair)
    with subprocess.Popen(
        [*COMMAND, str(pair), "--apply", "--jobs", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while made(place, IMAGES[0]) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert b"the same command goes on from there." in errors
    assert len(paths(pair)) < 2


def test_changed_and_held_images(
    dataset: Path, nothing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, page = find_place(dataset), dataset.parent / "page.html"
    assert deface(dataset, "--apply", "--page", str(dataset / "code" / "page.html")) == 2
    assert deface(dataset, "--apply", "--participant-label", "a", "--page", str(page)) == 0
    assert IMAGES[0] in page.read_text()
    first = made(place, IMAGES[0])
    assert first is not None
    (dataset / IMAGES[0]).write_bytes(nothing.read_bytes() + b"\0" * 8)
    path = "sub-d/anat/sub-d_T2w.nii.gz"
    hold(place, {path: nothing}, "ingest: d")
    capsys.readouterr()
    assert deface(dataset, "--apply", "--participant-label", "sub-a,d") == 0
    said = capsys.readouterr()
    assert f"{path}: T2w images show the face; waits outside of git" in said.out
    assert "2 of 2" in said.err
    second = made(place, IMAGES[0])
    assert second is not None
    assert second.sources.digest != first.sources.digest
    assert paths(dataset) == [IMAGES[0], path]
    assert not (dataset / "sub-d").exists()


@pytest.mark.slow
def test_heads_of_one_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_WORKER", (sys.executable, "-c", NEAR))
    pose = Pose(pitch=5, noise=0.02)
    view = View(voxel=(4, 4, 4), bottom=-60)
    t1w = make(pose, view)
    t2w = make(Pose(pitch=5, noise=0.02, inverted=True), View(voxel=(4, 4, 4), top=150))
    files = {T1W: t1w.save(tmp_path / "a.nii.gz"), T2W: t2w.save(tmp_path / "b.nii.gz")}
    dataset = write_dataset(tmp_path / "dataset", files)
    cord = dataset / "derivatives/labels/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz"
    cord.parent.mkdir(parents=True)
    t1w.save_part("cord", cord)
    assert deface(dataset, "--apply", "--jobs", "1") == 0
    place = find_place(dataset)
    first, second = made(place, T1W), made(place, T2W)
    assert first is not None
    assert second is not None
    assert [str(one.result.verdict) for one in (first, second)] == ["face gone"] * 2
    assert first.sources.cord.endswith("T1w_label-SC_seg.nii.gz")
    assert (first.result.borrowed, second.result.borrowed) == (False, True)
    assert second.tries == (f"ants {T1W}",)
    assert len(first.case().views) > 4
    decisions = tmp_path / "d.tsv"
    decisions.write_text(f"path\tdecision\tby\n{T2W}\tredo\tAda\n")
    capsys.readouterr()
    assert deface(dataset, "--redo", str(decisions), "--apply") == 0
    assert "the face is looked for by ants, on this image alone" in capsys.readouterr().out
    again = made(place, T2W)
    assert again is not None
    assert not again.result.borrowed
    assert again.tries == (f"ants {T1W}", "ants")
    assert deface(dataset, "--redo", str(decisions)) == 0
    assert "nothing else can be tried" in capsys.readouterr().out
    assert deface(dataset, "--apply") == 0  # and the plan stays with the other way
    assert "2 are defaced already" in capsys.readouterr().err
    note = json.loads((again.folder / "note.json").read_text())
    assert note["sources"]["reference"] == ""
