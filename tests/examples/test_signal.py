from __future__ import annotations

from math import isclose, radians, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spinegate.examples.signal import (
    Properties,
    attenuation,
    gradient_echo,
    magnetisation_transfer_ratio,
)

TISSUES = st.builds(
    Properties,
    density=st.floats(0.2, 2),
    t1=st.floats(0.5, 4),
    t2=st.floats(0.03, 1),
    t2star=st.floats(0.02, 0.5),
    mtsat=st.floats(0.001, 0.1),
    fa=st.floats(0, 0.9),
    md=st.floats(5e-4, 3e-3),
)


@given(TISSUES)
def test_helms_formulas_give_back_t1_and_mtsat(tissue: Properties) -> None:
    tr, tr_t1, flip, flip_t1, te = 0.035, 0.015, radians(9), radians(15), 0.003
    off = gradient_echo(tissue, tr, te, flip)
    on = gradient_echo(tissue, tr, te, flip, mt=True)
    t1w = gradient_echo(tissue, tr_t1, te, flip_t1)
    r1 = 0.5 * (t1w * flip_t1 / tr_t1 - off * flip / tr) / (off / flip - t1w / flip_t1)
    amplitude = off * t1w * (tr * flip_t1 / flip - tr_t1 * flip / flip_t1)
    amplitude /= tr * flip_t1 * t1w - tr_t1 * flip * off
    mtsat = (amplitude * flip / on - 1) * r1 * tr - flip**2 / 2
    assert isclose(1 / r1, tissue.t1, rel_tol=1e-6)
    assert isclose(mtsat, tissue.mtsat, rel_tol=1e-6)
    mtr = magnetisation_transfer_ratio(tissue, tr, flip)
    assert isclose(100 * (off - on) / off, mtr, rel_tol=1e-6)


@given(TISSUES)
def test_the_tensor_has_the_fa_and_md_asked_for(tissue: Properties) -> None:
    values = np.array([tissue.ad, tissue.rd, tissue.rd])
    mean = values.mean()
    fa = sqrt(1.5 * ((values - mean) ** 2).sum() / (values**2).sum())
    assert isclose(mean, tissue.md)
    assert isclose(fa, tissue.fa, abs_tol=1e-9)


def test_diffusion_is_fastest_along_the_axis() -> None:
    tissue = Properties(1, 1, 1, 1, 0, 0.7, 1e-3)
    axis = np.array([0.0, 0.0, 1.0])
    along = attenuation(tissue, 800, np.array([0.0, 0.0, 1.0]), axis)
    across = attenuation(tissue, 800, np.array([1.0, 0.0, 0.0]), axis)
    assert isclose(float(along), float(np.exp(-800 * tissue.ad)))
    assert isclose(float(across), float(np.exp(-800 * tissue.rd)))
