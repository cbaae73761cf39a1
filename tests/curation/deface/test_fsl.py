"""pydeface's own method. FSL isn't on PyPI: where it is missing, a stand-in places by
headers what flirt would register, so that all but the registration is tried."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.fsl import fsl_face, fsl_is_here
from spinegate.curation.deface.removal import deface
from spinegate.curation.deface.search import Placement
from spinegate.curation.deface.volume import read_volume
from spinegate.system.errors import SpinegateError, ToolError
from tests.curation.deface.heads import Head

FLIRT = """\
#!{python}
import sys
import nibabel, numpy
from scipy import ndimage
given = dict(zip(sys.argv[1:], sys.argv[2:]))
moving, fixed = nibabel.load(given["-in"]), nibabel.load(given["-ref"])
way = numpy.linalg.inv(moving.affine) @ fixed.affine
laid = ndimage.affine_transform(
    moving.get_fdata(), way[:3, :3], way[:3, 3], fixed.shape, order=1
)
nibabel.save(nibabel.Nifti1Image(laid.astype("f4"), fixed.affine), given["-out"])
open(given["-omat"], "w").write("placed by its header")
"""


@pytest.mark.skipif(fsl_is_here(), reason="FSL is installed")
def test_without_fsl_its_method_is_refused(
    image: Path, in_place: Placement, tmp_path: Path
) -> None:
    with pytest.raises(SpinegateError, match="FSL was asked for but isn't here"):
        deface(image, tmp_path / "out.nii.gz", method="fsl", placement=in_place)
    assert not (tmp_path / "out.nii.gz").exists()


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "fsl"
    folder.mkdir()
    for name in ("fsl", "flirt"):
        (folder / name).write_text(FLIRT.format(python=sys.executable))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FSLDIR", str(folder))
    return folder


def test_pydeface_is_asked_for_the_face_alone(
    image: Path, upright: Head, stand_in: Path, in_place: Placement, tmp_path: Path
) -> None:
    result = deface(image, tmp_path / "out.nii.gz", placement=in_place)
    assert (result.method, result.verdict) == ("fsl", Verdict.FACE_GONE)
    before, after = (read_volume(path).stored for path in (image, tmp_path / "out.nii.gz"))
    removed = before != after
    assert not (removed & (upright.brain | upright.cord)).any()
    assert (removed & upright.face).sum() > 0.99 * upright.face.sum()


def test_an_fsl_that_fails(image: Path, stand_in: Path) -> None:
    (stand_in / "flirt").write_text("#!/bin/sh\necho no licence >&2\nexit 1\n")
    with pytest.raises(ToolError, match="failed with exit status"):
        fsl_face(read_volume(image))
