from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from spinegate.examples.truth import UNITS


@pytest.mark.parametrize("contrast", ["T1w", "T2w"])
def test_disc_labels_lie_at_the_true_positions(
    phantom: Path, truth: dict[str, Any], contrast: str
) -> None:
    for name, true in truth["Participants"].items():
        stem = phantom / "derivatives" / "labels" / name / "anat" / f"{name}_{contrast}"
        image: Any = nib.load(f"{stem}_label-discs_dlabel.nii.gz")
        data = np.asarray(image.dataobj)
        assert sorted(data[data > 0]) == list(range(1, 9))
        half = max(image.header.get_zooms()) / 2
        for disc in true["discs"]:
            (voxel,) = np.argwhere(data == disc["label"])
            place = (image.affine @ [*voxel, 1])[:3]
            assert np.abs(place - disc["position"]).max() <= half + 1e-4


def test_levels_join_and_the_means_lie_between_them(truth: dict[str, Any]) -> None:
    for true in truth["Participants"].values():
        levels = true["levels"]
        assert list(levels) == [f"C{n}" for n in range(1, 8)]
        for n in range(1, 7):
            assert levels[f"C{n}"]["z"][1] == levels[f"C{n + 1}"]["z"][0]
        for name, mean in true["means"].items():
            first, last = name.split("-")
            between = sorted(
                levels[f"C{n}"]["area"] for n in range(int(first[1]), int(last[1]) + 1)
            )
            assert between[0] <= mean["area"] <= between[-1]
            assert 0.1 < mean["grey_area"] / mean["area"] < 0.25


def test_values_are_those_of_living_tissue_and_have_units(truth: dict[str, Any]) -> None:
    assert truth["Units"] == UNITS
    for true in truth["Participants"].values():
        assert 55 < true["means"]["C2-C3"]["area"] < 100
        assert 30 < true["white"]["mtr"] < 60
        assert 2 < true["white"]["mtsat"] < 6
        assert true["grey"]["t1"] > true["white"]["t1"]
        assert true["white"]["rd"] < true["white"]["md"] < true["white"]["ad"]
        assert set(true["white"]) <= set(UNITS)


def test_participants_differ(truth: dict[str, Any]) -> None:
    for metric in ("mtr", "t1", "fa", "md"):
        values = [true["white"][metric] for true in truth["Participants"].values()]
        assert len(set(values)) == len(values)
