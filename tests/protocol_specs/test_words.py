"""Settings in the console's words and units."""

from __future__ import annotations

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.parameter import Parameter
from spinegate.protocol_specs.tolerance import Tolerance
from spinegate.protocol_specs.words import in_console_units, label, lines


def said(variant: str, contrast: str) -> dict[str, tuple[str, str]]:
    found = load_spec().variant(variant)
    assert found is not None
    return {line.label: (line.value, line.accepted) for line in lines(found, contrast)}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("RepetitionTime", "TR"), ("TransmitReference", "Transmit reference"), ("X", "X")],
)
def test_labels(name: str, shown: str) -> None:
    assert label(name) == shown


def test_seconds_become_milliseconds() -> None:
    parameter = Parameter("EchoTime", 0.0072, Tolerance(0.0007), (0.0021,), 0.001, 0.01, unit="s")
    shown = in_console_units(parameter)
    assert shown.expected_text() == "7.2 ms or 2.1 ms (each ± 0.7 ms), between 1 and 10 ms"
    assert shown.accepts(7.1)


def test_other_units_stay() -> None:
    angle = Parameter("FlipAngle", 9, unit="degree")
    assert in_console_units(angle) is angle


def test_a_line_of_each_kind() -> None:
    t1w, mt_on = said("siemens-prisma", "T1w"), said("siemens-prisma", "MTon")
    assert t1w["TR"] == ("2000 ms", "± 5 %")
    assert t1w["Flip angle"] == ("9°", "± 1 °")
    assert t1w["Prescan normalise"] == ("on", "")
    assert t1w["Shim"] == ("Standard", "")
    assert mt_on["TR"] == ("35 ms", "or more, up to 50 ms")
    assert said("philips", "T2star")["TE"] == ("7.2 ms", "also 2.1 ms, ± 0.7 ms")
    assert said("ge", "T2w")["TE"] == ("120 ms", "± 16.5 ms, from 118 ms")
    assert said("siemens-prisma-ve11b", "MTon")["Prescan normalise"] == ("off", "")


def test_what_stands_elsewhere_is_not_repeated() -> None:
    dwi = said("siemens-prisma", "dwi")
    assert "TR" not in dwi  # the timing line says it for both licences
    assert "ZOOMit" in dwi["Timing"][0]
    assert "Voxel size" not in dwi
    assert "Field strength" not in dwi
    assert dwi["Diffusion"][0] == "5 x b0 + 30 directions at b = 800 s/mm2"


def test_times_come_first() -> None:
    assert list(said("siemens-prisma", "T1w"))[:4] == ["TR", "TE", "TI", "Flip angle"]
