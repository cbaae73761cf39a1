from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py
Verdicts = Any


STEM = "sub-a1/anat/sub-a1_T1w"


def pair(check: Checker, own: Any, raw: Any) -> Verdicts:
    files = {f"{STEM}.nii.gz": "", f"{STEM}.json": own}
    check.write({**files, f"sourcedata/{STEM}.nii.gz": "", f"sourcedata/{STEM}.json": raw})
    return check("twins")


def test_three_differences_are_told_and_the_rest_counted(check: Checker) -> None:
    raw = {f"Key{n}": n for n in range(30)}
    (found,) = pair(check, {"Key0": 1}, raw).of("SIDECAR_TWIN_DIFFERS")
    assert found.message.startswith(
        "Key0 is 1 here and 0 in the raw image's sidecar; Key1 is missing"
    )
    assert found.message.endswith("27 more keys differ.")
    assert len(found.observed) == len(found.expected) == 20
    assert found.affects[0] == f"sourcedata/{STEM}.json"


def test_what_preprocessing_writes_may_differ(check: Checker) -> None:
    own = {"EchoTime": 1, "SpatialReference": "orig", "GeneratedBy": [], "Sources": ["x"]}
    assert not pair(check, own, {"EchoTime": 1.0}).of("SIDECAR_TWIN_DIFFERS")


def test_null_is_not_the_same_as_nothing(check: Checker) -> None:
    (found,) = pair(check, {"SAR": None}, {}).of("SIDECAR_TWIN_DIFFERS")
    assert found.message == "SAR is null here and missing in the raw image's sidecar."


def test_a_broken_one_can_not_be_compared(check: Checker) -> None:
    verdicts = pair(check, "{", {"SAR": 1})
    assert verdicts.number("SIDECAR_TWIN_DIFFERS", Outcome.NOT_DETERMINABLE) == 1
    assert not verdicts.of("SIDECAR_TWIN_DIFFERS")


def test_one_of_the_two_may_keep_silent_on_the_machine(check: Checker) -> None:
    raw = {"DeviceSerialNumber": "40146", "PatientName": "x", "EchoTime": 0.1}
    assert not pair(check, {"EchoTime": 0.1}, raw).of("SIDECAR_TWIN_DIFFERS")
    assert pair(check, raw | {"DeviceSerialNumber": "7"}, raw).of("SIDECAR_TWIN_DIFFERS")
