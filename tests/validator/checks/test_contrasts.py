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


def test_each_missing_contrast_is_a_finding_of_its_own(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {"sub-a1/anat/sub-a1_T1w.nii.gz": "", "sub-a1/dwi/sub-a1_dwi.nii.gz": ""})
    verdicts = judge(tmp_path, "contrasts")
    found = of(verdicts, "CONTRAST_MISSING")
    assert {v.sub_code for v in found} == {"T2w", "T2star", "MTon", "MToff", "GRE-T1w"}
    assert {v.location for v in found} == {"sub-a1"}
    assert all(v.observed == ["T1w", "dwi"] for v in found)
    assert count(verdicts, "CONTRAST_MISSING", Outcome.MET) == 2


def test_a_misnamed_image_may_be_the_missing_one(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {"sub-a1/anat/sub-a1_T2W.nii.gz": "", "sub-a1/anat/T1w_4.nii.gz": ""})
    verdicts = judge(tmp_path, "contrasts")
    missing = {v.sub_code for v in of(verdicts, "CONTRAST_MISSING")}
    assert not {"T1w", "T2w"} & missing
    (blind,) = of(verdicts, "CONTRAST_MISSING", Outcome.NOT_DETERMINABLE)
    assert blind.contrast == "T2w"
    assert not of(verdicts, "CONTRAST_UNEXPECTED")


def test_raw_images_alone_are_enough(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {"sourcedata/sub-a1/anat/sub-a1_T1w.nii.gz": ""})
    found = of(judge(tmp_path, "contrasts"), "CONTRAST_MISSING")
    assert "T1w" not in {v.sub_code for v in found}


def test_others_are_gathered_by_site_and_suffix(judge: Judge, tmp_path: Path) -> None:
    names = ("a1/anat/sub-a1_FLAIR", "a2/anat/sub-a2_acq-x_FLAIR", "b1/anat/sub-b1_FLAIR")
    write(tmp_path, {f"sub-{name}.nii.gz": "" for name in names})
    first, second = of(judge(tmp_path, "contrasts"), "CONTRAST_UNEXPECTED")
    assert (first.site, first.count, first.observed) == ("a", 2, ["FLAIR", "acq-x_FLAIR"])
    assert first.affects == ("sub-a2/anat/sub-a2_acq-x_FLAIR.nii.gz",)
    assert second.message.startswith("The image ends in _FLAIR")


def test_in_a_bare_folder_the_folder_is_named(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {"p/1/T1w.nii.gz": "", "p/2/T2w.nii.gz": ""})
    (tmp_path / "dataset_description.json").unlink()
    found = of(judge(tmp_path, "contrasts"), "CONTRAST_MISSING")
    assert {v.location for v in found} == {"p"}
    assert found[0].message == "p has no T2star (its name ends in _T2star)."
    assert not of(judge(tmp_path, "contrasts"), "CONTRAST_UNEXPECTED")
