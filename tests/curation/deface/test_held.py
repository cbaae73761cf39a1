"""Images that wait outside of git."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spinegate.curation.deface.held import Held, held_images, hold, let_go
from spinegate.curation.place import Place, find_place
from spinegate.system.errors import SpinegateError

IMAGE = "sub-x/anat/sub-x_T1w.nii.gz"
SIDECAR = "sub-x/anat/sub-x_T1w.json"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "dataset").mkdir()
    return find_place(tmp_path / "dataset")


def files(folder: Path, text: str, name: str = IMAGE) -> dict[str, Path]:
    (folder / "image").write_text(text)
    (folder / "sidecar").write_text("{}")
    stem = name.removesuffix(".nii.gz")
    return {name: folder / "image", f"{stem}.json": folder / "sidecar"}


def only(place: Place) -> Held:
    (held,) = held_images(place)
    return held


def test_an_image_waits_with_its_sidecar(place: Place, tmp_path: Path) -> None:
    assert held_images(place) == ()
    hold(place, files(tmp_path, "one"), "ingest: one image\n\nTrailer: x\n")
    held = only(place)
    assert (held.path, held.message) == (IMAGE, "ingest: one image\n\nTrailer: x\n")
    assert held.image.read_text() == "one"
    assert held.sidecar is not None
    assert held.sidecar.read_text() == "{}"
    assert dict(held.files) == {IMAGE: held.image, SIDECAR: held.sidecar}
    assert (place.folder / "held").stat().st_mode & 0o777 == 0o700
    assert held.image.stat().st_mode & 0o777 == 0o600


def test_what_is_held_last_counts(place: Place, tmp_path: Path) -> None:
    for text in ("one", "two"):
        hold(place, files(tmp_path, text), text)
    assert only(place).image.read_text() == "two"
    assert len(list((place.folder / "held").iterdir())) == 1


def test_they_are_let_go_by_their_paths(place: Place, tmp_path: Path) -> None:
    other = IMAGE.replace("sub-x", "sub-y")
    for name in (IMAGE, other):
        hold(place, files(tmp_path, name, name), "")
    let_go(place, [IMAGE, "sub-z/anat/sub-z_T1w.nii.gz"])
    assert only(place).path == other
    let_go(place, [other])
    assert not (place.folder / "held").exists()


def test_a_stopped_run_leaves_nothing_that_counts(place: Place, tmp_path: Path) -> None:
    hold(place, files(tmp_path, "one"), "")
    (place.folder / "held" / ".new-x").mkdir()
    (place.folder / "held" / "half").mkdir()  # its note went first
    assert only(place).image.read_text() == "one"
    let_go(place, [IMAGE])
    assert not (place.folder / "held").exists()


def test_killed_while_it_holds(place: Place, tmp_path: Path) -> None:
    hold(place, files(tmp_path, "one"), "")
    named = files(tmp_path, "two")
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from spinegate.curation.deface import held\n"
        "from spinegate.curation.place import find_place\n"
        "at = int(sys.argv[2]); seen = 0; sync = held._sync\n"
        "def die(file):\n"
        "    global seen; seen += 1; sync(file)\n"
        "    if seen == at: os.kill(os.getpid(), signal.SIGKILL)\n"
        "held._sync = die\n"
        "held.hold(find_place(Path(sys.argv[1])), "
        f"{{name: Path(file) for name, file in {[(n, str(p)) for n, p in named.items()]}}}, '')"
    )
    for at in (1, 2, 3):
        done = subprocess.run([sys.executable, "-c", program, place.dataset, str(at)], check=False)
        assert done.returncode == -9
        assert only(place).image.read_text() == "one"


@pytest.mark.parametrize(
    "names",
    [(), ("a.json",), ("a.nii.gz", "b.nii.gz"), ("../a.nii.gz",), ("/a.nii.gz",), ("a//b.nii",)],
)
def test_what_cannot_be_held(place: Place, tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(SpinegateError, match=r"one image|doesn't lie in the dataset"):
        hold(place, dict.fromkeys(names, tmp_path / "x"), "")
    assert held_images(place) == ()


def test_a_broken_note_is_named(place: Place, tmp_path: Path) -> None:
    hold(place, files(tmp_path, "one"), "")
    (only(place).folder / "held.json").write_text("{")
    with pytest.raises(SpinegateError, match=r"held\.json can't be read"):
        held_images(place)
