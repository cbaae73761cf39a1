from __future__ import annotations

from typing import Any

from spinegate.validator.finding import Outcome, Severity

Checker = Any  # see conftest.py


IMAGE = "sub-a1/anat/sub-a1_T1w.nii.gz"
FILE = "sub-a1/anat/sub-a1_T1w.json"


def test_a_fault_tells_its_line_once(check: Checker) -> None:
    check.write({FILE: '{\n"EchoTime": 0.003,\n}'})
    (found,) = check("sidecars").of("SIDECAR_NOT_JSON")
    assert found.line in (2, 3)
    assert found.message.startswith("The text can't be read as JSON: ")
    assert found.message.count("line") <= 1
    assert found.site == "a"


def test_a_broken_file_hides_what_follows(check: Checker) -> None:
    check.write({FILE: '{"a": NaN, "a": 1,'})
    verdicts = check("sidecars")
    assert verdicts.number("SIDECAR_NOT_JSON", Outcome.NOT_MET) == 1
    assert verdicts.number("SIDECAR_DUPLICATE_KEY", Outcome.NOT_DETERMINABLE) == 1
    assert verdicts.number("SIDECAR_DUPLICATE_KEY", Outcome.MET) == 1  # the description


def test_two_faults_of_one_kind_in_one_file(check: Checker) -> None:
    check.write({FILE: '{"a": 1, "a": 2, "b": 1, "b": 2}'})
    verdicts = check("sidecars")
    found = verdicts.of("SIDECAR_DUPLICATE_KEY")
    assert [v.sub_code for v in found] == ["", "1"]
    assert verdicts.number("SIDECAR_NOT_JSON", Outcome.MET) == 2


def test_an_image_alone(check: Checker) -> None:
    check.write({IMAGE: ""})
    (found,) = check("sidecars").of("SIDECAR_MISSING")
    assert (found.location, found.expected, found.contrast) == (IMAGE, FILE, "T1w")


def test_derivatives_are_gathered(check: Checker) -> None:
    names = [f"sub-{n}/anat/sub-{n}_T1w_label-SC_seg" for n in ("a1", "a2", "b1")]
    check.write({f"derivatives/labels/{name}.nii.gz": "" for name in names})
    first, second = check("sidecars").of("SIDECAR_MISSING")
    assert (first.site, first.count, len(first.affects)) == ("a", 2, 1)
    assert first.message.startswith("2 images of derivatives/labels have no sidecar")
    assert second.message.startswith("The image has no sidecar")
    assert first.severity is second.severity is Severity.WARNING


def test_a_sidecar_that_is_elsewhere_is_not_missing(check: Checker) -> None:
    check.write({IMAGE: "", FILE: "/annex/objects/MD5E-s3--00.json\n"})
    verdicts = check("sidecars", "keys")
    assert not verdicts.of("SIDECAR_MISSING")
    assert not verdicts.of("SIDECAR_KEY_MISSING")
