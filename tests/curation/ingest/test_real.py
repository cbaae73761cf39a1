"""Real series: echo-planar images of Siemens and GE scanners, none of which the protocol has."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Ingest

pytestmark = pytest.mark.real


def test_real_siemens_series_are_left_over_and_their_scale_is_known(
    shared_data: Path, dataset: Path, ingest: Ingest
) -> None:
    source = shared_data / "dicom" / "siemens"
    status, said, told = ingest(source, dataset, "--subject", "x", "--apply")
    assert status == 0
    assert "Enter the dataset (0):" in said
    assert said.count("an echo-planar image without diffusion weighting") == 4
    for number, name in ((3, "AP"), (4, "PA"), (5, "RL"), (6, "LR")):
        assert f'series {number} "EPI PE={name}" 72x72x5x2: ' in said
    known = said.partition("determined: ")[2].partition("\n")[0]
    assert {"FFTScaleFactor", "ShimSetting", "TxRefAmp"} <= set(known.split(", "))
    assert "README-Series.txt" in said
    assert "Nothing of it enters the dataset" in told
    assert not (dataset / "sub-x").exists()


def test_of_real_ge_series_the_scale_is_not_determinable(
    shared_data: Path, dataset: Path, ingest: Ingest
) -> None:
    source = shared_data / "dicom" / "ge"
    status, said, _ = ingest(source, dataset, "--subject", "x")
    assert status == 0
    assert "an echo-planar image without diffusion weighting" in said
    unknown = said.partition("not determinable: ")[2].partition("\n")[0]
    assert "FFTScaleFactor, GE scanners don't export it" in unknown
    assert "FFTScaleFactor" not in said.partition("      determined: ")[2].partition("\n")[0]
