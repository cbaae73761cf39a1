from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spinegate.validator.finding import Outcome
from spinegate.validator.verdict import Verdict

Judge = Callable[..., list[Verdict]]


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, value in {"dataset_description.json": {"Name": "X"}, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value))
    return folder


def of(verdicts: list[Verdict], code: str, outcome: Outcome = Outcome.NOT_MET) -> list[Verdict]:
    return [v for v in verdicts if v.code == code and v.outcome is outcome and v.count]


def count(verdicts: list[Verdict], code: str, outcome: Outcome) -> int:
    return sum(v.count for v in verdicts if v.code == code and v.outcome is outcome)


def scan(label: str, sidecar: Any, kind: str = "dwi") -> dict[str, Any]:
    stem = f"sub-{label}/dwi/sub-{label}_{kind}"
    return {f"{stem}.nii.gz": "", f"{stem}.json": sidecar}


def test_three_outcomes(judge: Judge, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            **scan("a1", {"Manufacturer": "Siemens", "ScanOptions": "PFP_SFS_CT"}),
            **scan("a2", {"Manufacturer": "SIEMENS", "ScanOptions": "PFP_SFS"}),
            **scan("a3", {"Manufacturer": "Philips Medical Systems", "ScanOptions": "FS"}),
            **scan("a4", {"Manufacturer": "GE", "ScanOptions": 3}),
            **scan("a5", {"ScanOptions": "FS"}),
        },
    )
    verdicts = judge(tmp_path, "gating")
    (found,) = of(verdicts, "DWI_NOT_GATED")
    assert found.location == "sub-a2/dwi/sub-a2_dwi.nii.gz"
    assert found.message.endswith("(1 of 5 scans).")
    assert count(verdicts, "DWI_NOT_GATED", Outcome.MET) == 1
    reasons = {v.reason for v in of(verdicts, "DWI_NOT_GATED", Outcome.NOT_DETERMINABLE)}
    assert reasons == {
        "Philips Medical Systems doesn't export gating",
        "no ScanOptions in the sidecar",
        "an unknown vendor doesn't export gating",
    }


def test_the_vendor_may_stand_in_the_table(judge: Judge, tmp_path: Path) -> None:
    row = "participant_id\tmanufacturer\nsub-a1\tGE\n"
    write(tmp_path, {"participants.tsv": row, **scan("a1", {"ScanOptions": ["EPI_GEMS"]})})
    assert of(judge(tmp_path, "gating"), "DWI_NOT_GATED")


def test_separate_b0_images_are_told_apart(judge: Judge, tmp_path: Path) -> None:
    sidecar = {"Manufacturer": "Siemens", "ScanOptions": "WE"}
    write(tmp_path, {**scan("a1", sidecar), **scan("a1", sidecar, "acq-b0_dwi")})
    found = of(judge(tmp_path, "gating"), "DWI_NOT_GATED")
    assert {v.contrast for v in found} == {"dwi", "b0"}
