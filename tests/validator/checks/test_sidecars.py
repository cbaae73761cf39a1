from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spinegate.validator.finding import Outcome, Severity
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


IMAGE = "sub-a1/anat/sub-a1_T1w.nii.gz"
FILE = "sub-a1/anat/sub-a1_T1w.json"


def test_a_fault_tells_its_line_once(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {FILE: '{\n"EchoTime": 0.003,\n}'})
    (found,) = of(judge(tmp_path, "sidecars"), "SIDECAR_NOT_JSON")
    assert found.line in (2, 3)
    assert found.message.startswith("The text can't be read as JSON: ")
    assert found.message.count("line") <= 1
    assert found.site == "a"


def test_a_broken_file_hides_what_follows(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {FILE: '{"a": NaN, "a": 1,'})
    verdicts = judge(tmp_path, "sidecars")
    assert count(verdicts, "SIDECAR_NOT_JSON", Outcome.NOT_MET) == 1
    assert count(verdicts, "SIDECAR_DUPLICATE_KEY", Outcome.NOT_DETERMINABLE) == 1
    assert count(verdicts, "SIDECAR_DUPLICATE_KEY", Outcome.MET) == 1  # the description


def test_two_faults_of_one_kind_in_one_file(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {FILE: '{"a": 1, "a": 2, "b": 1, "b": 2}'})
    verdicts = judge(tmp_path, "sidecars")
    found = of(verdicts, "SIDECAR_DUPLICATE_KEY")
    assert [v.sub_code for v in found] == ["", "1"]
    assert count(verdicts, "SIDECAR_NOT_JSON", Outcome.MET) == 2


def test_an_image_alone(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {IMAGE: ""})
    (found,) = of(judge(tmp_path, "sidecars"), "SIDECAR_MISSING")
    assert (found.location, found.expected, found.contrast) == (IMAGE, FILE, "T1w")


def test_derivatives_are_gathered(judge: Judge, tmp_path: Path) -> None:
    names = [f"sub-{n}/anat/sub-{n}_T1w_label-SC_seg" for n in ("a1", "a2", "b1")]
    write(tmp_path, {f"derivatives/labels/{name}.nii.gz": "" for name in names})
    first, second = of(judge(tmp_path, "sidecars"), "SIDECAR_MISSING")
    assert (first.site, first.count, len(first.affects)) == ("a", 2, 1)
    assert first.message.startswith("2 images of derivatives/labels have no sidecar")
    assert second.message.startswith("The image has no sidecar")
    assert first.severity is second.severity is Severity.WARNING


def test_a_sidecar_that_is_elsewhere_is_not_missing(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {IMAGE: "", FILE: "/annex/objects/MD5E-s3--00.json\n"})
    verdicts = judge(tmp_path, "sidecars", "keys")
    assert not of(verdicts, "SIDECAR_MISSING")
    assert not of(verdicts, "SIDECAR_KEY_MISSING")
