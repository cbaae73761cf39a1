"""Which images are to be defaced, and how: found, written, changed by hand, and read back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.deface.held import hold
from spinegate.curation.deface.images import find_images
from spinegate.curation.deface.plan import make_plan, plan_again, read_plan, write_plan
from spinegate.curation.place import find_place
from spinegate.system.errors import ConfigError, SpinegateError
from tests.curation.conftest import Run
from tests.curation.deface.dataset import (
    MTS,
    T1W,
    T2W,
    deface_quickly,
    sidecar_of,
    write_dataset,
    write_decisions,
)
from tests.curation.deface.heads import Head

CORD = "derivatives/labels/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii.gz"
SOURCE = f"sourcedata/{T1W}"
PREPARED = "derivatives/registered/sub-a01/anat/sub-a01_desc-x_T2w.nii.gz"


@pytest.fixture(scope="module")
def axial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slices of the neck: no face fits in."""
    file = tmp_path_factory.mktemp("image") / "axial.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((64, 64, 15), np.int16), np.diag([3.5, 3.5, 5, 1.0])), file)
    return file


@pytest.fixture(scope="module")
def high(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("image") / "high.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((20, 46, 52), np.int16), np.diag([5, 5, 5, 1.0])), file)
    return file


@pytest.fixture
def dataset(axial: Path, high: Path, tmp_path: Path) -> Path:
    other = "sub-a02/anat/sub-a02_flip-1_mt-on_MTS.nii.gz"
    files = dict.fromkeys((T1W, T2W, MTS, CORD, SOURCE, PREPARED), axial) | {other: high}
    return write_dataset(tmp_path / "dataset", files)


def deface(dataset: Path, *more: str) -> int:
    return spinegate(["curate", "deface", str(dataset), *more])


def test_what_waits_in_vain_is_said(
    dataset: Path, axial: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = find_place(dataset)
    for path in (T1W, T2W):
        hold(place, {path: axial}, "ingest: a01")
    (dataset / sidecar_of(T2W)).write_text('{"Defaced": {"Method": "none", "Reason": "x"}}')
    assert deface(dataset) == 0
    said = capsys.readouterr().out
    defaced, other = said.partition("1 image waits outside of git, but the dataset has")[2].split(
        "1 image waits outside of git, but the dataset has got such a file by another way"
    )
    assert T2W in defaced
    assert f"spinegate curate deface {dataset} --purge" in defaced
    assert f"spinegate curate deface {dataset} --let-go {T1W} --apply" in other
    assert find_images(place).overtaken == (T1W, T2W)
    assert find_images(place, ["a02"]).overtaken == ()


def test_what_may_show_a_face(dataset: Path) -> None:
    found = find_images(find_place(dataset))
    assert {image.path: image.reason for image in found.images} == {
        PREPARED: "T2w images show the face",
        SOURCE: "T1w images show the face",
        T1W: "T1w images show the face",
        T2W: "T2w images show the face",
        "sub-a02/anat/sub-a02_flip-1_mt-on_MTS.nii.gz": (
            "its field of view is 260 mm high and 230 mm deep"
        ),
    }
    assert [image.path for image in find_images(find_place(dataset), ["a02"]).images] == [
        "sub-a02/anat/sub-a02_flip-1_mt-on_MTS.nii.gz"
    ]
    named = find_images(find_place(dataset), (), ["MTS"]).images
    assert next(image.path for image in named if image.reason == "it was asked for") == MTS
    assert len(named) == 2


def test_nobody_and_nothing_are_not_taken_for_no_face(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match="no image of sub-a2, sub-b"):
        find_images(find_place(dataset), ["b", "a01", "a2"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpinegateError, match="holds no images"):
        find_images(find_place(tmp_path / "empty"))


def test_what_has_a_record_is_done(dataset: Path) -> None:
    (dataset / sidecar_of(T1W)).write_text('{"Defaced": {"Method": "ants"}}')
    (dataset / "T2w.json").write_text('{"Defaced": {"Method": "none"}}')  # inherited
    found = find_images(find_place(dataset))
    assert set(found.done) >= {T1W, T2W}
    assert T1W not in {image.path for image in found.images}


def test_references_and_cords(dataset: Path) -> None:
    place = find_place(dataset)
    plan = {task.image.path: task for task in make_plan(place, find_images(place))}
    assert (plan[T1W].reference, plan[T1W].cord) == ("", CORD)
    assert (plan[T2W].reference, plan[T2W].cord) == (T1W, "")
    assert (plan[SOURCE].reference, plan[SOURCE].cord) == ("", "")
    assert plan[PREPARED].reference == ""  # lies in another folder
    cords = make_plan(place, find_images(place), "ants", "derivatives/*/sub-a01_T1w_*seg.nii.gz")
    assert {task.image.path: task.cord for task in cords}[T1W] == CORD
    assert {task.method for task in cords} == {"ants"}
    assert all(not task.cord for task in make_plan(place, find_images(place), "auto", "nowhere/*"))


def test_another_try_goes_another_way(
    upright: Head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = upright.save(tmp_path / "head.nii.gz")
    place = find_place(write_dataset(tmp_path / "dataset", {T1W: head, T2W: head}))
    for path in (T1W, T2W):
        deface_quickly(place, path)

    def ways() -> list[tuple[str, str, bool]]:
        tasks = plan_again(place, find_images(place), [T1W, T2W, "sub-z/anat/sub-z_T1w.nii.gz"])
        return [(task.method, task.reference, task.apply) for task in tasks]

    assert ways() == [("ants", T2W, True), ("ants", T1W, True)]
    for file in ("fsl", "flirt"):
        (tmp_path / file).write_text("#!/bin/sh\n")
        (tmp_path / file).chmod(0o755)
    monkeypatch.setenv("FSLDIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert ways() == [("fsl", "", True), ("fsl", "", True)]


def test_rejected_images_are_left_out(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / ".spinegate").mkdir()
    rows = {T2W: ("reject", "Ada", ""), T1W: ("redo", "Ada", "")}
    write_decisions(dataset / ".spinegate/defacing.tsv", rows)
    assert deface(dataset, "--participant-label", "a01") == 0
    out = capsys.readouterr().out
    assert f"  {T2W}: rejected by Ada on 2026-11-20\n" in out
    assert f"  {T1W}: T1w images show the face" in out


def test_a_defaced_t1w_is_no_reference(dataset: Path) -> None:
    (dataset / sidecar_of(T1W)).write_text('{"Defaced": {"Method": "ants"}}')
    place = find_place(dataset)
    plan = {task.image.path: task for task in make_plan(place, find_images(place))}
    assert plan[T2W].reference == ""


@pytest.mark.parametrize("name", ["plan.tsv", "plan.yaml"])
def test_a_plan_is_read_as_it_was_written(dataset: Path, tmp_path: Path, name: str) -> None:
    place = find_place(dataset)
    found = find_images(place)
    plan = make_plan(place, found)
    write_plan(plan, tmp_path / name)
    assert read_plan(tmp_path / name, found) == plan
    text = (tmp_path / name).read_text().replace("yes", "no", 1)
    (tmp_path / name).write_text(text)
    assert [task.apply for task in read_plan(tmp_path / name, found)].count(False) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("yes\tsub-a01/anat/sub-a01_T1x.nii.gz", "is no image that may show a face; did you mean"),
        ("yes\t", "(no path) is no image"),
        (f"maybe\t{T1W}", "apply must be yes or no"),
        (f"yes\t{T1W}\t\t{SOURCE}", "is no undefaced image of the same session"),
        (f"yes\t{T1W}\t\t{T1W}", "the reference is the image itself"),
        (f"yes\t{T1W}\t\t\tcord.nii.gz", "is no segmentation whose content is here"),
        (f"yes\t{T1W}\t\t\t\tmagic", "method must be one of auto, ants, fsl"),
        (f"yes\t{T1W}\nyes\t{T1W}", "stands in the plan twice"),
    ],
)
def test_plans_that_cannot_be(dataset: Path, tmp_path: Path, row: str, said: str) -> None:
    header = "apply\tpath\twhere\treference\tcord\tmethod\treason\tnote\n"
    (tmp_path / "plan.tsv").write_text(header + row + "\n")
    with pytest.raises(ConfigError) as caught:
        read_plan(tmp_path / "plan.tsv", find_images(find_place(dataset)))
    assert said in str(caught.value)
    assert "plan.tsv" in str(caught.value)


def test_contents_that_are_not_here(
    dataset: Path, run: Run, annex_tool: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(dataset, "git", "init", "-q")
    run(dataset, annex_tool, "init", "-q", "here")
    run(dataset, "git", "config", "annex.largefiles", "include=*.nii.gz")
    run(dataset, annex_tool, "add", "-q", ".")
    run(dataset, "git", "commit", "-q", "-m", "images")
    run(dataset, annex_tool, "drop", "-q", "--force", ".")
    assert deface(dataset) == 0
    out = capsys.readouterr().out
    assert "Of 4 images the content isn't here. Get it first:" in out
    assert f"annex get -- {PREPARED} {SOURCE} {T1W} {T2W}" in out
    assert "whether the field of view could hold a face isn't known" in out
    assert deface(dataset, "--participant-label", "a01", "--contrast", "T1w", "--apply") == 1
    said = capsys.readouterr()
    assert f"{T1W}: its content isn't here" in said.out
    assert "deface.html" not in said.out


def test_hostile_images_are_no_trouble(dataset: Path, tmp_path: Path) -> None:
    (dataset / MTS).write_bytes(b"\x1f\x8b no image")
    (dataset / T2W).unlink()
    (dataset / T2W).symlink_to("/etc/passwd")
    strange = dataset / "sub-a01/anat/sub-a01_acq-<b>_T1w.nii.gz"
    strange.write_bytes(b"")
    (dataset / sidecar_of(T1W)).write_text("[1")
    hold(find_place(dataset), {"sub-b/anat/sub-b_MTS.nii.gz": strange}, "")
    images = {image.path: image for image in find_images(find_place(dataset)).images}
    assert images[T2W].file is None
    assert images[T2W].problem == "it is a link that leads nowhere"
    assert images["sub-b/anat/sub-b_MTS.nii.gz"].reason == "it was held back"
    assert deface(dataset) == 0


def test_what_was_asked_for_once_stays_so(dataset: Path, tmp_path: Path) -> None:
    """Its field of view holds no face by the numbers; somebody wants it defaced all the same."""
    plan, decisions = tmp_path / "plan.tsv", tmp_path / "d.tsv"
    assert deface(dataset, "--contrast", "MTS", "--plan", str(plan)) == 0
    text = plan.read_text()
    plan.write_text("\n".join(text.splitlines()[:2]) + "\n")
    assert deface(dataset, "--from-plan", str(plan), "--apply") == 0
    write_decisions(decisions, {MTS: ("pass", "Ada", "the neck alone")})
    assert deface(dataset, "--accept", str(decisions), "--apply") == 0
    assert "no face in view" in (dataset / sidecar_of(MTS)).read_text()


def test_the_plan_changes_nothing(dataset: Path, tmp_path: Path) -> None:
    before = sorted(dataset.parent.rglob("*"))
    assert deface(dataset) == 0
    assert sorted(dataset.parent.rglob("*")) == before
    assert deface(dataset, "--plan", str(tmp_path / "plan.tsv")) == 0
    assert T1W in (tmp_path / "plan.tsv").read_text()
    assert json.loads((dataset / sidecar_of(T1W)).read_text())["EchoTime"] == 0.003
