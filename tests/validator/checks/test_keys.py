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


STEM = "sub-a1/anat/sub-a1_flip-1_mt-off_MTS"
WHOLE = {
    "MTState": False,
    "FlipAngle": 9,
    "RepetitionTime": 0.035,
    "RepetitionTimeExcitation": 0.035,
}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name != key}


def test_what_follows_from_the_rest_can_be_set(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {f"{STEM}.nii.gz": "", f"{STEM}.json": without("RepetitionTimeExcitation")})
    (found,) = of(judge(tmp_path, "keys"), "SIDECAR_KEY_MISSING")
    assert found.fix == {
        "op": "set", "path": f"{STEM}.json", "key": "RepetitionTimeExcitation", "value": 0.035
    }  # fmt: skip
    assert found.observed == "missing in 1 sidecar"


def test_the_pulse_is_the_operators_to_know(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {f"{STEM}.nii.gz": "", f"{STEM}.json": without("MTState")})
    (found,) = of(judge(tmp_path, "keys"), "SIDECAR_KEY_MISSING")
    assert (found.sub_code, found.fix) == ("MTState", None)


def test_null_is_missing(judge: Judge, tmp_path: Path) -> None:
    write(tmp_path, {f"{STEM}.nii.gz": "", f"{STEM}.json": {**WHOLE, "MTState": None}})
    verdicts = judge(tmp_path, "keys")
    assert of(verdicts, "SIDECAR_KEY_MISSING")
    assert not of(verdicts, "SIDECAR_TYPE_WRONG")


def test_one_finding_per_site_and_key(judge: Judge, tmp_path: Path) -> None:
    stems = [STEM, STEM.replace("a1", "a2"), STEM.replace("a1", "b1"), "sub-a1/dwi/sub-a1_dwi"]
    images = {f"{stem}.nii.gz": "" for stem in stems}
    sidecars = {f"{stem}.json": without("FlipAngle") for stem in stems}
    write(tmp_path, {**images, **sidecars})
    verdicts = judge(tmp_path, "keys")
    found = {(v.site, v.sub_code): v for v in of(verdicts, "SIDECAR_KEY_MISSING")}
    assert set(found) == {("a", "FlipAngle"), ("b", "FlipAngle"), ("a", "EchoTime")}
    shared = found["a", "FlipAngle"]
    assert (shared.count, len(shared.affects), shared.fix) == (3, 2, None)
    assert shared.message == "FlipAngle is missing in the sidecars of MToff, dwi."


def wrong(judge: Judge, folder: Path, **values: Any) -> dict[str, Verdict]:
    write(folder, {f"{STEM}.nii.gz": "", f"{STEM}.json": {**WHOLE, **values}})
    return {v.sub_code: v for v in of(judge(folder, "keys"), "SIDECAR_TYPE_WRONG")}


def test_numbers_in_quotes_can_be_set_where_there_is_no_doubt(
    judge: Judge, tmp_path: Path
) -> None:
    found = wrong(
        judge,
        tmp_path,
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


def test_a_decimal_comma_is_in_doubt(judge: Judge, tmp_path: Path) -> None:
    assert wrong(judge, tmp_path, EchoTime="0,0022")["EchoTime"].fix is None


def test_kinds_are_told_in_words(judge: Judge, tmp_path: Path) -> None:
    found = wrong(
        judge,
        tmp_path,
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


def test_a_long_value_is_cut(judge: Judge, tmp_path: Path) -> None:
    found = wrong(judge, tmp_path, EchoTime="x" * 100_000)["EchoTime"]
    assert len(found.message) < 150
    assert len(found.observed) <= 1000


def test_what_a_raw_image_has_is_said_there(judge: Judge, tmp_path: Path) -> None:
    sidecar = {**WHOLE, "EchoTime": "0.003"}
    files = {f"{STEM}.nii.gz": "", f"{STEM}.json": sidecar}
    write(tmp_path, {**files, **{f"sourcedata/{name}": value for name, value in files.items()}})
    (found,) = of(judge(tmp_path, "keys"), "SIDECAR_TYPE_WRONG")
    assert found.location == f"sourcedata/{STEM}.json"
