"""Small reports to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from spinegate.validator.finding import Finding, Origin, Outcome, Remedy, Scope, Severity, Status
from spinegate.validator.result import Header, Report, RuleCount, Tally, Value, make_report

ORIGIN = Origin("spinegate", "0.1", "spine-generic", "2025")
CODE = "REPETITION_TIME_OUT_OF_TOLERANCE"
COMMAND = "git mv 'sub-a 1' \"sub-b\" && echo <b>"
POLICY = {"severity": "error", "reason": "known coil", "by": "J. Doe", "until": "2027-01-01",
          "source": ".spinegate.yml"}  # fmt: skip
SITES = {"amu": 5, "milan": 3, "ucl": 2}


def finding(participant: str, contrast: str = "T2w", **more: Any) -> Finding:
    values: dict[str, Any] = {
        "code": CODE,
        "severity": Severity.ERROR,
        "location": f"sourcedata/{participant}/anat/{participant}_{contrast}.nii.gz",
        "message": f"{contrast}: RepetitionTime is 2 s",
        "observed": 2,
        "expected": "1.5 s ± 5 %",
        "suggestion": "Compare the exam card.",
        "remedy": Remedy.REACQUIRE,
        "site": participant[4:-2],
        "contrast": contrast,
        **more,
    }
    return Finding(origin=ORIGIN, scope=Scope.SCAN, **values)


def small(*more: Finding) -> Report:
    """Three sites: errors at amu, warnings at milan, nothing known of ucl."""
    key: dict[str, Any] = {
        "code": "SIDECAR_KEY_MISSING",
        "severity": Severity.WARNING,
        "contrast": "",
    }
    found = [
        *(finding(f"sub-amu{n:02}", affects=("a.json", "b.json")) for n in range(1, 6)),
        finding("sub-milan01", **key, message="MTState is missing", observed=None, line=4),
        finding("sub-milan02", code="KNOWN", severity=Severity.IGNORE, message="waived before"),
        *more,
    ]
    cells = {
        ("amu", "T2w"): Tally(0, 5, 0),
        ("milan", "T2w"): Tally(3, 0, 1),
        ("ucl", "T2w"): Tally(0, 0, 2),
        ("amu", "T1w"): Tally(5, 0, 0),
    }
    missing = {("milan", "MTon"): Tally(2, 1, 0), ("amu", ""): Tally(9, 0, 0)}
    rules = [
        RuleCount(CODE, 8, 5, 3, ("csa_t2",), "Repetition time", "It sets contrast.", cells,
                  {"no RepetitionTime in the sidecar": 3}),
        RuleCount("SIDECAR_KEY_MISSING", 11, 1, 0, (), "Key missing", "Tools need it.", missing),
        RuleCount("NEVER_BROKEN", 7, 0, 0, (), "Never broken"),
    ]  # fmt: skip
    header = Header("spine-generic", ORIGIN, "spine-generic 2025", "strict")
    return make_report(
        header, found, rules, values=list(values()), sites=SITES, files=99, scans=10, seconds=0.5
    )


def changed(*more: Any) -> Report:
    """Milan's findings are new, amu's old; two were mended, one waived."""
    plain = small(*more)
    found = [
        replace(
            item,
            status=Status.NEW if item.site == "milan" else Status.OLD,
            policy=POLICY if item.severity is Severity.IGNORE else None,
            command=COMMAND if item.site == "milan" else "",
        )
        for item in plain.findings
    ]
    gone = [finding(f"sub-ucl{n:02}", "T1w", status=Status.FIXED) for n in (1, 2)]
    return make_report(
        replace(plain.header, base="origin/master"), found, plain.rules, fixed=gone,
        values=plain.values, sites=plain.sites, files=99, scans=10, seconds=0.5,
    )  # fmt: skip


def values() -> Iterator[Value]:
    """Repetition times of ten participants, one word of each as well."""
    for site, people in SITES.items():
        for number in range(1, people + 1):
            path = f"sourcedata/sub-{site}{number:02}/anat/sub-{site}{number:02}_T2w.nii.gz"
            seconds = {"amu": 2, "milan": 1.5, "ucl": None}[site]
            outcome = {
                "amu": Outcome.NOT_MET,
                "milan": Outcome.MET,
                "ucl": Outcome.NOT_DETERMINABLE,
            }
            variant = "ge" if site == "ucl" else "siemens-prisma"
            more = (site, "T2w", variant)
            asked = (seconds, 1.5, "± 5 %", outcome[site])
            yield Value(path, "RepetitionTime", *asked, *more, "s", 1.425, 1.575)
            yield Value(path, "ImageType", ["ORIGINAL", site], None, "", Outcome.MET, *more)
