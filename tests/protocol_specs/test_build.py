"""Specs that contradict themselves are refused with file, line and key; inheritance."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.system.errors import ConfigError

BASE = """\
protocol: acme
version: 1
parameters:
  EchoTime: {unit: s, relative: 5 %}
contrasts:
  A: {forms: [{suffix: a}]}
  B: {forms: [{suffix: b}]}
  C: {forms: [{suffix: c}], required: false}
variants:
  base:
    manufacturer: Acme
    source: P
    contrasts:
      "*": {EchoTime: 1, FlipAngle: 90}
      A, B: {EchoTime: 2}
      B: {EchoTime: 3}
"""


def spec_of(tmp_path: Path, more: str, base: str = BASE) -> Spec:
    file = tmp_path / "acme.yaml"
    file.write_text(base + more)
    return load_spec(file)


def test_narrower_keys_win(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "  one: {extends: base, models: [One]}\n")
    variant = spec.variants[0]
    assert [variant.parameters(c)["EchoTime"].target for c in "ABC"] == [2, 3, 1]
    assert variant.manufacturer == "Acme"
    assert variant.parameters("A")["EchoTime"].source == "P"
    assert variant.parameters("A")["EchoTime"].unit == "s"


def test_a_child_changes_adds_and_takes_away(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        "  one:\n    extends: base\n    models: [One]\n    level: warning\n    source: D\n"
        "    contrasts:\n"
        "      A: {FlipAngle: , InversionTime: {target: 1, level: error}}\n",
    )
    row = spec.variants[0].parameters("A")
    assert set(row) == {"EchoTime", "InversionTime"}
    assert (row["InversionTime"].source, row["InversionTime"].level) == ("D", "error")
    assert (row["EchoTime"].source, row["EchoTime"].level) == ("P", "warning")


def test_a_variant_without_models_is_only_extended(tmp_path: Path) -> None:
    assert spec_of(tmp_path, "").variants == ()


def test_older_versions_are_inherited_and_sorted(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        "    older:\n"
        "      - {before: 2018-01-01, contrasts: {A: {EchoTime: 7}}}\n"
        "      - {before: 2019-01-01, contrasts: {A: {EchoTime: 8}}}\n"
        "      - {contrasts: {A: {EchoTime: 9}}}\n"
        "  one: {extends: base, models: [One]}\n",
    )
    olders = spec.variants[0].older("A", "EchoTime")
    assert [older.parameter.target for older in olders] == [8, 7, 9]
    assert olders[0].parameter.relative == 0.05


def test_site_of_a_label(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "")
    assert [spec.site_of(label) for label in ("amu01", "tokyo750w03", "x", "12", "")] == [
        "amu",
        "tokyo750w",
        "x",
        None,
        None,
    ]


def test_series_and_sources(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        "series:\n  AB: {members: [A, B], equal: {EchoTime: {relative: 1 %}, FlipAngle: }}\n"
        "sources: {P: the printout}\n",
    )
    series = spec.series["AB"]
    assert series.members == ("A", "B")
    assert series.equal["EchoTime"].relative == 0.01
    assert series.equal["FlipAngle"].accepts(9, 9)
    assert spec.sources == {"P": "the printout"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("  one: {extends: two}\n", r"acme.yaml:17: variants.one.extends: no variant 'two'"),
        (
            "  one: {extends: two, models: [x]}\n  two: {extends: one}\n",
            r"acme.yaml:1[78]: variants.*: variants extend one another in a circle",
        ),
        ("  one: {models: [x]}\n", r"acme.yaml:17: variants.one: a variant needs a manufacturer"),
        (
            "  one: {extends: base, models: [x], contrasts: {Z: {EchoTime: 1}}}\n",
            r"acme.yaml:17: variants.one.contrasts.Z: no contrast 'Z'",
        ),
        (
            "  one: {extends: base, models: [x], contrasts: {A: {EchoTime: {at_least: 1,"
            " at_most: 2}}}}\n",
            r"acme.yaml:17: variants.one.contrasts.A.EchoTime: only one of at_least, at_most",
        ),
        (
            "  one: {extends: base, models: [x], also: [Q]}\n",
            r"acme.yaml:17: variants.one.also.0: no contrast 'Q'",
        ),
        (
            "  one: {extends: base, models: [x], since: 2019-13-01}\n",
            r"acme.yaml:17: variants.one.since: not a date like 2019-03-26",
        ),
        (
            "  one: {extends: base, models: [x], diffusion: {Q: [{b: 800, directions: 3}]}}\n",
            r"acme.yaml:17: variants.one.diffusion: no contrast 'Q'",
        ),
        ("series: {S: {members: [A, Q]}}\n", r"series.S.members.1: no contrast 'Q'"),
        ("site: '('\n", r"acme.yaml:17: site: not a regular expression"),
        ("site: 'a'\n", r"acme.yaml:17: site: the pattern needs a group"),
    ],
)
def test_contradictions_name_file_line_and_key(more: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        spec_of(tmp_path, more)


@pytest.mark.parametrize("key", ["protocol", "version", "contrasts", "variants"])
def test_what_a_spec_must_have(key: str, tmp_path: Path) -> None:
    text = "".join(
        part for part in BASE.splitlines(keepends=True) if not part.startswith(f"{key}:")
    )
    if key in {"contrasts", "variants"}:
        text = BASE[: BASE.index(f"{key}:")]
    with pytest.raises(ConfigError, match=f"{key}.*is missing|the key '{key}' is missing"):
        spec_of(tmp_path, "", text)
