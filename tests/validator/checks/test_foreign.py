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


MT = {"Manufacturer": "Philips", "EchoTime": 0.002, "RepetitionTime": 0.057, "FlipAngle": 9}


def bare(folder: Path, files: dict[str, Any]) -> Path:
    write(folder, files)
    (folder / "dataset_description.json").unlink()
    return folder


def test_images_of_two_people_get_two_labels(judge: Judge, tmp_path: Path) -> None:
    bare(tmp_path, {f"pat_{n}/T{k}w_3.nii.gz": "" for n in (1, 2) for k in (1, 2)})
    found = of(judge(tmp_path, "foreign"), "NAME_FOREIGN")
    assert [v.expected for v in found] == [
        f"sub-pat{n}/anat/sub-pat{n}_T{k}w.nii.gz" for n in (1, 2) for k in (1, 2)
    ]


def test_repeated_images_are_runs(judge: Judge, tmp_path: Path) -> None:
    bare(tmp_path, {"x/T1w_3.nii.gz": "", "x/T1w_9.nii": "", "x/T2w.nii.gz": ""})
    found = of(judge(tmp_path, "foreign"), "NAME_FOREIGN")
    assert [v.expected for v in found] == [
        "sub-x/anat/sub-x_run-01_T1w.nii.gz",
        "sub-x/anat/sub-x_run-02_T1w.nii",
        "sub-x/anat/sub-x_T2w.nii.gz",
    ]


def test_files_of_one_echo_each_are_no_runs(judge: Judge, tmp_path: Path) -> None:
    sidecars = {f"x/me_e{n}.json": {"EchoNumber": n, "ProtocolName": "GRE-ME"} for n in (1, 2)}
    bare(tmp_path, {**sidecars, "x/me_e1.nii.gz": "", "x/me_e2.nii.gz": ""})
    found = of(judge(tmp_path, "foreign"), "NAME_FOREIGN")
    assert [v.expected for v in found] == [
        f"sub-x/anat/sub-x_echo-{n}_MEGRE.nii.gz" for n in (1, 2)
    ]


def test_what_lies_beside_moves_along(judge: Judge, tmp_path: Path) -> None:
    bare(tmp_path, {"x/dwi.nii.gz": "", "x/dwi.bval": "0", "x/dwi.bvec": "0", "x/dwi.json": {}})
    (found,) = of(judge(tmp_path, "foreign"), "NAME_FOREIGN")
    assert found.affects == ("x/dwi.json", "x/dwi.bval", "x/dwi.bvec")
    assert found.suggestion.endswith(".json and .bval and .bvec beside it alike.")


def test_of_several_words_one_is_enough(judge: Judge, tmp_path: Path) -> None:
    words = {"SeriesDescription": "T2w", "ProtocolName": "T2w"}
    bare(tmp_path, {"x/T2w.nii.gz": "", "x/T2w.json": words})
    (found,) = of(judge(tmp_path, "foreign"), "NAME_FOREIGN")
    assert found.message == "This looks like T2w: SeriesDescription 'T2w'."


def test_a_word_against_the_parameters_is_told(judge: Judge, tmp_path: Path) -> None:
    sidecar = {"InversionTime": 1, "EchoTime": 0.003, "RepetitionTime": 2, "FlipAngle": 9}
    bare(tmp_path, {"x/T2w_1.nii.gz": "", "x/T2w_1.json": sidecar})
    (found,) = of(judge(tmp_path, "foreign"), "NAME_FOREIGN")
    assert found.contrast == "T1w"
    assert "but the file is called 'T2w_1' would be T2w" in found.message


def test_undecided_is_no_name_yet(judge: Judge, tmp_path: Path) -> None:
    bare(tmp_path, {"x/S501.nii.gz": "", "x/S501.json": MT, "x/S502.nii.gz": ""})
    verdicts = judge(tmp_path, "foreign")
    pair, unknown = of(verdicts, "NAME_UNDECIDED")
    assert pair.expected == ["MTon", "MToff"]
    assert "the cord is darker" in pair.suggestion
    assert unknown.expected is None
    assert count(verdicts, "NAME_FOREIGN", Outcome.NOT_DETERMINABLE) == 2


def test_a_dataset_has_no_foreign_names(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {"sub-x/anat/T2w_4.nii.gz": ""})
    assert judge(tmp_path, "foreign") == []
