"""The command's other ways: by hand, let go, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface.former import Formers
from spinegate.curation.deface.held import held_images, hold
from spinegate.curation.deface.purge import Purge, Store
from spinegate.curation.deface.tell import tell_purge
from spinegate.curation.deface.volume import read_volume
from spinegate.curation.deface.work import made, work_place
from spinegate.curation.place import find_place, locked
from tests.curation.deface.dataset import T1W, T2W, sidecar_of, write_dataset, write_decisions
from tests.curation.deface.heads import Head


@pytest.fixture(scope="module")
def head(upright: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return upright.save(tmp_path_factory.mktemp("head") / "head.nii.gz")


@pytest.fixture
def dataset(head: Path, tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "dataset", {T1W: head})


def deface(dataset: Path, *more: str) -> int:
    return spinegate(["curate", "deface", str(dataset), *more])


@pytest.fixture
def by_hand(upright: Head, head: Path, tmp_path: Path) -> Path:
    """What another program made: floats, another header, the front blanked."""
    values = read_volume(head).values().copy()
    values[:, values.shape[1] * 2 // 3 :, :] = 0
    nib.save(nib.Nifti1Image(values, upright.affine), tmp_path / "hand.nii.gz")
    return tmp_path / "hand.nii.gz"


def test_an_image_that_was_defaced_by_hand(
    dataset: Path, by_hand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use = ("--use", f"{T1W}={by_hand}")
    assert deface(dataset, *use) == 0
    assert made(find_place(dataset), T1W) is None
    assert deface(dataset, *use, "--apply") == 0
    assert "1 image to be looked at: 1 registration doubtful" in capsys.readouterr().out
    assert deface(dataset) == 0
    assert f"{T1W}: it was defaced by hand" in capsys.readouterr().out
    before = read_volume(dataset / T1W)
    rows = {T1W: ("pass", "Ada", "by hand, with another program")}
    decisions = write_decisions(tmp_path / "d.tsv", rows)
    assert deface(dataset, "--accept", str(decisions), "--apply") == 0
    after = read_volume(dataset / T1W)
    assert after.head == before.head
    gone = before.stored != after.stored
    front = before.stored.shape[1] * 2 // 3
    assert not gone[:, :front].any()
    assert not after.stored[:, front:].any()
    said = json.loads((dataset / sidecar_of(T1W)).read_text())["Defaced"]
    assert said == {"Method": "by hand", "AutomaticTest": "none"}


def test_files_that_are_not_the_image(
    dataset: Path, upright: Head, head: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = read_volume(head).values().copy()
    moved = upright.affine.copy()
    moved[0, 3] += 1
    images = {
        "shows all that the image shows": (values, upright.affine),
        "its grid is": (values[1:], upright.affine),
        "lays it elsewhere": (values, moved),
        "differs from the image by more": (values * 1.1, upright.affine),
    }
    for number, (said, (data, affine)) in enumerate(images.items()):
        file = tmp_path / f"{number}.nii.gz"
        nib.save(nib.Nifti1Image(data, affine), file)
        assert deface(dataset, "--use", f"{T1W}={file}", "--apply") == 1
        assert said in capsys.readouterr().out
    (tmp_path / "x.nii.gz").write_bytes(b"x")
    assert deface(dataset, "--use", f"{T1W}={tmp_path / 'x.nii.gz'}", "--apply") == 1
    assert deface(dataset, "--use", f"{T2W}={head}", "--apply") == 2
    assert deface(dataset, "--use", T1W) == 2
    assert made(find_place(dataset), T1W) is None


def test_held_images_are_let_go(dataset: Path, head: Path) -> None:
    place = find_place(dataset)
    hold(place, {T2W: head}, "ingest: a")
    assert deface(dataset, "--let-go", T2W) == 0
    assert [held.path for held in held_images(place)] == [T2W]
    assert deface(dataset, "--let-go", T2W, "--apply") == 0
    assert held_images(place) == ()
    assert deface(dataset, "--let-go", T2W) == 2


@pytest.mark.parametrize(
    "more",
    [
        ("--undo", "--purge"),
        ("--accept", "a.tsv", "--redo", "b.tsv"),
        ("--purge", "--participant-label", "a01"),
        ("--jobs", "0"),
        ("--method", "magic"),
        ("--from-plan", "none.tsv"),
        ("--redo", "none.tsv"),
        ("--undo",),
    ],
)
def test_what_does_not_go_together(dataset: Path, more: tuple[str, ...]) -> None:
    assert deface(dataset, *more) == 2


def test_no_image_wants_to_be_done_again(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decisions = write_decisions(tmp_path / "d.tsv", {T1W: ("pass", "Ada", "")})
    assert deface(dataset, "--redo", str(decisions)) == 2
    assert "no image is to be done again" in capsys.readouterr().err


def test_one_run_at_a_time(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(work_place(find_place(dataset))):
        assert deface(dataset, "--apply") == 2
        assert "at work on it" in capsys.readouterr().err
        assert deface(dataset) == 0  # to look at the plan is allowed


def test_buckets_with_versions_are_named() -> None:
    store = Store("u", "bucket", "bucket", versions=True)
    formers = Formers({"KEY": (T1W,)}, {}, {}, ())
    said = "\n".join(tell_purge(Purge(formers, {"KEY": (store,)}, (), ())))
    assert "bucket keeps versions: what is dropped stays there as an old version" in said


def test_the_command_itself_needs_no_heavy_package() -> None:
    program = (
        "import sys, spinegate.curation.deface.cli; "
        "print([m for m in ('numpy', 'nibabel', 'ants', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
