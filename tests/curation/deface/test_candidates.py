from __future__ import annotations

import numpy as np
import pytest

from spinegate.curation.deface.candidates import may_show_face


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
        ((256, 256, 22), np.diag([0.9, 0.9, 5, 1]), ""),  # axial slices of the neck
        ((36, 36, 15, 35), np.diag([0.9, 0.9, 5, 1]), ""),
        ((60, 100, 300), np.eye(4), ""),  # the cord alone
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
