"""Specs that extend one another, and where each value stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.layers import merge, packaged_specs, read_layers
from spinegate.system.errors import ConfigError

TREES = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8
)


def test_later_layers_win_key_by_key() -> None:
    base = {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": 3}
    over = {"a": {"y": 5}, "b": [9], "c": None, "d": None}
    assert merge(base, over) == {"a": {"x": 1, "y": 5}, "b": [9], "d": None}


@given(TREES, TREES)
def test_merging_changes_neither_and_is_stable(base: object, over: object) -> None:
    before = repr(base), repr(over)
    once = merge(base, over)
    assert (repr(base), repr(over)) == before
    assert merge(once, over) == once


def test_packaged_specs_are_named_with_hyphens() -> None:
    assert "spine-generic" in packaged_specs()


def test_a_packaged_spec_is_its_folder_of_files() -> None:
    layers = read_layers("spine-generic")
    assert [Path(d.name).name for d in layers.documents] == [
        "ge.yaml",
        "philips.yaml",
        "protocol.yaml",
        "siemens.yaml",
    ]
    assert {"ge", "philips", "siemens-prisma"} <= set(layers.value["variants"])


def test_a_file_extends_a_packaged_spec(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(
        "extends: spine-generic\n"
        "variants:\n"
        "  siemens-prisma:\n"
        "    contrasts:\n"
        "      T2w:\n"
        "        RepetitionTime: 1.6\n"
    )
    layers = read_layers(file)
    assert layers.value["variants"]["siemens-prisma"]["contrasts"]["T2w"] == {
        "RepetitionTime": 1.6
    }
    assert layers.value["variants"]["siemens-prisma"]["models"] == ["Prisma", "Prisma_fit"]
    assert "extends" not in layers.value


def test_a_file_extends_another_beside_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("protocol: base\nversion: 1\n")
    (tmp_path / "own.yaml").write_text("extends: base.yaml\nversion: 2\n")
    assert read_layers(tmp_path / "own.yaml").value == {"protocol": "base", "version": 2}


def test_errors_name_the_file_that_set_the_value(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("protocol: base\nsource: here\nversion: 1\n")
    (tmp_path / "own.yaml").write_text("extends: base.yaml\nversion: 2\n")
    layers = read_layers(tmp_path / "own.yaml")
    assert layers.error("no", "source").file.endswith("base.yaml")
    assert layers.error("no", "source").line == 2
    assert layers.error("no", "version").file.endswith("own.yaml")
    assert layers.error("no", "source", "deeper").line == 2


def test_a_folder_of_files_is_one_spec(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("protocol: both\n")
    (tmp_path / "b.yaml").write_text("version: 3\n")
    assert read_layers(tmp_path).value == {"protocol": "both", "version": 3}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-such-spec", "there is no spec 'no-such-spec'; known are .*spine-generic"),
        ("missing.yaml", "missing.yaml: cannot be read"),
    ],
)
def test_unknown_names(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message):
        read_layers(name)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \.yaml file"):
        read_layers(tmp_path)


def test_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(ConfigError, match="extends itself"):
        read_layers(tmp_path / "a.yaml")


def test_an_unknown_base_is_named_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("protocol: own\nextends: nothing\n")
    with pytest.raises(ConfigError, match=r"own.yaml:2: extends: there is no spec 'nothing'"):
        read_layers(file)


@pytest.mark.parametrize("text", ["- a\n- b\n", "word\n", ""])
def test_a_spec_is_a_mapping(text: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="must be a mapping"):
        read_layers(file)
