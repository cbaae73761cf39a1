from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome

Checker = Any  # see conftest.py


def test_each_missing_contrast_is_a_finding_of_its_own(check: Checker) -> None:
    check.write({"sub-a1/anat/sub-a1_T1w.nii.gz": "", "sub-a1/dwi/sub-a1_dwi.nii.gz": ""})
    verdicts = check("contrasts")
    found = verdicts.of("CONTRAST_MISSING")
    assert {v.sub_code for v in found} == {"T2w", "T2star", "MTon", "MToff", "GRE-T1w"}
    assert {v.location for v in found} == {"sub-a1"}
    assert all(v.observed is None for v in found)  # what else is there would make it another
    assert verdicts.number("CONTRAST_MISSING", Outcome.MET) == 2


def test_a_misnamed_image_may_be_the_missing_one(check: Checker) -> None:
    check.write({"sub-a1/anat/sub-a1_T2W.nii.gz": "", "sub-a1/anat/T1w_4.nii.gz": ""})
    verdicts = check("contrasts")
    missing = {v.sub_code for v in verdicts.of("CONTRAST_MISSING")}
    assert not {"T1w", "T2w"} & missing
    (blind,) = verdicts.of("CONTRAST_MISSING", Outcome.NOT_DETERMINABLE)
    assert blind.contrast == "T2w"
    assert not verdicts.of("CONTRAST_UNEXPECTED")


def test_raw_images_alone_are_enough(check: Checker) -> None:
    check.write({"sourcedata/sub-a1/anat/sub-a1_T1w.nii.gz": ""})
    found = check("contrasts").of("CONTRAST_MISSING")
    assert "T1w" not in {v.sub_code for v in found}


def test_others_are_gathered_by_site_and_suffix(check: Checker) -> None:
    names = ("a1/anat/sub-a1_FLAIR", "a2/anat/sub-a2_acq-x_FLAIR", "b1/anat/sub-b1_FLAIR")
    check.write({f"sub-{name}.nii.gz": "" for name in names})
    first, second = check("contrasts").of("CONTRAST_UNEXPECTED")
    assert (first.site, first.count, first.observed) == ("a", 2, ["FLAIR", "acq-x_FLAIR"])
    assert first.affects == ("sub-a2/anat/sub-a2_acq-x_FLAIR.nii.gz",)
    assert second.message.startswith("The image ends in _FLAIR")


def test_in_a_bare_folder_the_folder_is_named(check: Checker) -> None:
    check.write({"p/1/T1w.nii.gz": "", "p/2/T2w.nii.gz": ""}, bare=True)
    found = check("contrasts").of("CONTRAST_MISSING")
    assert {v.location for v in found} == {"p"}
    assert found[0].message == "p has no T2star (its name ends in _T2star)."
    assert not check("contrasts").of("CONTRAST_UNEXPECTED")
