"""Values from headers, and from several files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from spinegate.validator.observed import count_slices
from tests.strategies import JSON_VALUES


def header(shape: list[int], sizes: list[float], axis: int = 0) -> dict[str, Any]:
    return {
        "shape": shape,
        "voxel_sizes": sizes,
        "dim_info": {"freq": 0, "phase": 0, "slice": axis},
    }


@pytest.mark.parametrize(
    ("image", "lines", "slices"),
    [
        (header([256, 256, 22], [0.9, 0.9, 5.0]), 256, 22),
        (header([22, 256, 256], [5.0, 0.9, 0.9]), 256, 22),
        (header([256, 256, 22, 3], [0.9, 0.9, 5.0]), None, 22),
        (header([192, 260, 320], [1.0, 1.0, 1.0], axis=1), 320, 192),
        (header([192, 260, 320], [1.0, 1.0, 1.0]), 320, None),
        (header([36, 36, 22], [0.9, 0.9, 5.0]), 256, None),
        (header([256, 256, 22], [0.9, 0.9, 1.2]), 256, None),
    ],
)
def test_count_slices(image: dict[str, Any], lines: Any, slices: int | None) -> None:
    found, reason = count_slices(image, lines)
    assert found == slices
    assert bool(reason) is (slices is None)


@given(JSON_VALUES)
def test_any_number_of_lines_is_survived(lines: Any) -> None:
    count_slices(header([4, 4, 2], [1, 1, 5]), lines)
