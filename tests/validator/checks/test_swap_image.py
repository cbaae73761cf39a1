"""Which of two images is the darker one."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from spinegate.protocol_specs.spec import Spec
from spinegate.validator.checks.swap_image import check, otsu, read_image, signal_ratio
from spinegate.validator.dataset import load_dataset
from spinegate.validator.finding import Outcome
from spinegate.validator.inspection import Inspection
from spinegate.validator.tree import open_tree

MET, NOT, BLIND = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_DETERMINABLE
Inspect = Callable[..., Inspection]


def phantom(pulse: float) -> Any:
    """Tissue that the pulse darkens, in fluid that it leaves alone, in air."""
    image = np.full((12, 12, 3), 5.0)
    image[2:10, 2:10] = 100 * pulse
    image[2:10, 2:3] = 110
    return image


def packed(data: Any, kind: Any = nib.Nifti1Image, dtype: Any = np.float32) -> bytes:
    return gzip.compress(kind(data.astype(dtype), np.eye(4)).to_bytes(), mtime=0)


@pytest.fixture
def inspect(spec: Spec, tmp_path: Path) -> Inspect:
    def make(on: bytes, off: bytes, images: bool = True) -> Inspection:
        for name, content in (("on", on), ("off", off)):
            path = tmp_path / f"sub-a01/anat/sub-a01_flip-1_mt-{name}_MTS.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return Inspection(load_dataset(open_tree(tmp_path), spec), spec, images=images)

    return make


def outcomes(inspection: Inspection) -> tuple[Outcome, Outcome]:
    swapped, same = sorted(check(inspection), key=lambda verdict: verdict.code, reverse=True)
    return swapped.outcome, same.outcome


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
def test_the_darker_one_has_the_pulse(inspect: Inspect, kind: Any, dtype: Any) -> None:
    on, off = (packed(phantom(pulse), kind, dtype) for pulse in (0.6, 1))
    assert outcomes(inspect(on, off)) == (MET, MET)
    assert outcomes(inspect(off, on)) == (NOT, MET)
    assert outcomes(inspect(on, on)) == (BLIND, NOT)


def test_a_swap_is_seen_though_fluid_is_brightest(inspect: Inspect) -> None:
    def make(tissue: float) -> Any:
        return np.array([5.0] * 20 + [tissue] * 60 + [120.0] * 20).reshape(10, 5, 2)

    assert signal_ratio(make(100), make(50)) == 1  # fluid alone lies above the threshold
    on, off = packed(make(50)), packed(make(100))
    assert outcomes(inspect(on, off)) == (MET, MET)
    assert outcomes(inspect(off, on)) == (NOT, MET)


def test_no_clear_difference_is_not_determinable(inspect: Inspect) -> None:
    on, off = packed(phantom(0.98)), packed(phantom(1))
    assert outcomes(inspect(on, off)) == (BLIND, MET)


def test_images_are_not_read_where_nobody_wants_it(inspect: Inspect) -> None:
    on, off = packed(phantom(0.6)), packed(phantom(1))
    assert outcomes(inspect(on, off, images=False)) == (BLIND, BLIND)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1f\x8b",
        b"no image",
        packed(phantom(1))[:-40],
        packed(phantom(1)[:6]),
        packed(np.zeros((12, 12, 3))),
        packed(np.full((12, 12, 3), np.nan)),
        packed(phantom(1), dtype=np.complex64),
        packed(phantom(1)) + b"trailing",
    ],
)
def test_what_is_no_image_of_the_same_size_is_survived(inspect: Inspect, content: bytes) -> None:
    for pair in ((content, packed(phantom(1))), (packed(phantom(1)), content)):
        assert NOT not in outcomes(inspect(*pair))


def test_scaling_and_the_first_volume(inspect: Inspect) -> None:
    data = np.stack([phantom(1), phantom(0.5)], axis=-1)
    inspection = inspect(packed(data), packed(phantom(1)))
    image = read_image(inspection, inspection.raw[1])
    assert image is not None
    assert image.shape == (12, 12, 3)
    assert image.max() == 110


NUMBERS = st.floats(width=32)
ARRAYS = arrays.arrays(np.float32, (3, 3, 2), elements=NUMBERS)


@settings(max_examples=80, deadline=None)
@given(ARRAYS, ARRAYS)
def test_any_numbers_are_survived(on: Any, off: Any) -> None:
    ratio = signal_ratio(on, off)
    assert ratio is None or np.isfinite(ratio)


@given(st.floats(0.05, 20), st.floats(0.05, 20))
def test_the_ratio_is_that_of_the_tissue(on: float, off: float) -> None:
    tissue = np.ones((4, 4, 4))
    assert signal_ratio(tissue * on, tissue * off) == pytest.approx(on / off)


def test_otsu_parts_two_heaps() -> None:
    image = np.array([0.0] * 60 + [1.0] * 60 + [9.0] * 40 + [10.0] * 40)
    assert 1 <= otsu(image) <= 9
    assert otsu(np.array([np.nan])) == 0
