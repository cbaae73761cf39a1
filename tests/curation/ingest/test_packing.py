"""Images on their way into a dataset: the same bytes each time, one volume, the right axes."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from spinegate.curation.ingest.packing import correct_axes, pack, take_volume
from spinegate.system.errors import SpinegateError

nib: Any = nibabel


def save(
    path: Path, shape: tuple[int, ...], kind: str, slope: float = 1, big: bool = False
) -> Any:
    data = np.random.default_rng(0).integers(0, 100, shape).astype(kind)
    header = nib.Nifti1Header(endianness=">" if big else "<")
    header.set_data_dtype(data.dtype)
    image: Any = nib.Nifti1Image(data, np.diag([2, 3, 4, 1]), header)
    image.header.set_slope_inter(slope, 5)
    image.to_filename(path)
    return image


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    save(tmp_path / "x.nii", (5, 6, 7), "i2")
    pack(tmp_path / "x.nii", tmp_path / "a.nii.gz")
    time.sleep(1.1)
    pack(tmp_path / "x.nii", tmp_path / "b.nii.gz")
    content = (tmp_path / "a.nii.gz").read_bytes()
    assert content == (tmp_path / "b.nii.gz").read_bytes()
    assert gzip.decompress(content) == (tmp_path / "x.nii").read_bytes()
    assert content[4:8] == bytes(4)


@pytest.mark.parametrize("kind", ["u1", "i2", "f4", "f8"])
@pytest.mark.parametrize("big", [False, True])
def test_one_volume(tmp_path: Path, kind: str, big: bool) -> None:
    save(tmp_path / "x.nii", (5, 6, 7, 2), kind, slope=0.5, big=big)
    whole: Any = nib.load(tmp_path / "x.nii")
    for volume in (0, 1):
        take_volume(tmp_path / "x.nii", volume, tmp_path / "v.nii")
        one: Any = nib.load(tmp_path / "v.nii")
        assert one.shape == (5, 6, 7)
        assert np.array_equal(one.get_fdata(), whole.get_fdata()[..., volume])
        assert np.array_equal(one.affine, whole.affine)
        assert one.get_data_dtype() == whole.get_data_dtype()
    for volume in (2, -1):
        with pytest.raises(SpinegateError, match="has no volume"):
            take_volume(tmp_path / "x.nii", volume, tmp_path / "v.nii")


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "x.nii").write_bytes(b"no image")
    with pytest.raises(SpinegateError, match=r"x\.nii is no NIfTI-1 file"):
        take_volume(tmp_path / "x.nii", 0, tmp_path / "v.nii")
    save(tmp_path / "y.nii", (5, 6, 7, 2), "i2")
    (tmp_path / "y.nii").write_bytes((tmp_path / "y.nii").read_bytes()[:-10])
    with pytest.raises(SpinegateError, match="cut off"):
        take_volume(tmp_path / "y.nii", 1, tmp_path / "v.nii")


SAGITTAL = [0, 1, 0, 0, 0, -1]
AXIAL = [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("cosines", "info", "changed"),
    [
        (SAGITTAL, (1, 2, 0), True),
        (AXIAL, (0, 1, 2), False),
        (None, (0, 1, 2), False),
        ([1, 0, 0, 1, 0, 0], (0, 1, 2), False),
        (["x"] * 6, (0, 1, 2), False),
    ],
)
def test_the_axes_of_a_turned_image(
    tmp_path: Path, cosines: Any, info: tuple[int, ...], changed: bool
) -> None:
    image = save(tmp_path / "x.nii", (5, 6, 7), "i2")
    image.header.set_dim_info(freq=0, phase=1, slice=2)
    image.to_filename(tmp_path / "x.nii")
    before = (tmp_path / "x.nii").read_bytes()
    assert correct_axes(tmp_path / "x.nii", cosines) is changed
    found: Any = nib.load(tmp_path / "x.nii")
    assert found.header.get_dim_info() == info
    after = (tmp_path / "x.nii").read_bytes()
    assert after[:39] + after[40:] == before[:39] + before[40:]
