from __future__ import annotations

from typing import Any

from spinegate.validator.verdict import Verdict

Checker = Any  # see conftest.py


STEM = "sub-a1/anat/sub-a1_flip-1_mt-off_MTS"
WHOLE = {
    "MTState": False,
    "FlipAngle": 9,
    "RepetitionTime": 0.035,
    "RepetitionTimeExcitation": 0.035,
}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name != key}


def test_what_follows_from_the_rest_can_be_set(check: Checker) -> None:
    check.write({f"{STEM}.nii.gz": "", f"{STEM}.json": without("RepetitionTimeExcitation")})
    (found,) = check("keys").of("SIDECAR_KEY_MISSING")
    assert found.fix == {
        "op": "set", "path": f"{STEM}.json", "key": "RepetitionTimeExcitation", "value": 0.035
    }  # fmt: skip
    assert found.observed == "missing"


def test_the_pulse_is_the_operators_to_know(check: Checker) -> None:
    check.write({f"{STEM}.nii.gz": "", f"{STEM}.json": without("MTState")})
    (found,) = check("keys").of("SIDECAR_KEY_MISSING")
    assert (found.sub_code, found.fix) == ("MTState", None)


def test_null_is_missing(check: Checker) -> None:
    check.write({f"{STEM}.nii.gz": "", f"{STEM}.json": {**WHOLE, "MTState": None}})
    verdicts = check("keys")
    assert verdicts.of("SIDECAR_KEY_MISSING")
    assert not verdicts.of("SIDECAR_TYPE_WRONG")


def test_one_finding_per_site_and_key(check: Checker) -> None:
    stems = [STEM, STEM.replace("a1", "a2"), STEM.replace("a1", "b1"), "sub-a1/dwi/sub-a1_dwi"]
    images = {f"{stem}.nii.gz": "" for stem in stems}
    sidecars = {f"{stem}.json": without("FlipAngle") for stem in stems}
    check.write({**images, **sidecars})
    verdicts = check("keys")
    found = {(v.site, v.sub_code): v for v in verdicts.of("SIDECAR_KEY_MISSING")}
    assert set(found) == {("a", "FlipAngle"), ("b", "FlipAngle"), ("a", "EchoTime")}
    shared = found["a", "FlipAngle"]
    assert (shared.count, len(shared.affects), shared.fix) == (3, 2, None)
    assert shared.message == "FlipAngle is missing in the sidecars of MToff, dwi."


def wrong(check: Checker, **values: Any) -> dict[str, Verdict]:
    check.write({f"{STEM}.nii.gz": "", f"{STEM}.json": {**WHOLE, **values}})
    return {v.sub_code: v for v in check("keys").of("SIDECAR_TYPE_WRONG")}


def test_numbers_in_quotes_can_be_set_where_there_is_no_doubt(check: Checker) -> None:
    found = wrong(
        check,
        EchoTime="0.0022,0.0085,0.0148",
        RepetitionTime=" 0.035 ",
        InversionTime="0,001",
        FlipAngle="9 degrees",
        SAR="nan",
        TxRefAmp="1_0",
        PixelBandwidth="260.0,260.0",
        SliceThickness=[5],
    )
    values = {key: v.fix["value"] for key, v in found.items() if v.fix}
    assert values == {"EchoTime": [0.0022, 0.0085, 0.0148], "RepetitionTime": 0.035}
    assert len(found) == 8
    assert found["EchoTime"].suggestion == "Write EchoTime: [0.0022, 0.0085, 0.0148]."


def test_a_decimal_comma_is_in_doubt(check: Checker) -> None:
    assert wrong(check, EchoTime="0,0022")["EchoTime"].fix is None


def test_kinds_are_told_in_words(check: Checker) -> None:
    found = wrong(
        check,
        MTState="on",
        Manufacturer=3,
        ShimSetting="1,2",
        ImageOrientationPatientDICOM=[1, 0, 0],
        ImageType="M",
        EchoTime=[],
    )
    assert {key: v.expected for key, v in found.items()} == {
        "MTState": "true or false",
        "Manufacturer": "a text",
        "ShimSetting": "a list of numbers",
        "ImageOrientationPatientDICOM": "a list of 6 numbers",
        "ImageType": "a list of texts",
        "EchoTime": "a number",
    }
    assert found["MTState"].message == 'MTState is "on" where true or false belongs.'


def test_a_long_value_is_cut(check: Checker) -> None:
    found = wrong(check, EchoTime="x" * 100_000)["EchoTime"]
    assert len(found.message) < 150
    assert len(found.observed) <= 1000


def test_what_a_raw_image_has_is_said_there(check: Checker) -> None:
    sidecar = {**WHOLE, "EchoTime": "0.003"}
    files = {f"{STEM}.nii.gz": "", f"{STEM}.json": sidecar}
    check.write({**files, **{f"sourcedata/{name}": value for name, value in files.items()}})
    (found,) = check("keys").of("SIDECAR_TYPE_WRONG")
    assert found.location == f"sourcedata/{STEM}.json"


def test_a_number_that_cannot_be_is_to_be_looked_up(check: Checker) -> None:
    found = wrong(
        check, RepetitionTime="00645023", EchoTime="3.2", FlipAngle="400", InversionTime="-1"
    )
    assert {key: v.fix for key, v in found.items()} == dict.fromkeys(found)
    assert len(found) == 4
    assert all(v.suggestion.startswith(f"Look {key} up") for key, v in found.items())
    assert wrong(check, RepetitionTime="1500")["RepetitionTime"].fix is None
    assert wrong(check, RepetitionTime="1.5")["RepetitionTime"].fix is None  # of the MT series


def test_each_kind_has_a_suggestion_of_its_own(check: Checker) -> None:
    found = wrong(check, MTState="on", Manufacturer=3)
    assert found["MTState"].suggestion == "Write MTState: true or MTState: false, without quotes."
    assert found["Manufacturer"].suggestion.startswith("Write Manufacturer in quotes")
