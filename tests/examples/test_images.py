"""What is computed from the images is what truth.json says."""

from __future__ import annotations

import gzip
import json
from math import radians
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from spinegate.examples.grids import make_grid
from spinegate.examples.images import make_scheme, nifti_bytes, render
from spinegate.examples.participants import draw
from spinegate.examples.protocol import SIEMENS, VENDORS
from spinegate.examples.tissues import Tissue, compose

NAMES = ["sub-siemensA01", "sub-geA01", "sub-philipsA01"]


def load(path: Path) -> tuple[NDArray[np.float64], dict[str, Any]]:
    image: Any = nib.load(path)
    return np.asarray(image.dataobj, dtype=float), json.loads(
        path.with_name(path.name.replace(".nii.gz", ".json")).read_text()
    )


def pure(name: str, contrast: str, tissue: Tissue) -> NDArray[np.bool_]:
    vendor = VENDORS[name[4:-3]]
    one = draw(vendor, 0, 0, 0)
    parts = compose(one.anatomy, make_grid(vendor, contrast, one.tilt))
    return np.asarray(parts.share[tissue] > 0.9999)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tissue", [Tissue.WHITE, Tissue.GREY])
def test_magnetisation_transfer(
    phantom: Path, truth: dict[str, Any], name: str, tissue: Tissue
) -> None:
    stem = phantom / name / "anat" / name
    on, _ = load(Path(f"{stem}_flip-1_mt-on_MTS.nii.gz"))
    off, meta = load(Path(f"{stem}_flip-1_mt-off_MTS.nii.gz"))
    t1w, meta_t1w = load(Path(f"{stem}_flip-2_mt-off_MTS.nii.gz"))
    inside = pure(name, "MTon", tissue)
    on, off, t1w = on[inside], off[inside], t1w[inside]
    tr, flip = meta["RepetitionTime"], radians(meta["FlipAngle"])
    tr_t1, flip_t1 = meta_t1w["RepetitionTime"], radians(meta_t1w["FlipAngle"])
    r1 = 0.5 * (t1w * flip_t1 / tr_t1 - off * flip / tr) / (off / flip - t1w / flip_t1)
    amplitude = off * t1w * (tr * flip_t1 / flip - tr_t1 * flip / flip_t1)
    amplitude /= tr * flip_t1 * t1w - tr_t1 * flip * off
    mtsat = (amplitude * flip / on - 1) * r1 * tr - flip**2 / 2
    true = truth["Participants"][name]["white" if tissue == Tissue.WHITE else "grey"]
    assert len(on) > 20
    assert np.abs(100 * (off - on) / off / true["mtr"] - 1).max() < 1e-3
    assert np.abs(1 / r1 / true["t1"] - 1).max() < 1e-3
    assert np.abs(100 * mtsat / true["mtsat"] - 1).max() < 2e-3


@pytest.mark.parametrize("name", NAMES)
def test_the_mt_pulse_lowers_the_signal_of_the_whole_image(phantom: Path, name: str) -> None:
    stem = phantom / name / "anat" / name
    on, _ = load(Path(f"{stem}_flip-1_mt-on_MTS.nii.gz"))
    off, _ = load(Path(f"{stem}_flip-1_mt-off_MTS.nii.gz"))
    bright = off > off.mean()
    assert 0.45 < np.median(on[bright] / off[bright]) < 0.75


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tissue", [Tissue.WHITE, Tissue.GREY])
def test_tensors(phantom: Path, truth: dict[str, Any], name: str, tissue: Tissue) -> None:
    stem = phantom / name / "dwi" / f"{name}_dwi"
    image, _ = load(Path(f"{stem}.nii.gz"))
    b = np.loadtxt(f"{stem}.bval")
    x, y, z = np.loadtxt(f"{stem}.bvec")
    inside = pure(name, "dwi", tissue)
    signals = np.log(image[inside])
    model = np.stack([x * x, y * y, z * z, 2 * x * y, 2 * x * z, 2 * y * z]) * -b
    design = np.vstack([model, np.ones_like(b)]).T
    dxx, dyy, dzz, dxy, dxz, dyz, _ = np.linalg.lstsq(design, signals.T, rcond=None)[0]
    tensors = np.stack([dxx, dxy, dxz, dxy, dyy, dyz, dxz, dyz, dzz], axis=-1).reshape(-1, 3, 3)
    values, vectors = np.linalg.eigh(tensors)
    md = values.mean(axis=1)
    fa = np.sqrt(1.5 * ((values - md[:, None]) ** 2).sum(axis=1) / (values**2).sum(axis=1))
    rd = values[:, :2].mean(axis=1)
    true = truth["Participants"][name]["white" if tissue == Tissue.WHITE else "grey"]
    assert len(md) > 10
    assert abs(np.median(md) / true["md"] - 1) < 2e-3
    assert abs(np.median(fa) / true["fa"] - 1) < 5e-3
    assert abs(np.median(rd) / true["rd"] - 1) < 5e-3
    # In image axes of an axial series the cord runs along the third.
    assert np.abs(vectors[:, 2, 2]).min() > 0.95


def test_directions_are_unit_vectors_with_the_b0_where_the_scanner_puts_them() -> None:
    scheme = make_scheme((1, 30, 4))
    length = np.sqrt((scheme.directions**2).sum(axis=1))
    assert (scheme.b == np.array([0] + [800] * 30 + [0] * 4)).all()
    assert np.allclose(length, scheme.b / 800)


def test_contrasts_look_like_themselves() -> None:
    one = draw(SIEMENS, 0, 0, 0)

    def mean(contrast: str, tissue: Tissue) -> float:
        parts = compose(one.anatomy, make_grid(one.vendor, contrast, one.tilt))
        return float(render(one, contrast, parts)[parts.share[tissue] > 0.99].mean())

    assert mean("T2w", Tissue.CSF) > 2 * mean("T2w", Tissue.WHITE)
    assert mean("T1w", Tissue.CSF) < mean("T1w", Tissue.WHITE) / 2
    assert mean("T2star", Tissue.GREY) > 1.1 * mean("T2star", Tissue.WHITE)
    assert mean("T2w", Tissue.WHITE) > 1000  # whole numbers must keep three digits


def test_noise_is_rician_and_belongs_to_the_seed() -> None:
    one = draw(SIEMENS, 0, 0, 0)
    parts = compose(one.anatomy, make_grid(one.vendor, "MTon", one.tilt))
    clean = render(one, "MTon", parts)
    first = render(one, "MTon", parts, 0.05, 1)
    assert (first == render(one, "MTon", parts, 0.05, 1)).all()
    assert (first != render(one, "MTon", parts, 0.05, 2)).any()
    assert (first != render(one, "MToff", parts, 0.05, 1)).any()
    white = parts.share[Tissue.WHITE] > 0.9999
    level = float(clean[white].mean())
    spread = first[white].astype(float) - level
    assert abs(spread.std() / (0.05 * level) - 1) < 0.1
    power = (first.astype(float) ** 2).mean() - (clean.astype(float) ** 2).mean()
    assert abs(power / (2 * (0.05 * level) ** 2) - 1) < 0.2


def test_the_bytes_carry_no_time_and_the_header_agrees() -> None:
    one = draw(SIEMENS, 0, 0, 0)
    grid = make_grid(one.vendor, "dwi", one.tilt, "tiny")
    image = render(one, "dwi", compose(one.anatomy, grid))
    content = nifti_bytes(image, grid, 0.62)
    assert content == nifti_bytes(image, grid, 0.62)
    assert content[4:8] == b"\0\0\0\0"
    kind: Any = nib.Nifti1Image
    header = kind.from_bytes(gzip.decompress(content)).header
    assert (header["qform_code"], header["sform_code"]) == (1, 1)
    assert np.allclose(header.get_qform(), header.get_sform(), atol=1e-4)
    assert np.allclose(header.get_zooms(), (0.9, 0.9, 5, 0.62))
    assert header.get_xyzt_units() == ("mm", "sec")
