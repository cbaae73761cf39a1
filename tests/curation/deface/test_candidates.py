from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from spinegate.curation.deface.candidates import may_show_face
from spinegate.curation.deface.images import field_of_view
from spinegate.validator.nifti import LIMIT


@pytest.mark.parametrize("suffix", ["T1w", "T2w"])
def test_these_always_show_it(suffix: str) -> None:
    assert may_show_face(suffix, (1, 1, 1), np.eye(4)) == f"{suffix} images show the face"


@pytest.mark.parametrize(
    ("shape", "affine", "said"),
    [
        ((192, 230, 260), np.eye(4), "its field of view is 260 mm high and 230 mm deep"),
        ((230, 260, 192), np.eye(4)[[2, 0, 1, 3]], "its field of view is 260 mm high and 230 mm"),
        ((64, 230, 260, 5), np.eye(4)[:3], "its field of view is 260 mm high and 230 mm deep"),
        ((64, 230, 260), np.diag([-1, -1, -1, 1]), "its field of view is 260 mm high"),
        ((256, 256, 22), np.diag([0.9, 0.9, 5, 1]), "its field of view is 110 mm high"),  # MTS
        ((448, 448, 15), np.diag([0.5, 0.5, 5, 1]), ""),  # T2star
        ((36, 36, 15, 35), np.diag([0.9, 0.9, 5, 1]), ""),
        ((60, 90, 300), np.eye(4), ""),  # the cord alone
        ((256, 256), np.eye(4), ""),
        ((64, 230, 260), np.full((4, 4), np.nan), "its header doesn't say how large"),
        ((64, 230, 260), np.full((4, 4), np.inf), "its header doesn't say how large"),
    ],
)
def test_others_by_their_field_of_view(
    shape: tuple[int, ...], affine: np.ndarray, said: str
) -> None:
    found = may_show_face("MTS", shape, affine)
    assert found.startswith(said)
    assert bool(found) is bool(said)


def tilted(degrees: float) -> np.ndarray:
    """Axes of axial slices of 5 mm whose front lies lower."""
    angle = np.deg2rad(degrees)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), np.sin(angle)], [0, -np.sin(angle), np.cos(angle)]]
    )
    return np.asarray(turn @ np.diag([0.9, 0.9, 5]))


@pytest.mark.parametrize("degrees", [-80, -45, -12, 0, 12, 45, 46, 80])
def test_a_tilt_changes_nothing(degrees: float) -> None:
    assert may_show_face("MTS", (256, 256, 22), tilted(degrees))
    assert may_show_face("T2star", (256, 256, 15), tilted(degrees)) == ""


@pytest.mark.real
def test_real_slabs_that_show_mouth_and_chin(shared_data: Path) -> None:
    folder = shared_data / "sct_tutorial_data/multi_subject/data"
    images = sorted(folder.glob("sub-*/anat/*_acq-MT*_MTS.nii.gz"))
    if not images:
        pytest.skip("not here")
    for image in images:
        head = gzip.decompress(image.read_bytes())[:LIMIT]
        assert field_of_view("MTS", head) == "its field of view is 110 mm high and 230 mm deep"
