"""Drafts pass the check and say what they left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.protocol_specs.exports.draft import contrast_name, draft_spec
from spinegate.protocol_specs.exports.export import Export, Step
from spinegate.protocol_specs.loader import load_spec
from spinegate.protocol_specs.spec import Spec
from spinegate.system.errors import ConfigError


@pytest.mark.parametrize(
    ("step", "contrast"),
    [
        ("T1w", "T1w"),
        ("t1_mprage_slabSel", "T1w"),
        ("T2w_turbo100_interleaved", "T2w"),
        ("GRE-ME_TR600_3echoes_localShim_2nav", "T2star"),
        ("t2s_medic", "T2star"),
        ("GRE-MT1", "MTon"),
        ("GRE-MT", "MTon"),
        ("mt_on", "MTon"),
        ("GRE-MT0", "MToff"),
        ("MT-off", "MToff"),
        ("GRE-T1w", "GRE-T1w"),
        ("GRE-T1", "GRE-T1w"),
        ("DWI", "dwi"),
        ("ep2d_diff_ZOOMit_PF78_SPAIR", "dwi"),
        ("DWI_b0", "b0"),
        ("Localizer", ""),
        ("SURVEY", ""),
        ("Cal HNS CTL123", ""),
        ("my own/scan!", "my-own-scan"),
    ],
)
def test_names_of_scans(step: str, contrast: str) -> None:
    assert contrast_name(step)[0] == contrast


def load(tmp_path: Path, text: str) -> Spec:
    """Load a draft, which checks it against the schema."""
    file = tmp_path / "draft.yaml"
    file.write_text(text)
    return load_spec(file)


def export(*steps: Step, model: str = "Skyra", software: str = "") -> Export:
    """Make an export of a Siemens scanner."""
    return Export(
        "a/b.pdf", "Siemens protocol printout", "Siemens", model, software, steps, "shim"
    )


def test_a_draft_is_a_spec(tmp_path: Path) -> None:
    text = draft_spec(
        [
            export(
                Step("Localizer", {"RepetitionTime": 0.0078}),
                Step("T1w", {"RepetitionTime": 2, "EchoTime": 0.00372, "ImageType": "NORM"}),
                Step("T1w again", {"RepetitionTime": 3}),
                Step("DWI", {"RepetitionTime": 0.67}, 30, (800.0,)),
                Step("T2w", {}),
            )
        ]
    )
    spec = load(tmp_path, text)
    variant = spec.match("Siemens", "Skyra").variant
    assert variant is not None
    assert variant.parameters("T1w")["RepetitionTime"].target == 2
    assert variant.parameters("T1w")["RepetitionTime"].source == "export-1"
    assert variant.parameters("T1w")["ImageType"].accepts(["NORM"])
    assert variant.diffusion["dwi"][0].directions == 30
    assert spec.contrast_of({}, "dwi") == "dwi"
    assert '# "Localizer" is left out' in text
    assert '# "T1w again" is a second T1w; left out' in text
    assert '# "T2w" is left out' in text
    assert "# not read: shim" in text


def test_exports_of_several_scanners_become_variants(tmp_path: Path) -> None:
    steps = Step("T2w", {"EchoTime": 0.12})
    spec = load(tmp_path, draft_spec([export(steps), export(steps, model="")]))
    assert [variant.name for variant in spec.variants] == [
        "siemens-skyra-export-1",
        "siemens-export-2",
    ]


def test_a_scan_without_values_still_drafts(tmp_path: Path) -> None:
    spec = load(tmp_path, draft_spec([export(Step("T2w"), Step("strange: {name}"))]))
    assert spec.variants[0].parameters("T2w") == {}


def test_localizers_alone_are_nothing() -> None:
    with pytest.raises(ConfigError, match="no scan but localizers"):
        draft_spec([export(Step("Localizer", {"RepetitionTime": 1}))])


def test_the_report_says_what_was_and_was_not_read() -> None:
    report = export(Step("T1w", {"EchoTime": 0.003}), Step("T2w")).report()
    assert report.splitlines() == [
        "a/b.pdf: Siemens protocol printout, 2 scans",
        "  T1w: EchoTime",
        "  T2w: its name only",
        "  not read: shim",
    ]
