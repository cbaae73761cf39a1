"""Words for what deviates."""

from __future__ import annotations

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.deviations import in_degrees, short_title

SPEC = load_spec("spine-generic")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120 degree ± 1 degree", "120 degrees ± 1 degree"),
        ("1 degree", "1 degree"),
        ("0.5 degree", "0.5 degrees"),
        ("1.5 s ± 5 %", "1.5 s ± 5 %"),
        ("9 degrees", "9 degrees"),
    ],
)
def test_in_degrees(text: str, expected: str) -> None:
    assert in_degrees(text) == expected


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("siemens-verio", "Siemens Verio (VB17)"),
        ("ge", "GE"),
        ("philips", "Philips"),
        ("siemens-other", "other Siemens scanners"),
    ],
)
def test_short_title(name: str, title: str) -> None:
    variant = SPEC.variant(name)
    assert variant is not None
    assert short_title(variant) == title
