"""A small report with one of everything, as the engine would make it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spinegate.validator.finding import Finding, Origin, Outcome, Remedy, Scope, Severity, Status
from spinegate.validator.result import (
    Header,
    Report,
    RuleCount,
    Tally,
    Value,
    VariantUse,
    make_report,
)

ORIGIN = Origin("spinegate", "0.1.0", "spine-generic", "2025-11-22")
HEADER = Header("spine-generic", ORIGIN, "spine-generic 2025-11-22", "incoming", {"bids": "names"})
SITES = {"amu": 5, "beijingVerio": 4, "milan": 3, "ucl": 1}
SUFFIX = {"MTon": "flip-1_mt-on_MTS", "MToff": "flip-1_mt-off_MTS"}


def _path(participant: str, contrast: str) -> str:
    return f"sourcedata/{participant}/anat/{participant}_{SUFFIX.get(contrast, contrast)}.json"


def _people(site: str) -> list[str]:
    return [f"sub-{site}{number:02}" for number in range(1, SITES[site] + 1)]


def _scan(code: str, participant: str, contrast: str, message: str, **more: Any) -> Finding:
    values: dict[str, Any] = {
        "severity": Severity.ERROR,
        "scope": Scope.SCAN,
        "site": participant[4:].rstrip("0123456789"),
        "remedy": Remedy.REACQUIRE,
        **more,
    }
    place = _path(participant, contrast)
    return Finding(
        code, location=place, message=message, origin=ORIGIN, contrast=contrast, **values
    )


def _findings() -> list[Finding]:
    found = []
    for name in [*_people("amu"), *_people("beijingVerio")]:
        seconds = 2.1 if name == "sub-amu03" else 2
        text = f"RepetitionTime {seconds} s, expected 1.5 s ± 5 %"
        old = "The protocol before 2019-03-26 asked for 2 s: waive it, naming that version."
        found.append(
            _scan(
                "REPETITION_TIME_OUT_OF_TOLERANCE",
                name,
                "T2w",
                text,
                observed=seconds,
                expected=1.5,
                remedy=Remedy.WAIVE,
                suggestion=old,
            )
        )
    text = "RepetitionTime 0.108 s, expected 0.035 s ± 5 %"
    found += [
        _scan("REPETITION_TIME_OUT_OF_TOLERANCE", name, contrast, text)
        for name in _people("milan")[:2]
        for contrast in ("MTon", "MToff")
    ]
    edit = {"severity": Severity.WARNING, "remedy": Remedy.EDIT}
    found += [
        _scan("MT_STATE_MISSING", name, contrast, "MTState is missing", **edit)
        for site in SITES
        for name in _people(site)
        for contrast in ("MTon", "MToff")
        if name != "sub-milan03"
    ]
    wrong = "sub-ucl01/anat/sub_ucl01_T2w.nii.gz"
    right = "sub-ucl01/anat/sub-ucl01_T2w.nii.gz"
    found.append(
        Finding(
            "NOT_BIDS",
            Severity.ERROR,
            wrong,
            "sub_ucl01_T2w.nii.gz is not a BIDS name",
            ORIGIN,
            Scope.FILE,
            site="ucl",
            remedy=Remedy.RENAME,
            suggestion="Rename it to sub-ucl01_T2w.nii.gz.",
            fix={"op": "rename", "path": wrong, "to": right},
        )
    )
    found += [
        Finding(
            "EMPTY_CELL",
            Severity.WARNING,
            "participants.tsv",
            f"an empty cell in column {column}, BIDS says n/a",
            ORIGIN,
            Scope.DATASET,
            sub_code=column,
            line=line,
            remedy=Remedy.EDIT,
        )
        for line, column in ((3, "height"), (7, "weight"))
    ]
    found.append(
        Finding(
            "HOSTILE",
            Severity.WARNING,
            "sub-\\xff/a\x1b[2J.json",
            "evil\n::error::x \u202etxt <b> @someone #1 | https://x.org",
            ORIGIN,
            Scope.FILE,
        )
    )
    found.append(_scan("KNOWN", "sub-amu01", "T1w", "waived before", severity=Severity.IGNORE))
    return found


def _rules() -> list[RuleCount]:
    shims = {(site, "MTon"): Tally(0, 0, n) for site, n in SITES.items() if site != "amu"}
    return [
        RuleCount(
            "REPETITION_TIME_OUT_OF_TOLERANCE",
            40,
            13,
            0,
            ("CSA", "MTR"),
            "The repetition time is the protocol's.",
            "It sets contrast and saturation: sites can't be compared when it differs.",
            {("amu", "T2w"): Tally(0, 5, 0), ("beijingVerio", "T2w"): Tally(0, 4, 0)},
        ),
        RuleCount("MT_STATE_MISSING", 1, 24, 0, ("MTR",), "MTState is there."),
        RuleCount("NOT_BIDS", 20, 1, 0),
        RuleCount(
            "SHIM_SETTING_DIFFERS",
            4,
            0,
            9,
            ("MTR",),
            breakdown={**shims, ("amu", "MTon"): Tally(4, 0, 1)},
            reasons={"no ShimSetting in the sidecar": 8, "XA does not export it": 1},
        ),
        RuleCount("QFORM_SFORM_DISAGREE", 0, 0, 26, reasons={"content is absent": 26}),
    ]


def _variants() -> list[VariantUse]:
    match = "manufacturer and model match"
    uses = [VariantUse(name, "amu", "siemens-verio", match) for name in _people("amu")]
    uses += [
        VariantUse(n, "beijingVerio", "siemens-verio", match) for n in _people("beijingVerio")
    ]
    uses += [VariantUse(name, "milan", "philips-r5", match) for name in _people("milan")]
    return [*uses, VariantUse("sub-ucl01", "ucl", "", "no manufacturer in any sidecar")]


@pytest.fixture(scope="session")
def report() -> Report:
    """Thirteen participants of four sites with findings of every kind."""
    path = _path("sub-amu01", "T2w")
    value = Value(path, "RepetitionTime", 2, 1.5, "± 5 %", Outcome.NOT_MET, "amu", "T2w", "v", "s")
    return make_report(
        HEADER,
        _findings(),
        _rules(),
        values=[value],
        variants=_variants(),
        sites=SITES,
        files=12_345,
        scans=91,
        seconds=0.6249,
    )


WAIVER = {
    "severity": "error",
    "reason": "the coil was replaced",
    "by": "J. Doe",
    "until": "2026-12-31",
    "issue": "#12",
    "source": ".spinegate.yml",
}


def _change(finding: Finding) -> Finding:
    """Give a finding what a comparison, a policy and a plan would give it."""
    status = Status.NEW if finding.site in {"milan", "ucl"} else Status.OLD
    if finding.code == "KNOWN":
        return replace(finding, status=Status.OLD, policy=WAIVER)
    if finding.fix is not None:
        command = f"git mv {finding.location} {finding.fix['to']}"
    else:
        command = "spinegate curate fix MT_STATE_MISSING" if finding.code[:2] == "MT" else ""
    return replace(finding, status=status, command=command)


@pytest.fixture(scope="session")
def changed(report: Report) -> Report:
    """The same as a pull request: milan and ucl are new, two findings of amu were mended."""
    mended = [
        _scan("FLIP_ANGLE_OUT_OF_TOLERANCE", name, "T2w", "FlipAngle 180 degrees, expected 120")
        for name in _people("amu")[:2]
    ]
    return make_report(
        replace(report.header, base="origin/master"),
        [_change(finding) for finding in report.findings],
        report.rules,
        fixed=[replace(finding, status=Status.FIXED) for finding in mended],
        values=report.values,
        variants=report.variants,
        sites=report.sites,
        files=12_345,
        scans=91,
        seconds=0.6249,
    )


@pytest.fixture(scope="session")
def clean() -> Report:
    """A report without findings that still has a blind spot."""
    return make_report(HEADER, [], _rules()[-2:], sites=SITES, files=12_345, scans=91, seconds=0.5)
