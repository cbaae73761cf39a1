"""Messages, reasons and fixes of rules written as expressions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spinegate.rules.loader import load_rules
from spinegate.rules.rule import Rule
from spinegate.validator.context import LazyContext
from spinegate.validator.wording import fill, first_reason, fix_of

HEAD = """\
CODE:
  scope: scan
  level: error
  why: It matters.
  source: Here.
  message: """
FULL = '"{contrast} of {site}: {observed} where {expected} was asked, {count} of {total}."'


def rule(tmp_path: Path, body: str, message: str = "It is wrong.") -> Rule:
    path = tmp_path / "rules.yaml"
    path.write_text(f"{HEAD}{message}\n{body}")
    (one,) = load_rules([path])
    return one


def context(**more: Any) -> LazyContext:
    eager = {
        "path": "sub-a01/anat/sub-a01_T1w.nii.gz",
        "contrast": "T1w",
        "site": "a",
        "suffix": "T1w",
        "subject": "a01",
        "session": None,
        "sidecar": {},
        "spec": {},
        **more,
    }
    return LazyContext(eager, {})


def test_fill(tmp_path: Path) -> None:
    one = rule(
        tmp_path,
        "  checks: [sidecar.EchoTime < 1]\n  observed: sidecar.EchoTime\n  expected: 0.5\n",
        FULL,
    )
    text = fill(one, context(sidecar={"EchoTime": 3.5}), {"count": 2, "total": 3})
    assert text == "T1w of a: 3.5 where 0.5 was asked, 2 of 3."


def test_what_is_not_known_is_written_as_such(tmp_path: Path) -> None:
    keys = "  observed: sidecar.EchoTime\n  expected: spec.EchoTime\n"
    one = rule(tmp_path, f"  checks: [sidecar.EchoTime < 1]\n{keys}", FULL)
    text = fill(one, context(site=None), {"count": 1, "total": 1})
    assert text == "T1w of n/a: n/a where n/a was asked, 1 of 1."


@pytest.mark.parametrize(
    ("check", "more", "reason"),
    [
        ("sidecar.EchoTime < 1", {}, "no EchoTime in the sidecar"),
        ("nifti_header.dim[4] == 1", {"nifti_header": None}, "the image's content is not here"),
        ("sidecar.EchoTime < 1", {"sidecar": {"EchoTime": []}}, "another type"),
        ("participant.sex == 'F'", {"participant": None}, "no participant.sex"),
    ],
)
def test_first_reason(tmp_path: Path, check: str, more: dict[str, Any], reason: str) -> None:
    one = rule(tmp_path, f'  checks: ["{check}"]\n')
    assert reason in first_reason(one, context(**more))


@pytest.mark.parametrize(
    ("body", "fix"),
    [
        ("", None),
        (
            "  fix: {op: set, key: MTState, value: true}\n",
            {
                "op": "set",
                "path": "sub-a01/anat/sub-a01_T1w.json",
                "key": "MTState",
                "value": True,
            },
        ),
        (
            "  fix: {op: remove, key: MTState}\n",
            {"op": "remove", "path": "sub-a01/anat/sub-a01_T1w.json", "key": "MTState"},
        ),
        (
            "  fix: {op: rename, value: subject}\n",
            {"op": "rename", "path": "sub-a01/anat/sub-a01_T1w.nii.gz", "to": "a01"},
        ),
    ],
)
def test_fix_of(tmp_path: Path, body: str, fix: dict[str, Any] | None) -> None:
    one = rule(tmp_path, f"  checks: [sidecar.EchoTime < 1]\n{body}")
    assert fix_of(one, context()) == fix
