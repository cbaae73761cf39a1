"""Conventions as data: which names fit, what they become, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.rename.convention import load_convention, packaged_conventions
from spinegate.curation.rename.listing import split_name
from spinegate.curation.rename.moves import by_convention
from spinegate.system.errors import ConfigError

MTS = load_convention("mts-flip-mt")
LABELS = st.text("abcXYZ019", min_size=1, max_size=6)


@pytest.mark.parametrize("name", packaged_conventions())
def test_packaged_ones_have_a_way_back(name: str) -> None:
    convention = load_convention(name)
    for rule in convention.rules:
        old = f"sub-x_ses-1_{rule.old.text}"
        found = convention.find(old)
        assert found is not None
        assert found[1] is rule
        back = convention.reversed().find(found[0])
        assert back is not None
        assert back[0] == old


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sub-x_acq-MTon_MTS", "sub-x_flip-1_mt-on_MTS"),
        ("sub-x_ses-2_acq-MToff_run-02_MTS", "sub-x_ses-2_run-02_flip-1_mt-off_MTS"),
        ("sub-x_acq-T1w_MTS", "sub-x_flip-2_mt-off_MTS"),
    ],
)
def test_entities_come_in_the_order_of_the_standard(old: str, new: str) -> None:
    found = MTS.find(old)
    assert found is not None
    assert found[0] == new


@pytest.mark.parametrize(
    "stem",
    ["sub-x_acq-MTon_T1w", "sub-x_acq-other_MTS", "sub-x_MTS", "sub-x_acq-MTon_flip-2_MTS",
     "sub-x_acq MTon_MTS", "MTS", ""],
)  # fmt: skip
def test_other_names_stay(stem: str) -> None:
    assert MTS.find(stem) is None


@given(LABELS, st.sampled_from(["anat", "ses-1/anat"]), st.sampled_from(MTS.rules))
def test_there_and_back(label: str, folder: str, rule: object) -> None:
    text = rule.old.text  # type: ignore[attr-defined]
    inner = f"sub-{label}/{folder}/sub-{label}_{text}"
    paths = [
        f"{inner}.nii.gz", f"{inner}.json", f"sourcedata/{inner}.nii.gz",
        f"derivatives/labels/{inner}_label-SC_seg.nii.gz",
        f"derivatives/x/{inner}_seg-manual.json",
        f"sub-{label}/anat/sub-{label}_T1w.nii.gz",
    ]  # fmt: skip
    moves = by_convention(paths, MTS)
    assert list(moves.paths) == paths[:5]
    after = [moves.paths.get(path, path) for path in paths]
    back = by_convention(after, MTS.reversed())
    assert [back.paths.get(path, path) for path in after] == paths
    assert list(moves.rules) == [f"{inner}.json"]


def test_inherited_sidecars_go_along() -> None:
    paths = ["acq-MTon_MTS.json", "sourcedata/acq-T1w_MTS.json", "acq-MTon_MTS.txt", "MTS.json"]
    assert by_convention(paths, MTS).paths == {
        "acq-MTon_MTS.json": "flip-1_mt-on_MTS.json",
        "sourcedata/acq-T1w_MTS.json": "sourcedata/flip-2_mt-off_MTS.json",
    }


@given(st.lists(st.text("sub-xT1w_./ é\n\x00", max_size=30), max_size=8))
def test_any_names(paths: list[str]) -> None:
    by_convention(paths, MTS)
    for path in paths:
        assert "".join(split_name(path)) == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "mapping with a list of rules"),
        ("rules: [{from: a_B}]", r"rules.0: must have from and to"),
        ("rules: [{from: acq-a_MTS, to: mt-on_MTS, sets: {}}]", "must have from and to"),
        ("rules: [{from: acq-a_MTS, to: mt-on}]", "not entities and a suffix"),
        ("rules: [{from: sub-a_MTS, to: mt-on_MTS}]", "renamed by --subject"),
        ("rules: [{from: foo-a_MTS, to: mt-on_MTS}]", "no entity foo-"),
        ("rules: [{from: acq-a_MTS, to: mt-on_MTS, set: [1]}]", "mappings from keys"),
        ("rules: [{from: acq-a_MTS, to: MTS}, {from: acq-b_MTS, to: MTS}]", "no way back"),
        ("rules: []\nrule: 1", "rule: is not a part"),
        ("a: [", "not YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_convention(str(file))
    assert caught.value.file == str(file)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(ConfigError, match="there are mts-flip-mt"):
        load_convention("mts-flip-mtt")
