from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py


MT = {"Manufacturer": "Philips", "EchoTime": 0.002, "RepetitionTime": 0.057, "FlipAngle": 9}


def test_images_of_two_people_get_two_labels(check: Checker) -> None:
    check.write({f"pat_{n}/T{k}w_3.nii.gz": "" for n in (1, 2) for k in (1, 2)}, bare=True)
    found = check("foreign").of("NAME_FOREIGN")
    assert [v.expected for v in found] == [
        f"sub-pat{n}/anat/sub-pat{n}_T{k}w.nii.gz" for n in (1, 2) for k in (1, 2)
    ]


def test_repeated_images_are_runs(check: Checker) -> None:
    check.write({"x/T1w_3.nii.gz": "", "x/T1w_9.nii": "", "x/T2w.nii.gz": ""}, bare=True)
    found = check("foreign").of("NAME_FOREIGN")
    assert [v.expected for v in found] == [
        "sub-x/anat/sub-x_run-01_T1w.nii.gz",
        "sub-x/anat/sub-x_run-02_T1w.nii",
        "sub-x/anat/sub-x_T2w.nii.gz",
    ]


def test_files_of_one_echo_each_are_no_runs(check: Checker) -> None:
    sidecars = {f"x/me_e{n}.json": {"EchoNumber": n, "ProtocolName": "GRE-ME"} for n in (1, 2)}
    check.write({**sidecars, "x/me_e1.nii.gz": "", "x/me_e2.nii.gz": ""}, bare=True)
    found = check("foreign").of("NAME_FOREIGN")
    assert [v.expected for v in found] == [
        f"sub-x/anat/sub-x_echo-{n}_MEGRE.nii.gz" for n in (1, 2)
    ]


def test_what_lies_beside_moves_along(check: Checker) -> None:
    check.write(
        {"x/dwi.nii.gz": "", "x/dwi.bval": "0", "x/dwi.bvec": "0", "x/dwi.json": {}}, bare=True
    )
    (found,) = check("foreign").of("NAME_FOREIGN")
    assert found.affects == ("x/dwi.json", "x/dwi.bval", "x/dwi.bvec")
    assert found.suggestion.endswith(".json and .bval and .bvec beside it alike.")


def test_of_several_words_one_is_enough(check: Checker) -> None:
    words = {"SeriesDescription": "T2w", "ProtocolName": "T2w"}
    check.write({"x/T2w.nii.gz": "", "x/T2w.json": words}, bare=True)
    (found,) = check("foreign").of("NAME_FOREIGN")
    assert found.message == "This looks like T2w: SeriesDescription 'T2w'."


def test_a_word_against_the_parameters_is_told(check: Checker) -> None:
    sidecar = {"InversionTime": 1, "EchoTime": 0.003, "RepetitionTime": 2, "FlipAngle": 9}
    check.write({"x/T2w_1.nii.gz": "", "x/T2w_1.json": sidecar}, bare=True)
    (found,) = check("foreign").of("NAME_FOREIGN")
    assert found.contrast == "T1w"
    assert "but the file is called 'T2w_1' would be T2w" in found.message


def test_undecided_is_no_name_yet(check: Checker) -> None:
    check.write({"x/S501.nii.gz": "", "x/S501.json": MT, "x/S502.nii.gz": ""}, bare=True)
    verdicts = check("foreign")
    pair, unknown = verdicts.of("NAME_UNDECIDED")
    assert pair.expected == ["MTon", "MToff"]
    assert "the cord is darker" in pair.suggestion
    assert unknown.expected is None
    assert verdicts.number("NAME_FOREIGN", Outcome.NOT_DETERMINABLE) == 2


def test_a_dataset_has_no_foreign_names(check: Checker) -> None:
    check.write({"sub-x/anat/T2w_4.nii.gz": ""})
    assert check("foreign") == []
