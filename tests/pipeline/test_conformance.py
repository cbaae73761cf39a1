"""The toolbox' own numbers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from spinegate.pipeline.anatomy.levels import label_levels, slices_of
from spinegate.pipeline.anatomy.masks import cylinder
from spinegate.pipeline.image import read_image, turn
from spinegate.pipeline.measure.area import areas
from spinegate.pipeline.measure.atlas import read_atlas
from spinegate.pipeline.measure.diffusion import fit_tensor
from spinegate.pipeline.measure.extract import Method, extract
from spinegate.pipeline.measure.magnetization import Weighting, ratio, saturation
from spinegate.pipeline.resample import LINEAR, NEAREST, resample

pytestmark = pytest.mark.real


def read_column(path: Path, name: str) -> NDArray[np.float64]:
    with path.open(newline="") as file:
        return np.array([float(row[name] or "nan") for row in csv.DictReader(file)])


def close(found: Any, wanted: Any, relative: float = 1e-9) -> None:
    """Compare with what is largest in the image, as rounding does."""
    wanted = np.asarray(wanted, np.float64)
    assert_allclose(found, wanted, rtol=relative, atol=relative * np.nanmax(np.abs(wanted)))


def test_reorientation(images: Path, golden: Path) -> None:
    found, wanted = (
        turn(read_image(images / "t2/t2.nii.gz")),
        read_image(golden / "reorient/t2_RPI.nii.gz"),
    )
    assert_array_equal(found.data, wanted.data)
    assert_allclose(found.affine, wanted.affine, atol=1e-6)


@pytest.mark.parametrize(("name", "order"), [("linear", LINEAR), ("nn", NEAREST)])
def test_resampling(images: Path, golden: Path, name: str, order: int) -> None:
    found = resample(read_image(images / "t2/t2.nii.gz"), 0.8, order)
    wanted = read_image(golden / f"resample/t2_0.8_{name}.nii.gz")
    close(found.data, wanted.data)
    assert_allclose(found.affine, wanted.affine, atol=1e-6)


@pytest.mark.parametrize("corrected", [False, True])
def test_area_of_each_slice(images: Path, golden: Path, corrected: bool) -> None:
    found = areas(read_image(images / "t2/t2_seg-manual.nii.gz"), straight=corrected)
    table = golden / f"process_segmentation/csa_perslice_angle{corrected:d}.csv"
    close(found.area, read_column(table, "MEAN(area)"))
    close(found.angle_ap, read_column(table, "MEAN(angle_AP)"))
    close(found.angle_rl, read_column(table, "MEAN(angle_RL)"))
    close(found.length, read_column(table, "SUM(length)"))


@pytest.mark.parametrize("corrected", [False, True])
def test_area_of_levels(images: Path, golden: Path, corrected: bool) -> None:
    levels = turn(read_image(images / "t2/t2_seg-manual_labeled.nii.gz")).data
    slices = list(slices_of(levels, (3, 4, 5)))
    area = areas(read_image(images / "t2/t2_seg-manual.nii.gz"), straight=corrected).area[slices]
    table = golden / f"process_segmentation/csa_vert3-5_angle{corrected:d}.csv"
    close([area.mean()], read_column(table, "MEAN(area)"))
    close([area.std()], read_column(table, "STD(area)"))


def test_levels(images: Path, golden: Path) -> None:
    folder = golden / "label_vertebrae"
    levels, discs = label_levels(
        read_image(images / "t2/t2_seg-manual.nii.gz"), read_image(images / "t2/labels.nii.gz")
    )
    assert_array_equal(levels.data, read_image(folder / "t2_seg-manual_labeled.nii.gz").data)
    assert_array_equal(discs.data, read_image(folder / "t2_seg-manual_labeled_discs.nii.gz").data)


def test_mask_around_the_cord(images: Path, golden: Path) -> None:
    found = cylinder(read_image(images / "mt/mt1_seg.nii.gz"), 35)
    assert_array_equal(found.data, read_image(golden / "create_mask/mask_mt1_cyl35.nii.gz").data)


def test_magnetization_transfer(images: Path, golden: Path) -> None:
    names = ("mt1", "mt0", "t1w")
    on, off, t1 = (read_image(images / f"mt/{name}.nii.gz").data for name in names)
    said = [json.loads((images / f"mt/{name}.json").read_text()) for name in names]
    first, second, third = (Weighting(x["RepetitionTime"], x["FlipAngle"]) for x in said)
    close(ratio(off, on), read_image(golden / "compute_mtr/mtr.nii.gz").data)
    found = saturation(on, off, t1, (first, second, third))
    for one, name in zip(found, ("mtsat", "t1map"), strict=True):
        close(one, read_image(golden / f"compute_mtsat/{name}.nii.gz").data)


@pytest.mark.parametrize("method", get_args(Method))
def test_metric_in_labels(images: Path, golden: Path, method: Method) -> None:
    metric = read_image(images / "mt/mtr.nii.gz")
    atlas = read_atlas(images / "mt/label/atlas", metric)
    numbers = {name: number for number, name in atlas.list.names.items()}
    with (golden / f"extract_metric/{method}_groups.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    for row in rows:
        at = [int(row["Slice (I->S)"])]
        found = extract(turn(metric).data, atlas, numbers[row["Label"]], at, method)
        wanted = [row["Size [vox]"], row[f"{method.upper()}()"], row["STD()"]]
        assert_allclose(
            [found.size, found.value, found.deviation],
            [float(x or "nan") for x in wanted],
            rtol=1e-9,
        )


def test_tensor(images: Path, golden: Path) -> None:
    data = read_image(images / "dmri/dmri.nii.gz").data
    values, directions = (np.loadtxt(images / f"dmri/{x}.txt") for x in ("bvals", "bvecs"))
    found = fit_tensor(data, values, directions.T if len(directions) == 3 else directions)
    for name in ("fa", "md", "rd", "ad"):
        wanted = read_image(golden / f"compute_dti/dti_{name.upper()}.nii.gz").data
        close(getattr(found, name), wanted, 1e-6)
