from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py
Verdicts = Any


FILE = "sub-a1/anat/sub-a1_T1w.json"


def person(check: Checker, **values: Any) -> Verdicts:
    check.write({FILE: values})
    return check("privacy").of("SIDECAR_IDENTIFIES_PERSON")


def test_a_name_can_be_removed_and_is_not_repeated(check: Checker) -> None:
    (found,) = person(check, PatientName="Hantom^Pia")
    assert found.fix == {"op": "remove", "path": FILE, "key": "PatientName"}
    assert "Hantom" not in repr(found)


def test_a_name_inside_has_no_simple_fix(check: Checker) -> None:
    (found,) = person(check, global_={"const": {"PatientName": "Hantom^Pia"}})
    assert (found.location, found.fix) == (FILE, None)


def test_what_says_nothing(check: Checker) -> None:
    assert not person(
        check,
        PatientName=" ANONYMOUS ",
        PatientID="sub-a1",
        PatientBirthDate="",
        StudyID="0",
        AccessionNumber=None,
        OtherPatientIDs=[],
        OperatorsName="n/a",
    )


def test_another_participants_label_is_an_identity(check: Checker) -> None:
    assert person(check, PatientID="sub-a2")


def test_every_json_file_is_looked_at(check: Checker) -> None:
    value = {"PatientID": "4711"}
    paths = ["participants.json", f"sourcedata/{FILE}", f"derivatives/x/{FILE}", FILE]
    check.write(dict.fromkeys(paths, value))
    found = check("privacy").of("SIDECAR_IDENTIFIES_PERSON")
    assert {v.location for v in found} == set(paths)


def test_machine_and_date_are_said_once_per_site(check: Checker) -> None:
    value = {"DeviceSerialNumber": "40146", "StudyDate": "20190212"}
    files = [FILE, f"sourcedata/{FILE}", FILE.replace("a1", "a2"), FILE.replace("a1", "b1")]
    check.write(dict.fromkeys(files, value))
    verdicts = check("privacy")
    for code in ("SIDECAR_IDENTIFIES_DEVICE", "SIDECAR_HOLDS_DATE"):
        found = {v.site: v for v in verdicts.of(code)}
        assert {site: v.count for site, v in found.items()} == {"a": 3, "b": 1}
        assert found["a"].location == f"sourcedata/{FILE}"
        assert verdicts.number(code, Outcome.MET) == 1  # the description


def test_hashes_and_shifted_dates(check: Checker) -> None:
    value = {
        "DeviceSerialNumber": "9f86d081884c7d65",
        "AcquisitionDateTime": "1920-02-12T12:00:00",
    }
    check.write({FILE: value})
    verdicts = check("privacy")
    assert not verdicts.of("SIDECAR_IDENTIFIES_DEVICE")
    assert not verdicts.of("SIDECAR_HOLDS_DATE")
