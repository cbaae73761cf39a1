"""A protocol from a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.derive import derive_spec, propose
from spinegate.protocol_specs.gather import read_dataset
from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.system.errors import ConfigError

NUMBERS = st.floats(0.001, 1e4, allow_nan=False)


def write(root: Path, name: str, **sidecar: Any) -> Path:
    """Write a sidecar of a scan, in the folder that its suffix asks for."""
    subject = name.split("_", maxsplit=1)[0]
    path = root / subject / ("dwi" if name.endswith("dwi") else "anat") / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sidecar))
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    root = tmp_path / "Acme study"
    for i, time in enumerate((2.0, 2.0, 2.01, 3.0), 1):
        write(
            root,
            f"sub-a0{i}_T1w",
            RepetitionTime=time,
            Manufacturer="Acme",
            ManufacturersModelName="Alpha" if i > 1 else "ALPHA",
        )
        write(
            root,
            f"sub-a0{i}_flip-1_mt-off_MTS",
            RepetitionTime=0.03 * i,
            Manufacturer="ACME",
            ManufacturersModelName="Alpha",
            SequenceName="x",
            MRAcquisitionType="3D",
        )
    write(root, "sub-b01_T1w", RepetitionTime=5.0)
    (root / "participants.tsv").write_text(
        "participant_id\tmanufacturer\tmanufacturers_model_name\nsub-b01\tBeta\tn/a\n"
    )
    dwi = write(
        root, "sub-a01_dwi", RepetitionTime=4, Manufacturer="Acme", ManufacturersModelName="Alpha"
    )
    dwi.with_suffix(".bval").write_text("0 5 " + "800 " * 6)
    return root


def derived(root: Path, tmp_path: Path) -> tuple[str, Spec]:
    text = derive_spec(root)
    file = tmp_path / "derived.yaml"
    file.write_text(text)
    return text, load_spec(file)


def test_the_majority_with_its_counts(dataset: Path, tmp_path: Path) -> None:
    text, spec = derived(dataset, tmp_path)
    assert "# Proposed from 10 scans of 5 participants." in text
    assert "RepetitionTime: {target: 2, n: 3, spread: [2, 3]}  # 1 of 4 differ" in text
    assert spec.protocol == "Acme study"
    match = spec.match("Acme", "alpha")
    assert match.variant is not None
    assert match.variant.parameters("T1w")["RepetitionTime"].target == 2
    assert match.variant.parameters("flip-1_mt-off_MTS")["MRAcquisitionType"].target == "3D"


def test_where_there_is_no_majority_only_limits_stand(dataset: Path, tmp_path: Path) -> None:
    _, spec = derived(dataset, tmp_path)
    variant = spec.match("Acme", "Alpha").variant
    assert variant is not None
    time = variant.parameters("flip-1_mt-off_MTS")["RepetitionTime"]
    assert time.target is None
    assert time.accepts(0.03)
    assert time.accepts(0.12)
    assert time.accepts(0.2) is False


def test_an_unknown_model_becomes_its_vendors_fallback(dataset: Path, tmp_path: Path) -> None:
    _, spec = derived(dataset, tmp_path)
    match = spec.match("Beta", "Whatever")
    assert match.variant is not None
    assert (match.variant.manufacturer, match.exact) == ("Beta", False)


def test_contrasts_are_told_by_their_names(dataset: Path, tmp_path: Path) -> None:
    _, spec = derived(dataset, tmp_path)
    assert spec.contrast_of({"sub": "x", "flip": "1", "mt": "off"}, "MTS") == "flip-1_mt-off_MTS"
    assert spec.contrast_of({"sub": "x"}, "T1w") == "T1w"
    assert {name: c.required for name, c in spec.contrasts.items()} == {
        "T1w": True,
        "dwi": False,
        "flip-1_mt-off_MTS": True,
    }


def test_diffusion_schemes_are_counted(dataset: Path, tmp_path: Path) -> None:
    _, spec = derived(dataset, tmp_path)
    variant = spec.match("Acme", "Alpha").variant
    assert variant is not None
    (scheme,) = variant.diffusion["dwi"]
    assert (scheme.b_values, scheme.directions, scheme.b0) == ((800,), 6, 2)


def test_raw_scans_beat_resampled_ones(dataset: Path) -> None:
    write(dataset / "sourcedata", "sub-a01_T1w", RepetitionTime=9.0)
    scans, _ = read_dataset(dataset)
    own = [scan for scan in scans if scan.participant == "sub-a01"]
    assert [scan.sidecar["RepetitionTime"] for scan in own] == [9.0]


def test_computed_images_and_other_files_are_left_out(dataset: Path) -> None:
    before = len(read_dataset(dataset)[0])
    write(dataset, "sub-a01_rec-average_dwi", RepetitionTime=1)
    write(dataset, "sub-a01_T1w_label-SC_seg", RepetitionTime=1)
    write(dataset, "notes", RepetitionTime=1)
    assert len(read_dataset(dataset)[0]) == before


def test_computed_images_are_no_contrast_of_the_spec(dataset: Path, tmp_path: Path) -> None:
    _, spec = derived(dataset, tmp_path)
    assert spec.contrast_of({"sub": "x"}, "dwi") == "dwi"
    assert spec.contrast_of({"sub": "x", "rec": "average"}, "dwi") is None


def test_without_all_members_no_series_is_proposed(dataset: Path, tmp_path: Path) -> None:
    text, spec = derived(dataset, tmp_path)
    assert spec.series == {}
    assert "series:" not in text


@pytest.mark.parametrize(
    "names",
    [
        ("flip-1_mt-on_MTS", "flip-1_mt-off_MTS", "flip-2_mt-off_MTS"),
        ("acq-MTon_MTS", "acq-MToff_MTS", "acq-T1w_MTS"),
    ],
)
def test_the_series_are_those_of_the_spine_generic_protocol(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        write(tmp_path / "mt", f"sub-a01_{name}", RepetitionTime=0.03, Manufacturer="Acme")
    _, spec = derived(tmp_path / "mt", tmp_path)
    ours = load_spec("spine-generic").series
    assert {name: series.members for name, series in spec.series.items()} == {
        "MT": names[:2],
        "MTS": names,
    }
    for name, series in spec.series.items():
        assert series.equal == ours[name].equal


@pytest.mark.parametrize("content", ["{", "[]", '"x"', "\xff", "[" * 5000, ""])
def test_what_cannot_be_read_is_counted(dataset: Path, content: str) -> None:
    path = write(dataset, "sub-z01_T2w")
    path.write_bytes(content.encode("latin-1"))
    assert read_dataset(dataset)[1] == 1
    assert "# 1 sidecars could not be read" in derive_spec(dataset)


def test_strange_words_stay_inside_their_quotes(tmp_path: Path) -> None:
    root = tmp_path / "odd: {name}"
    write(
        root,
        "sub-a_T1w",
        RepetitionTime=1.0,
        Manufacturer='A"c\n: {',
        MRAcquisitionType="on",
        ManufacturersModelName="# é\t",
    )
    _, spec = derived(root, tmp_path)
    assert spec.protocol == "odd: {name}"
    assert spec.variants[0].manufacturer == 'A"c\n: {'
    assert spec.variants[0].parameters("T1w")["MRAcquisitionType"].target == "on"


@pytest.mark.parametrize("make", [True, False])
def test_nothing_to_derive_from(tmp_path: Path, make: bool) -> None:
    root = tmp_path / "none"
    if make:
        root.mkdir()
    with pytest.raises(ConfigError, match=r"no sidecar of any scan|not a folder"):
        derive_spec(root)


@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_a_target_is_a_value_that_was_seen_and_lies_in_the_spread(values: list[float]) -> None:
    proposal = propose(values)
    assert proposal is not None
    assert proposal.low == min(values)
    assert proposal.high == max(values)
    assert 1 <= proposal.agreeing <= proposal.seen == len(values)
    if proposal.target is not None:
        assert any(abs(proposal.target - v) <= 1e-5 * v for v in values)
        assert proposal.agreeing * 2 >= proposal.seen


@pytest.mark.parametrize("values", [[], [[1, 2]], [{}], ["a", "b"], [float("nan")], ["x" * 99]])
def test_nothing_to_propose(values: list[Any]) -> None:
    assert propose(values) is None
