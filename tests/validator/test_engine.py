"""Expressions over scans and series, modules, and what the engine does not do twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from spinegate.protocol_specs.loader import load_spec
from spinegate.rules.loader import load_rules
from spinegate.validator.dataset import load_dataset
from spinegate.validator.engine import DISPATCH, _dispatch_key, run_rules
from spinegate.validator.finding import Origin
from spinegate.validator.inspection import Inspection
from spinegate.validator.ledger import Ledger
from spinegate.validator.tree import open_tree

SPEC = load_spec("spine-generic")
HEAD = '  level: error\n  message: "{contrast}: {observed}, {count} of {total}."\n'
HEAD += "  why: It matters.\n  source: Here.\n"
ON, OFF = "flip-1_mt-on_MTS", "flip-1_mt-off_MTS"


def inspect(folder: Path, sidecars: Mapping[str, Any]) -> Inspection:
    for name, sidecar in sidecars.items():
        label, _, stem = name.partition("_")
        path = folder / f"sub-{label}/anat/sub-{label}_{stem}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(sidecar))
        path.with_suffix(".nii.gz").write_bytes(b"")
    return Inspection(load_dataset(open_tree(folder), SPEC), SPEC)


def run(inspection: Inspection, tmp_path: Path, text: str) -> Ledger:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    rules = load_rules([path])
    path.unlink()
    ledger = Ledger(rules, Origin("spinegate", "0"))
    run_rules(inspection, rules, ledger)
    return ledger


def counts(ledger: Ledger) -> tuple[int, int, int]:
    (count,) = ledger.counts()
    return count.met, count.not_met, count.not_determinable


SIDECARS = {
    "a01_T1w": {"EchoTime": 0.003},
    "a02_T1w": {"EchoTime": 3.0},
    "a03_T1w": {"EchoTime": 3.0},
    "a04_T1w": {},
    "b01_T1w": {"EchoTime": 4.0},
    "a01_T2w": {"EchoTime": 9.0},
}


def test_a_rule_of_scans(tmp_path: Path) -> None:
    text = "CODE:\n  scope: scan\n" + HEAD + "  selectors: [suffix == 'T1w']\n"
    text += "  checks: [sidecar.EchoTime < 1]\n  observed: sidecar.EchoTime\n"
    ledger = run(inspect(tmp_path, SIDECARS), tmp_path, text)
    assert counts(ledger) == (1, 3, 1)
    assert [finding.message for finding in ledger.findings] == [
        "T1w: 3, 1 of 1.",
        "T1w: 3, 1 of 1.",
        "T1w: 4, 1 of 1.",
    ]
    assert ledger.counts()[0].reasons == {"no EchoTime in the sidecar": 1}


def test_a_rule_of_sites_gives_one_finding_per_site(tmp_path: Path) -> None:
    text = "CODE:\n  scope: site\n  over: scan\n" + HEAD + "  selectors: [suffix == 'T1w']\n"
    text += "  checks: [sidecar.EchoTime < 1]\n  observed: sidecar.EchoTime\n"
    ledger = run(inspect(tmp_path, SIDECARS), tmp_path, text)
    assert counts(ledger) == (1, 3, 1)
    first, second = ledger.findings
    assert (first.site, first.message, first.observed) == ("a", "T1w: 3, 2 of 4.", 3.0)
    assert first.affects == ("sub-a03/anat/sub-a03_T1w.nii.gz",)
    assert (second.site, second.message) == ("b", "T1w: 4, 1 of 1.")
    assert ledger.counts()[0].breakdown["a", "T1w"] == (1, 2, 1)


def test_a_rule_of_series(tmp_path: Path) -> None:
    text = "CODE:\n  scope: series\n" + HEAD
    text += "  checks: [same(series.sidecar.FlipAngle)]\n  observed: series.sidecar.FlipAngle\n"
    ledger = run(
        inspect(tmp_path, {f"a01_{ON}": {"FlipAngle": 9}, f"a01_{OFF}": {"FlipAngle": 15}}),
        tmp_path,
        text,
    )
    assert {finding.sub_code for finding in ledger.findings} == {"MT", "MTS"}
    assert ledger.findings[0].affects == (f"sub-a01/anat/sub-a01_{OFF}.nii.gz",)


def test_the_key_of_dispatch_is_what_the_context_says(tmp_path: Path) -> None:
    names: dict[str, Any] = {"a01_T1w": {}, f"a01_{ON}": {}, "a01_rec-average_dwi": {}}
    inspection = inspect(tmp_path, names)
    foreign = tmp_path / "derivatives/x/sub-a01_T1w_seg.nii.gz"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"")
    (tmp_path / "foreign.nii").write_bytes(b"")
    inspection = Inspection(load_dataset(open_tree(tmp_path), SPEC), SPEC)
    assert len(inspection.dataset.scans) == 5
    for scan in inspection.dataset.scans:
        context = inspection.contexts.scan(scan, None)
        assert _dispatch_key(scan) == tuple(context[name] for name in DISPATCH)


def test_a_scan_is_matched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inspection = inspect(tmp_path, {"a01_T1w": {"Manufacturer": "Siemens"}, "a01_bold": {}})
    asked: list[str] = []
    match = inspection._match

    def count(scan: Any) -> Any:
        asked.append(scan.path)
        return match(scan)

    monkeypatch.setattr(inspection, "_match", count)
    rules = load_rules()
    run_rules(inspection, rules, Ledger(rules, Origin("spinegate", "0")))
    assert asked == ["sub-a01/anat/sub-a01_T1w.nii.gz"]


def test_members_of_a_series_by_run(tmp_path: Path) -> None:
    names = ["run-1_" + ON, "run-2_" + ON, OFF]
    for name in names:
        path = tmp_path / f"sub-a01/anat/sub-a01_{name.replace('_', '_', 1)}.nii.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    inspection = Inspection(load_dataset(open_tree(tmp_path), SPEC), SPEC)
    found = [
        [scan.path.rpartition("/")[2] for scan in scans] for scans in inspection.members("MT")
    ]
    assert found == [
        [f"sub-a01_run-1_{ON}.nii.gz", f"sub-a01_{OFF}.nii.gz"],
        [f"sub-a01_run-2_{ON}.nii.gz", f"sub-a01_{OFF}.nii.gz"],
    ]


def test_runs_of_another_contrast_do_not_repeat_a_series(tmp_path: Path) -> None:
    names: dict[str, Any] = {
        f"a01_{ON}": {},
        f"a01_{OFF}": {},
        "a01_run-1_T1w": {},
        "a01_run-2_T1w": {},
    }
    assert len(list(inspect(tmp_path, names).members("MT"))) == 1


def test_folders_of_images_without_names_are_exams_of_their_own(tmp_path: Path) -> None:
    for folder, minute in (("one", 0), ("two", 50)):
        for contrast, number in (("T1w", 2), ("T2w", 3)):
            path = tmp_path / folder / f"{contrast}.json"
            path.parent.mkdir(exist_ok=True)
            sidecar = {
                "SeriesDescription": contrast,
                "SeriesNumber": number,
                "AcquisitionTime": f"10:{minute + number:02d}:00",
            }
            path.write_text(json.dumps(sidecar))
            path.with_suffix(".nii.gz").write_bytes(b"")
    inspection = Inspection(load_dataset(open_tree(tmp_path), SPEC), SPEC)
    assert [len(scans) for scans in inspection.sessions.values()] == [2, 2]
    ledger = Ledger(load_rules(), Origin("spinegate", "0"))
    run_rules(inspection, [r for r in load_rules() if r.check == "order"], ledger)
    assert ledger.findings == []
