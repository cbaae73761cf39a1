"""The packaged protocol, value by value where it matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.parameter import Parameter
from spinegate.protocol_specs.variant import Variant

MT = ("MTon", "MToff")
MTS = (*MT, "GRE-T1w")
VENDORS = ("siemens-prisma", "ge", "philips")


def variant(name: str) -> Variant:
    found = load_spec().variant(name)
    assert found is not None
    return found


def every_parameter() -> Iterator[tuple[str, Parameter]]:
    spec = load_spec()
    for one in spec.variants:
        for contrast in spec.contrasts:
            for row in (one.parameters(contrast), one.card(contrast)):
                yield from ((f"{one.name} {contrast}", parameter) for parameter in row.values())
        for olders in one.olders.values():
            yield from ((f"{one.name} older", older.parameter) for older in olders)


def test_contrasts_of_the_protocol() -> None:
    spec = load_spec()
    assert list(spec.contrasts) == [
        "T1w",
        "T2w",
        "T2star",
        "MTon",
        "MToff",
        "GRE-T1w",
        "dwi",
        "b0",
    ]
    assert [name for name, c in spec.contrasts.items() if not c.required] == ["b0"]
    for name in MTS:
        assert spec.contrasts[name].keys == ("MTState", "FlipAngle", "RepetitionTimeExcitation")
    assert all(contrast.concerns for contrast in spec.contrasts.values())
    assert spec.series["MT"].members == MT
    assert spec.series["MTS"].members == MTS
    assert {"RepetitionTime", "EchoTime", "FlipAngle"} <= set(spec.series["MT"].equal)
    assert {"ShimSetting", "TxRefAmp", "FFTScaleFactor"} <= set(spec.series["MTS"].equal)


def test_every_value_has_a_source_that_the_legend_knows() -> None:
    spec = load_spec()
    for place, parameter in every_parameter():
        keys = [key.strip() for key in parameter.source.split(",")]
        assert keys, place
        assert set(keys) <= set(spec.sources), f"{place} {parameter.name}: {parameter.source}"
    for one in spec.variants:
        for schemes in one.diffusion.values():
            assert all(scheme.source in spec.sources for scheme in schemes)


def test_a_target_lies_within_its_own_limits() -> None:
    for place, parameter in every_parameter():
        for value in (parameter.target, *parameter.values):
            if value is not None and parameter.is_checkable:
                assert parameter.accepts(value) is True, f"{place} {parameter.name}"


def test_times_are_seconds() -> None:
    for place, parameter in every_parameter():
        if parameter.name in {"RepetitionTime", "EchoTime", "InversionTime"}:
            assert parameter.unit == "s"
            for value in (parameter.target, *parameter.values):
                assert value is None or 0.001 <= float(value) <= 4, f"{place} {parameter.name}"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "contrast", "times"),
    [
        ("siemens-prisma", "T1w", (2.0, 0.00372, 1.0, 9)),
        ("siemens-verio", "T1w", (2.0, 0.00321, 1.0, 9)),
        ("siemens-vida", "T1w", (2.0, 0.00372, 1.0, 9)),
        ("ge", "T1w", (None, None, 1.0, 9)),
        ("philips", "T1w", (0.0078, 0.0035, 1.0, 9)),
        ("siemens-prisma", "T2w", (1.5, 0.120, None, 120)),
        ("siemens-cima-x", "T2w", (1.5, 0.122, None, 120)),
        ("siemens-verio", "T2w", (1.5, 0.120, None, 120)),
        ("siemens-triotim", "T2w", (2.0, 0.118, None, 180)),
        ("ge", "T2w", (2.5, 0.120, None, None)),
        ("philips", "T2w", (3.5, 0.120, None, 90)),
        ("siemens-skyra", "T2star", (0.6, 0.014, None, 30)),
        ("siemens-triotim", "T2star", (0.6, 0.013, None, 30)),
        ("ge", "T2star", (0.6, None, None, 30)),
        ("philips", "T2star", (0.6, 0.0072, None, 30)),
        ("siemens-skyra", "MTon", (0.035, 0.00313, None, 9)),
        ("siemens-vida", "MToff", (0.035, 0.00316, None, 9)),
        ("siemens-verio", "MTon", (0.035, 0.0035, None, 9)),
        ("ge", "MTon", (0.035, 0.004, None, 9)),
        ("philips", "MToff", (0.057, 0.002, None, 9)),
        ("siemens-biograph-mmr", "GRE-T1w", (0.015, 0.00313, None, 15)),
        ("siemens-triotim", "GRE-T1w", (0.015, 0.0035, None, 15)),
        ("ge", "GRE-T1w", (0.015, 0.004, None, 15)),
        ("philips", "GRE-T1w", (0.015, 0.002, None, 15)),
    ],
)
def test_printed_times_and_angles(
    name: str, contrast: str, times: tuple[float | None, ...]
) -> None:
    row = variant(name).parameters(contrast)
    keys = ("RepetitionTime", "EchoTime", "InversionTime", "FlipAngle")
    assert tuple(row[key].target if key in row else None for key in keys) == times


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("siemens-prisma", (0.060, 0.061, 0.055)),
        ("siemens-prisma-ve11b", (0.060,)),
        ("siemens-skyra", (0.092, 0.074, 0.077, 0.085)),
        ("siemens-biograph-mmr", (0.076,)),
        ("siemens-vida", (0.085, 0.075, 0.086)),
        ("siemens-cima-x", (0.072,)),
        ("siemens-verio", (0.095, 0.099)),
        ("siemens-triotim", (0.099,)),
        ("philips", (0.0627, 0.070, 0.0795)),
    ],
)
def test_echo_times_of_diffusion(name: str, times: tuple[float, ...]) -> None:
    echo_time = variant(name).parameters("dwi")["EchoTime"]
    assert all(echo_time.accepts(time) for time in times)
    assert echo_time.accepts(min(times) - 0.005) is False
    assert echo_time.accepts(max(times) + 0.005) is False


@pytest.mark.parametrize("one", load_spec().variants, ids=lambda v: v.name)
def test_repetition_time_of_diffusion_is_never_too_long(one: Variant) -> None:
    time = one.parameters("dwi").get("RepetitionTime")
    assert time is None or time.accepts(9.6)
    assert time is None or time.level == "warning"


@pytest.mark.parametrize(
    ("name", "contrast", "key", "accepted", "refused"),
    [
        ("siemens-prisma", "MTon", "RepetitionTime", (0.035, 0.036, 0.037, 0.045), (0.0645, 0.03)),
        ("philips", "MTon", "RepetitionTime", (0.057,), (0.0645023, 0.103)),
        ("ge", "MTon", "RepetitionTime", (0.035, 0.042, 0.047), (0.108, 0.062)),
        ("philips", "T1w", "RepetitionTime", (0.0075, 0.0081), (0.009, 2)),
        ("philips", "T1w", "EchoTime", (0.0035, 0.0037), (0.0045,)),
        ("ge", "T2w", "EchoTime", (0.1223, 0.1363), (0.09, 0.15)),
        ("siemens-prisma", "T1w", "EchoTime", (0.003702, 0.00372), (0.0032, 0.0042)),
        ("philips", "T2star", "RepetitionTime", (0.6, 0.625), (0.7, 0.5)),
        ("philips", "T2star", "EchoTime", (0.0020, 0.0027, 0.0072), (0.014, 0.0045)),
        ("siemens-triotim", "T2w", "RepetitionTime", (2.0,), (1.5,)),
        ("siemens-skyra", "T2w", "EchoTime", (0.122,), (0.13,)),
        ("siemens-prisma", "T1w", "MagneticFieldStrength", (2.89, 2.8936, 3), (1.5, 7)),
    ],
)
def test_spread_that_real_sites_need(
    name: str, contrast: str, key: str, accepted: tuple[float, ...], refused: tuple[float, ...]
) -> None:
    parameter = variant(name).parameters(contrast)[key]
    assert [value for value in accepted if parameter.accepts(value) is not True] == []
    assert [value for value in refused if parameter.accepts(value) is not False] == []


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("siemens-prisma", (1, 4, 1, 5, 5)),
        ("siemens-prisma-ve11b", (1, 4, 1, 10, 10)),
        ("siemens-skyra", (1, 4, 1, 10, 10)),
        ("siemens-biograph-mmr", (1, 4, 1, 10, 10)),
        ("siemens-verio", (None,) * 5),
    ],
)
def test_image_scale_correction(name: str, factors: tuple[float | None, ...]) -> None:
    one = variant(name)
    rows = [one.parameters(c) for c in ("T1w", "T2w", "T2star", "dwi", "MTon")]
    key = "ImageScaleCorrectionFactor"
    assert tuple(row[key].target if key in row else None for row in rows) == factors


def test_the_older_image_scale_of_the_prisma_is_known() -> None:
    verdict = variant("siemens-prisma").judge(
        "MTon", "ImageScaleCorrectionFactor", 10, date(2019, 1, 1)
    )
    assert verdict is not None
    assert verdict.excused


@pytest.mark.parametrize(
    ("name", "asking"),
    [
        ("siemens-prisma", {"T1w", "T2w", "T2star", "dwi", "b0", *MTS}),
        ("siemens-prisma-ve11b", {"T1w", "T2w", "T2star"}),
        ("siemens-verio", {"T1w", "T2w", "dwi", "b0", *MTS}),
        ("siemens-triotim", {"T1w", "T2w"}),
        ("ge", set()),
    ],
)
def test_pre_scan_normalise(name: str, asking: set[str]) -> None:
    one = variant(name)
    asked = {c for c in load_spec().contrasts if "ImageType" in one.parameters(c)}
    assert asked == asking
    assert all(one.parameters(c)["ImageType"].level == "warning" for c in asked)


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("siemens-prisma", {(30, 5)}),
        ("siemens-skyra", {(30, 5), (60, 5)}),
        ("siemens-verio", {(30, 0), (60, 2), (64, 1)}),
        ("siemens-triotim", {(64, 0)}),
        ("ge", {(30, 5)}),
        ("philips", {(32, 1)}),
    ],
)
def test_diffusion_schemes(name: str, accepted: set[tuple[int, int]]) -> None:
    schemes = variant(name).diffusion["dwi"]
    assert {(scheme.directions, scheme.b0) for scheme in schemes} == accepted
    assert all(scheme.b_values == (800,) for scheme in schemes)
    assert all(scheme.shells([0, 750]) is False for scheme in schemes)


@pytest.mark.parametrize("one", load_spec().variants, ids=lambda v: v.name)
def test_every_fallback_only_warns(one: Variant) -> None:
    spec = load_spec()
    rows = [p for c in spec.contrasts for p in one.parameters(c).values()]
    assert rows
    if one.fallback:
        assert {p.level for p in rows} == {"warning"}


def test_loading_twice_gives_the_same_object(tmp_path: Path) -> None:
    assert load_spec("spine-generic") is load_spec()
    own = tmp_path / "own.yaml"
    own.write_text("extends: spine-generic\nversion: mine\n")
    assert load_spec(own).version == "mine"
    assert load_spec(str(own)).variants == load_spec().variants
