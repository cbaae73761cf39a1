from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py


def scan(label: str, sidecar: Any, kind: str = "dwi") -> dict[str, Any]:
    stem = f"sub-{label}/dwi/sub-{label}_{kind}"
    return {f"{stem}.nii.gz": "", f"{stem}.json": sidecar}


def test_three_outcomes(check: Checker) -> None:
    check.write(
        {
            **scan("a1", {"Manufacturer": "Siemens", "ScanOptions": "PFP_SFS_CT"}),
            **scan("a2", {"Manufacturer": "SIEMENS", "ScanOptions": "PFP_SFS"}),
            **scan("a3", {"Manufacturer": "Philips Medical Systems", "ScanOptions": "FS"}),
            **scan("a4", {"Manufacturer": "GE", "ScanOptions": 3}),
            **scan("a5", {"ScanOptions": "FS"}),
        },
    )
    verdicts = check("gating")
    (found,) = verdicts.of("DWI_NOT_GATED")
    assert found.location == "sub-a2/dwi/sub-a2_dwi.nii.gz"
    assert found.message.endswith("(1 of 5 scans).")
    assert verdicts.number("DWI_NOT_GATED", Outcome.MET) == 1
    reasons = {v.reason for v in verdicts.of("DWI_NOT_GATED", Outcome.NOT_DETERMINABLE)}
    assert reasons == {
        "Philips Medical Systems doesn't export gating",
        "no ScanOptions in the sidecar",
        "an unknown vendor doesn't export gating",
    }


def test_the_vendor_may_stand_in_the_table(check: Checker) -> None:
    row = "participant_id\tmanufacturer\nsub-a1\tGE\n"
    check.write({"participants.tsv": row, **scan("a1", {"ScanOptions": ["EPI_GEMS"]})})
    assert check("gating").of("DWI_NOT_GATED")


def test_separate_b0_images_are_told_apart(check: Checker) -> None:
    sidecar = {"Manufacturer": "Siemens", "ScanOptions": "WE"}
    check.write({**scan("a1", sidecar), **scan("a1", sidecar, "acq-b0_dwi")})
    found = check("gating").of("DWI_NOT_GATED")
    assert {v.contrast for v in found} == {"dwi", "b0"}
