"""Which contrast a name tells, in the old convention and in the new one."""

from __future__ import annotations

import pytest

from spinegate.protocol_specs.contrast import Contrast, Form, tell_contrast
from spinegate.protocol_specs.loader import load_spec


@pytest.mark.parametrize(
    ("entities", "suffix", "contrast"),
    [
        ({}, "T1w", "T1w"),
        ({"run": "02"}, "T2w", "T2w"),
        ({}, "T2star", "T2star"),
        ({"echo": "1"}, "MEGRE", "T2star"),
        ({"flip": "1", "mt": "on"}, "MTS", "MTon"),
        ({"flip": "1", "mt": "off"}, "MTS", "MToff"),
        ({"flip": "2", "mt": "off"}, "MTS", "GRE-T1w"),
        ({"acq": "MTon"}, "MTS", "MTon"),
        ({"acq": "MToff"}, "MTS", "MToff"),
        ({"acq": "T1w"}, "MTS", "GRE-T1w"),
        ({"flip": "2", "mt": "on"}, "MTS", None),
        ({}, "MTS", None),
        ({}, "dwi", "dwi"),
        ({"run": "01"}, "dwi", "dwi"),
        ({"acq": "b0"}, "dwi", "b0"),
        ({"rec": "average"}, "dwi", None),
        ({"acq": "b0", "rec": "average"}, "dwi", None),
        ({}, "bold", None),
        ({}, "", None),
    ],
)
def test_names_of_the_protocol(
    entities: dict[str, str], suffix: str, contrast: str | None
) -> None:
    spec = load_spec()
    named = {"sub": "amu01", **entities}
    assert spec.contrast_of(named, suffix) == contrast
    assert spec.contrast_of(named, suffix) == contrast  # from the cache too


def test_the_cache_tells_forms_apart() -> None:
    spec = load_spec()
    assert spec.contrast_of({"acq": "b0"}, "dwi") == "b0"
    assert spec.contrast_of({}, "dwi") == "dwi"
    assert spec.contrast_of({"rec": "x"}, "dwi") is None


def test_more_entities_beat_fewer_whatever_the_order() -> None:
    wide = Contrast("wide", "", "", "anat", (Form("X"),))
    narrow = Contrast("narrow", "", "", "anat", (Form("X", (("acq", "a"),)),))
    for contrasts in ({"w": wide, "n": narrow}, {"n": narrow, "w": wide}):
        assert tell_contrast(contrasts, {"acq": "a"}, "X") == "n"
        assert tell_contrast(contrasts, {"acq": "b"}, "X") == "w"
