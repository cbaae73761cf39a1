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


FILE = "sub-a1/anat/sub-a1_T1w.json"


def person(judge: Judge, folder: Path, **values: Any) -> list[Verdict]:
    write(folder, {FILE: values})
    return of(judge(folder, "privacy"), "SIDECAR_IDENTIFIES_PERSON")


def test_a_name_can_be_removed_and_is_not_repeated(judge: Judge, tmp_path: Path) -> None:
    (found,) = person(judge, tmp_path, PatientName="Hantom^Pia")
    assert found.fix == {"op": "remove", "path": FILE, "key": "PatientName"}
    assert "Hantom" not in repr(found)


def test_a_name_inside_has_no_simple_fix(judge: Judge, tmp_path: Path) -> None:
    (found,) = person(judge, tmp_path, global_={"const": {"PatientName": "Hantom^Pia"}})
    assert (found.location, found.fix) == (FILE, None)


def test_what_says_nothing(judge: Judge, tmp_path: Path) -> None:
    assert not person(
        judge,
        tmp_path,
        PatientName=" ANONYMOUS ",
        PatientID="sub-a1",
        PatientBirthDate="",
        StudyID="0",
        AccessionNumber=None,
        OtherPatientIDs=[],
        OperatorsName="n/a",
    )


def test_another_participants_label_is_an_identity(judge: Judge, tmp_path: Path) -> None:
    assert person(judge, tmp_path, PatientID="sub-a2")


def test_every_json_file_is_looked_at(judge: Judge, tmp_path: Path) -> None:
    value = {"PatientID": "4711"}
    paths = ["participants.json", f"sourcedata/{FILE}", f"derivatives/x/{FILE}", FILE]
    write(tmp_path, dict.fromkeys(paths, value))
    found = of(judge(tmp_path, "privacy"), "SIDECAR_IDENTIFIES_PERSON")
    assert {v.location for v in found} == set(paths)


def test_machine_and_date_are_said_once_per_site(judge: Judge, tmp_path: Path) -> None:
    value = {"DeviceSerialNumber": "40146", "StudyDate": "20190212"}
    files = [FILE, f"sourcedata/{FILE}", FILE.replace("a1", "a2"), FILE.replace("a1", "b1")]
    write(tmp_path, dict.fromkeys(files, value))
    verdicts = judge(tmp_path, "privacy")
    for code in ("SIDECAR_IDENTIFIES_DEVICE", "SIDECAR_HOLDS_DATE"):
        found = {v.site: v for v in of(verdicts, code)}
        assert {site: v.count for site, v in found.items()} == {"a": 3, "b": 1}
        assert found["a"].location == f"sourcedata/{FILE}"
        assert count(verdicts, code, Outcome.MET) == 1  # the description


def test_hashes_and_shifted_dates(judge: Judge, tmp_path: Path) -> None:
    value = {
        "DeviceSerialNumber": "9f86d081884c7d65",
        "AcquisitionDateTime": "1920-02-12T12:00:00",
    }
    write(tmp_path, {FILE: value})
    verdicts = judge(tmp_path, "privacy")
    assert not of(verdicts, "SIDECAR_IDENTIFIES_DEVICE")
    assert not of(verdicts, "SIDECAR_HOLDS_DATE")
