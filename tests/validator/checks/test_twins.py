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


STEM = "sub-a1/anat/sub-a1_T1w"


def pair(judge: Judge, folder: Path, own: Any, raw: Any) -> list[Verdict]:
    files = {f"{STEM}.nii.gz": "", f"{STEM}.json": own}
    write(folder, {**files, f"sourcedata/{STEM}.nii.gz": "", f"sourcedata/{STEM}.json": raw})
    return judge(folder, "twins")


def test_three_differences_are_told_and_the_rest_counted(judge: Judge, tmp_path: Path) -> None:
    raw = {f"Key{n}": n for n in range(30)}
    (found,) = of(pair(judge, tmp_path, {"Key0": 1}, raw), "SIDECAR_TWIN_DIFFERS")
    assert found.message.startswith("Key0 is 1 here and 0 in the raw image's; Key1 is missing")
    assert found.message.endswith("27 more keys differ.")
    assert len(found.observed) == len(found.expected) == 20
    assert found.affects[0] == f"sourcedata/{STEM}.json"


def test_what_preprocessing_writes_may_differ(judge: Judge, tmp_path: Path) -> None:
    own = {"EchoTime": 1, "SpatialReference": "orig", "GeneratedBy": [], "Sources": ["x"]}
    assert not of(pair(judge, tmp_path, own, {"EchoTime": 1.0}), "SIDECAR_TWIN_DIFFERS")


def test_null_is_not_the_same_as_nothing(judge: Judge, tmp_path: Path) -> None:
    (found,) = of(pair(judge, tmp_path, {"SAR": None}, {}), "SIDECAR_TWIN_DIFFERS")
    assert found.message == "SAR is null here and missing in the raw image's."


def test_a_broken_one_can_not_be_compared(judge: Judge, tmp_path: Path) -> None:
    verdicts = pair(judge, tmp_path, "{", {"SAR": 1})
    assert count(verdicts, "SIDECAR_TWIN_DIFFERS", Outcome.NOT_DETERMINABLE) == 1
    assert not of(verdicts, "SIDECAR_TWIN_DIFFERS")
